#include "support/backends.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/vector/vector_database.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace {

using testing::HasSubstr;
using wharf::document;
using wharf::embedded_document;
using wharf::embedding;

embedding direction(float x, float y, float z) {
    embedding made;
    made.assign({x, y, z});
    return made;
}

template <class Backend>
class vector_on : public testing::Test {
protected:
    vector_on() : pool(database.url(), {.max_size = 4}), db(pool, {.dimensions = 3}) { db.create_schema(); }

    std::int64_t rows_in(const std::string& table) {
        return pool.acquire().template query<std::int64_t>(wharf::raw_sql("SELECT count(*) FROM " + table)).one();
    }
    template <class Error, class Call>
    void expect_refused(Call call, const std::string& text) {
        try {
            call();
            ADD_FAILURE() << "was accepted";
        } catch (const Error& error) {
            EXPECT_THAT(error.what(), HasSubstr(text));
        }
        EXPECT_EQ(rows_in("documents"), 0);
        EXPECT_EQ(rows_in("embeddings"), 0);
    }

    Backend database;
    wharf::pool pool;
    wharf::vector_database db;
};

TYPED_TEST_SUITE(vector_on, wharf::test::backends);

TYPED_TEST(vector_on, document_with_two_embeddings__is_stored_whole) {
    const auto id = this->db.add_document(document("title", "content").metadata("lang", "en").external_id("x-1"),
                                          std::vector<embedding>{direction(1, 0, 0), direction(0, 1, 0)});
    EXPECT_GT(id, 0);
    EXPECT_EQ(this->db.count(), 1);
    EXPECT_EQ(this->rows_in("embeddings"), 2);

    const auto found = this->db.search(direction(0, 2, 0), {.limit = 5});
    ASSERT_EQ(found.size(), 1U) << "one document, by its nearest embedding";
    const auto& hit = found[0];
    EXPECT_EQ(hit.document.id, id);
    EXPECT_NEAR(hit.distance, 0, 1e-9);
    EXPECT_EQ(hit.ordinal, 1);
    EXPECT_EQ(hit.document.title, "title");
    EXPECT_EQ(hit.document.content, "content");
    EXPECT_EQ(hit.document.external_id, "x-1");
    EXPECT_THAT(hit.document.metadata.text(), HasSubstr("lang"));
    EXPECT_GT(hit.document.created_at.time_since_epoch().count(), 0);
    EXPECT_EQ(found.requested(), 5U);
    EXPECT_TRUE(found.exhausted());
    EXPECT_FALSE(found.approximate());
}

TYPED_TEST(vector_on, documents_added_together__get_their_ids_in_order) {
    std::vector<embedded_document> added;
    for (int i = 0; i < 20; ++i) {
        added.emplace_back(document("d" + std::to_string(i)), direction(1, static_cast<float>(i), 0));
    }
    const auto ids = this->db.add_documents(added);
    ASSERT_EQ(ids.size(), 20U);
    const auto found = this->db.search(direction(1, 7, 0), {.limit = 1});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].document.id, ids[7]);
    EXPECT_EQ(found[0].document.title, "d7");
    EXPECT_FALSE(found.exhausted());
}

TYPED_TEST(vector_on, none_added__does_nothing) {
    EXPECT_TRUE(this->db.add_documents({}).empty());
}

TYPED_TEST(vector_on, metadata_filter__lets_equal_values_through_only) {
    const auto english =
        this->db.add_document(document("en").metadata("lang", "en").metadata("year", 2024), direction(1, 0, 0));
    this->db.add_document(document("de").metadata("lang", "de").metadata("year", 2024), direction(1, 0, 0));
    this->db.add_document(document("text").metadata("lang", "en").metadata("year", "2024"), direction(1, 0, 0));
    this->db.add_document(document("none"), direction(1, 0, 0));

    const auto found =
        this->db.search(direction(1, 0, 0), {}, wharf::metadata_filter("lang", "en").and_equal("year", 2024));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].document.id, english);
    EXPECT_EQ(this->db.search(direction(1, 0, 0), {}, wharf::metadata_filter("year", 2024.0)).size(), 2U);
    EXPECT_EQ(this->db.search(direction(1, 0, 0), {}, wharf::metadata_filter("a\"b'$", "x")).size(), 0U);
    EXPECT_EQ(this->db.search(direction(1, 0, 0)).size(), 4U);
}

TYPED_TEST(vector_on, equal_distances__come_by_id) {
    std::vector<std::int64_t> ids;
    for (int i = 0; i < 5; ++i)
        ids.push_back(this->db.add_document(document("same"), direction(0, 0, 1)));
    const auto found = this->db.search(direction(0, 0, 1));
    ASSERT_EQ(found.size(), 5U);
    for (std::size_t i = 0; i < 5; ++i)
        EXPECT_EQ(found[i].document.id, ids[i]);
}

TYPED_TEST(vector_on, wrong_dimension__is_refused_and_writes_nothing) {
    const embedding two(2, 1.0F);
    this->template expect_refused<wharf::invalid_embedding>([&] { this->db.add_document(document("t"), two); },
                                                            "has 2 dimensions; this database stores 3");
    EXPECT_THROW((void)this->db.search(two), wharf::invalid_embedding);
}

