// A search on the real package descriptions finds what a plain scan finds.
#include "embedding.hpp"
#include "packages.hpp"

#include "support/backends.hpp"
#include "wharf/wharf.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace {

template <class Backend>
class package_search : public testing::Test {
protected:
    Backend database;
};
TYPED_TEST_SUITE(package_search, wharf::test::backends);

TYPED_TEST(package_search, finds_what_an_exact_scan_finds) {
    const auto packages = demo::read_packages(std::filesystem::path(demo::dpkg_status));
    std::vector<wharf::embedded_document> added;
    added.reserve(packages.size());
    for (const auto& package : packages) {
        added.emplace_back(wharf::document(package.name).metadata("section", package.section),
                           demo::embed(package.name + ' ' + package.summary, package.description));
    }
    wharf::pool pool{this->database.url()};
    wharf::vector_database db{pool, {.dimensions = demo::embedding_dimensions}};
    db.create_schema();
    const auto ids = db.add_documents(added);
    ASSERT_EQ(ids.size(), packages.size());

    for (const std::string text : {"web browser", "compress files", "c++ compiler"}) {
        for (const std::string section : {"", "libs"}) {
            const auto query = demo::embed(text);
            std::vector<std::pair<double, std::int64_t>> expected;
            for (std::size_t i = 0; i < packages.size(); ++i) {
                if (!section.empty() && packages[i].section != section) continue;
                double product = 0;
                for (std::size_t k = 0; k < query.size(); ++k) {
                    product += static_cast<double>(query[k]) * static_cast<double>(added[i].embeddings()[0][k]);
                }
                expected.emplace_back(1 - product, ids[i]);
            }
            std::ranges::sort(expected);
            wharf::metadata_filter filter;
            if (!section.empty()) filter.and_equal("section", section);
            const auto found = db.search(query, {.limit = 10}, filter);
            ASSERT_EQ(found.size(), std::min<std::size_t>(10, expected.size())) << text;
            for (std::size_t i = 0; i < found.size(); ++i) {
                EXPECT_NEAR(found[i].distance, expected[i].first, 1e-5) << text << " at " << i;
                const auto same =
                    std::ranges::find(expected, found[i].document.id, &std::pair<double, std::int64_t>::second);
                ASSERT_NE(same, expected.end());
                EXPECT_NEAR(same->first, expected[i].first, 1e-5) << "the hit at " << i << " belongs there";
            }
        }
    }
}

} // namespace
