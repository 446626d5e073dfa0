// Usage 4: a document and its embeddings in one transaction, through a pool of 2 to 10 connections.
#include "support/backends.hpp"
#include "support/run_async.hpp"
#include "wharf/asio.hpp"
#include "wharf/wharf.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace {

namespace asio = boost::asio;
using wharf::document;
using wharf::embedding;

embedding numbered(int i) {
    embedding made(8, 0.5F);
    made[0] = static_cast<float>(i);
    return made;
}

template <class Backend>
class vector_usage : public testing::Test {
protected:
    Backend database;
};
TYPED_TEST_SUITE(vector_usage, wharf::test::backends);

TYPED_TEST(vector_usage, blocking__documents_are_found_with_their_metadata) {
    wharf::pool pool{this->database.url(), {.min_size = 2, .max_size = 10}};
    wharf::vector_database db{pool, {.dimensions = 8}};
    db.create_schema();
    const auto id = db.add_document(document{"title", "content"}.metadata("lang", "en"), numbered(1));
    db.add_document(document{"other"}, numbered(-9));
    const auto found = db.search(numbered(1), {.limit = 10}, wharf::metadata_filter{"lang", "en"});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].document.id, id);
    db.remove_document(id);
    EXPECT_EQ(db.count(), 1);
}

asio::awaitable<void> add_some(wharf::async_vector_database& db, int first, int& failures) {
    for (int i = first; i < first + 10; ++i) {
        co_await db.add_document(
            document("document " + std::to_string(i)).metadata("number", i).external_id(std::to_string(i)),
            numbered(i));
        bool refused = false;
        try {
            co_await db.add_document(document("again").external_id(std::to_string(i)), numbered(i));
        } catch (const wharf::unique_violation&) {
            refused = true;
        }
        if (!refused) ++failures;
    }
}

asio::awaitable<void> check(wharf::async_vector_database& db) {
    EXPECT_EQ(co_await db.count(), 80);
    const wharf::search_options three{.limit = 3};
    const auto found = co_await db.search(numbered(17), three);
    EXPECT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0].document.title, "document 17");
}

TYPED_TEST(vector_usage, async__many_tasks_write_through_one_pool) {
    asio::io_context context;
    wharf::async_pool pool{context.get_executor(), this->database.url(), {.min_size = 2, .max_size = 10}};
    wharf::async_vector_database db{pool, {.dimensions = 8}};
    wharf::test::run_async(context, db.create_schema());
    int failures = 0;
    for (int task = 0; task < 8; ++task) {
        asio::co_spawn(context, add_some(db, task * 10, failures), [](std::exception_ptr failure) {
            if (failure) std::rethrow_exception(failure);
        });
    }
    context.run();
    context.restart();
    EXPECT_EQ(failures, 0);
    wharf::test::run_async(context, check(db));
    EXPECT_LE(pool.stats().peak_lent, 10U);
    EXPECT_EQ(pool.stats().lent, 0U);
}

} // namespace