TYPED_TEST(vector_on, nan_or_infinity__is_refused_with_its_place) {
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
        this->template expect_refused<wharf::invalid_embedding>(
            [&] { this->db.add_document(document("t"), direction(1, 2, bad)); },
            "at index 2; every number must be finite");
    }
}

TYPED_TEST(vector_on, empty_zero_or_no_embedding__is_refused) {
    this->template expect_refused<wharf::invalid_embedding>([&] { this->db.add_document(document("t"), embedding()); },
                                                            "is empty");
    this->template expect_refused<wharf::invalid_embedding>(
        [&] { this->db.add_document(document("t"), direction(0, 0, 0)); }, "all zeros");
    this->template expect_refused<wharf::invalid_embedding>(
        [&] { this->db.add_document(document("t"), std::vector<embedding>()); }, "needs at least one");
}

TYPED_TEST(vector_on, one_bad_embedding_among_good_ones__writes_none_of_them) {
    std::vector<embedded_document> added;
    added.emplace_back(document("good"), direction(1, 0, 0));
    added.emplace_back(document("bad"), direction(0, 0, 0));
    this->template expect_refused<wharf::invalid_embedding>([&] { (void)this->db.add_documents(added); },
                                                            "of document 1");
}

TYPED_TEST(vector_on, external_id_taken__writes_none_of_the_batch) {
    std::vector<embedded_document> added;
    added.emplace_back(document("one").external_id("same"), direction(1, 0, 0));
    added.emplace_back(document("two").external_id("same"), direction(1, 0, 0));
    this->template expect_refused<wharf::unique_violation>([&] { (void)this->db.add_documents(added); }, "external_id");
}

TYPED_TEST(vector_on, removed_document__is_gone_with_its_embeddings) {
    const auto id = this->db.add_document(document("t"), direction(1, 0, 0));
    this->db.remove_document(id);
    EXPECT_EQ(this->rows_in("embeddings"), 0);
    this->template expect_refused<wharf::no_result>([&] { this->db.remove_document(id); },
                                                    "no document with id " + std::to_string(id));
}

TYPED_TEST(vector_on, schema_created_twice__is_kept_and_checked) {
    this->db.create_schema();
    wharf::vector_database other(this->pool, {.dimensions = 4});
    EXPECT_THROW(other.create_schema(), wharf::configuration_error);
}

TYPED_TEST(vector_on, names_with_quotes__are_quoted) {
    wharf::vector_database odd(this->pool, {.dimensions = 3, .documents = "my \"docs\"", .embeddings = "it's"});
    odd.create_schema();
    (void)odd.add_document(document("t"), direction(1, 0, 0));
    EXPECT_EQ(odd.search(direction(1, 0, 0)).size(), 1U);
}

TYPED_TEST(vector_on, options_that_cannot_work__are_refused) {
    EXPECT_THROW(wharf::vector_database(this->pool, {}), wharf::configuration_error);
    EXPECT_THROW(wharf::vector_database(this->pool, {.dimensions = 16'001}), wharf::configuration_error);
    EXPECT_THROW(wharf::vector_database(this->pool, {.dimensions = 3, .documents = ""}), wharf::configuration_error);
    EXPECT_THROW((void)this->db.search(direction(1, 0, 0), {.limit = 0}), wharf::usage_error);
}

TYPED_TEST(vector_on, describe__names_backend_and_scan) {
    EXPECT_THAT(this->db.describe(), HasSubstr(TypeParam::is_postgres ? "real[]" : "float32 blob"));
    EXPECT_THAT(this->db.describe(), HasSubstr("exact scan"));
}

/// Random directions, some of them doubled, against a plain scan here.
TYPED_TEST(vector_on, search_among_random_documents__finds_what_an_exact_scan_finds) {
    constexpr std::size_t dimensions = 20;
    wharf::vector_database many(this->pool, {.dimensions = dimensions, .documents = "r", .embeddings = "re"});
    many.create_schema();
    std::mt19937 random(7);
    std::normal_distribution<float> number;
    const auto any = [&] {
        embedding made(dimensions);
        for (auto& value : made)
            value = number(random);
        return made;
    };
    std::vector<embedded_document> added;
    for (int i = 0; i < 500; ++i)
        added.emplace_back(document("r"), any());
    const auto ids = many.add_documents(added);

    const auto query = any();
    std::vector<std::pair<double, std::int64_t>> expected;
    for (std::size_t i = 0; i < added.size(); ++i) {
        double product = 0;
        double left = 0;
        double right = 0;
        const auto& stored = added[i].embeddings().front();
        for (std::size_t k = 0; k < dimensions; ++k) {
            product += static_cast<double>(stored[k]) * static_cast<double>(query[k]);
            left += static_cast<double>(stored[k]) * static_cast<double>(stored[k]);
            right += static_cast<double>(query[k]) * static_cast<double>(query[k]);
        }
        expected.emplace_back(1 - product / std::sqrt(left * right), ids[i]);
    }
    std::ranges::sort(expected);
    const auto found = many.search(query, {.limit = 25});
    ASSERT_EQ(found.size(), 25U);
    for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_EQ(found[i].document.id, expected[i].second) << "at " << i;
        EXPECT_NEAR(found[i].distance, expected[i].first, 1e-6);
    }
}

} // namespace
