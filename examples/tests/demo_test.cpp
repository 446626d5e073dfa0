// The demo's parts that need no database.
#include "embedding.hpp"
#include "packages.hpp"
#include "progress.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <numeric>
#include <sstream>
#include <string>

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(read_packages, paragraphs__become_packages_with_their_whole_description) {
    std::istringstream status(
        "Package: gzip\nSection: utils\nMaintainer: M <m@x>\nVersion: 1.12\n"
        "Description: GNU compression utilities\n first line\n .\n second: line\nHomepage: http://x\n"
        "\nPackage: bare\nStatus: purged\n\n\nPackage: last\nDescription: ends without a blank line");
    const auto found = demo::read_packages(status);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].name, "gzip");
    EXPECT_EQ(found[0].section, "utils");
    EXPECT_EQ(found[0].maintainer, "M <m@x>");
    EXPECT_EQ(found[0].version, "1.12");
    EXPECT_EQ(found[0].summary, "GNU compression utilities");
    EXPECT_EQ(found[0].description, "GNU compression utilities\nfirst line\n\nsecond: line");
    EXPECT_EQ(found[1].name, "last");
}

TEST(read_packages, no_such_file_or_none_in_it__says_so) {
    EXPECT_THROW((void)demo::read_packages(std::filesystem::path("/nonexistent")), std::runtime_error);
    EXPECT_THROW((void)demo::read_packages(std::filesystem::path("/dev/null")), std::runtime_error);
}

float product(const std::vector<float>& a, const std::vector<float>& b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0F);
}

TEST(embedding, text__has_length_one_and_is_nearest_to_texts_that_share_words) {
    const auto query = demo::embed("compress files");
    EXPECT_NEAR(product(query, query), 1, 1e-5);
    EXPECT_GT(product(query, demo::embed("gzip", "compress and decompress files")),
              product(query, demo::embed("apache", "a web server")));
}

TEST(embedding, no_words__is_all_zeros) {
    EXPECT_EQ(product(demo::embed("-- !"), demo::embed("-- !")), 0);
}

TEST(progress, elsewhere_than_on_a_terminal__prints_plain_lines) {
    std::ostringstream out;
    const auto start = demo::progress::clock::now();
    demo::progress shown(out, false, "things", 100);
    for (std::size_t done = 1; done <= 100; ++done)
        shown.update(done, start + done * 10ms);
    shown.finish(start + 1s);
    EXPECT_THAT(out.str(), HasSubstr("things: 50 of 100, "));
    EXPECT_THAT(out.str(), HasSubstr("things: 100 of 100 in 1.0"));
    EXPECT_EQ(out.str().find('\r'), std::string::npos);
    EXPECT_LE(std::ranges::count(out.str(), '\n'), 12);
}

TEST(progress, on_a_terminal__redraws_one_line_with_rate_and_remaining_time) {
    std::ostringstream out;
    const auto start = demo::progress::clock::now();
    demo::progress shown(out, true, "things", 100, 60);
    shown.update(50, start + 5s);
    EXPECT_THAT(out.str(), HasSubstr("\rthings [#"));
    EXPECT_THAT(out.str(), HasSubstr("50/100  10/s  0:05 left"));
    EXPECT_EQ(out.str().find('\n'), std::string::npos);
    EXPECT_LE(out.str().size(), 60U + 4U) << "it fits the line";
}

} // namespace
