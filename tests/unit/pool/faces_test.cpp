// basic_pool, basic_connection and basic_transaction, run in a virtual world.
#include "unit/pool/pool_fixture.hpp"
#include "wharf/pool/pool.hpp"

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using wharf::test::stub_database;
using wharf::test::virtual_world;

virtual_world* current_world = nullptr;

/// Runs ops in the virtual world until they are done.
struct in_world {
    template <class T>
    using result = T;
    template <class T>
    static T run(wharf::io::background&, wharf::io::op<T> work, const wharf::call_options& options = {}) {
        auto running = current_world->start(std::move(work), options.deadline());
        EXPECT_TRUE(current_world->run_until_done(running));
        return running.get();
    }
};

class pool_faces : public testing::Test {
protected:
    pool_faces() { current_world = &world; }

    virtual_world world{};
    std::shared_ptr<stub_database> database = std::make_shared<stub_database>(world);
    std::vector<std::vector<std::string>>& batches = database->rules->batches;
    wharf::basic_pool<in_world> pool{database,
                                     [this] { return std::make_shared<virtual_world::background>(world); },
                                     {.min_size = 1, .max_size = 2},
                                     world};
};

TEST_F(pool_faces, connection__executes_and_goes_back_at_the_end_of_its_scope) {
    pool.open();
    {
        auto conn = pool.acquire();
        conn.execute("INSERT INTO t VALUES ($1, $2)", 1, "two");
        EXPECT_EQ(pool.stats().lent, 1U);
    }
    EXPECT_EQ(pool.stats().lent, 0U);
    EXPECT_THAT(batches, ElementsAre(ElementsAre("INSERT INTO t VALUES ($1, $2)")));
}

TEST_F(pool_faces, query__reads_rows) {
    database->rules->numbers["SELECT id FROM t"] = {7, 8};
    auto conn = pool.acquire();
    std::vector<std::int64_t> ids;
    for (const auto id : conn.query<std::int64_t>("SELECT id FROM t"))
        ids.push_back(id);
    EXPECT_THAT(ids, ElementsAre(7, 8));
    EXPECT_THROW(static_cast<void>(conn.query<std::int64_t>("SELECT id FROM t").one()), wharf::multiple_results);
    EXPECT_EQ(conn.execute("SELECT id FROM t").rows, 2U);
}

TEST_F(pool_faces, rows_that_do_not_fit__throw_and_the_connection_is_good) {
    database->rules->numbers["SELECT id FROM t"] = {7};
    auto conn = pool.acquire();
    EXPECT_THROW(static_cast<void>(conn.query<std::int64_t, std::string>("SELECT id FROM t")), wharf::conversion_error);
    EXPECT_EQ(conn.query<std::int64_t>("SELECT id FROM t").one(), 7);
}

TEST_F(pool_faces, statement_fails__throws_its_error_and_the_connection_is_good) {
    database->rules->failing["SELEC"] = "42601";
    auto conn = pool.acquire();
    EXPECT_THROW(conn.execute("SELEC"), wharf::syntax_error);
    EXPECT_NO_THROW(conn.execute("SELECT"));
}

TEST_F(pool_faces, call_options_after_the_arguments__limit_the_call) {
    auto conn = pool.acquire();
    database->rules->park_once = true;
    EXPECT_THROW(conn.execute("SELECT $1", 1, wharf::call_options(world.now() + 2s)), wharf::cancelled);
    EXPECT_FALSE(conn.core().usable());
}

TEST_F(pool_faces, transaction_committed__sends_begin_with_the_statement) {
    auto conn = pool.acquire();
    auto tx = conn.begin();
    conn.execute("INSERT");
    tx.commit();
    EXPECT_THAT(batches, ElementsAre(ElementsAre("BEGIN", "INSERT"), ElementsAre("COMMIT")));
    EXPECT_THROW(tx.commit(), wharf::usage_error);
    EXPECT_THROW(tx.rollback(), wharf::usage_error);
}

TEST_F(pool_faces, transaction_abandoned__is_rolled_back_by_the_pool) {
    {
        auto conn = pool.acquire();
        auto tx = conn.begin();
        conn.execute("INSERT");
    }
    world.settle();
    EXPECT_THAT(batches, ElementsAre(ElementsAre("BEGIN", "INSERT"), ElementsAre("ROLLBACK")));
    EXPECT_EQ(pool.stats().cleaned, 1U);
}

TEST_F(pool_faces, transaction_outlives_its_lease__harms_nobody) {
    auto conn = pool.acquire();
    auto tx = conn.begin();
    conn.release();
    auto next = pool.acquire();
    auto next_tx = next.begin();
    next.execute("INSERT");
    EXPECT_THROW(tx.commit(), wharf::usage_error);
    {
        const auto ended = std::move(tx);
    }
    EXPECT_TRUE(next.core().in_transaction());
    next_tx.commit();
    EXPECT_THAT(batches.back(), ElementsAre("COMMIT"));
}

TEST_F(pool_faces, transaction_that_has_ended__does_not_end_the_next_one) {
    auto conn = pool.acquire();
    {
        auto first = conn.begin();
        conn.execute("INSERT");
        conn.execute("COMMIT");
        auto second = conn.begin();
        conn.execute("UPDATE");
        {
            const auto ended = std::move(first);
        }
        second.commit();
    }
    EXPECT_THAT(batches.back(), ElementsAre("COMMIT"));
}

TEST_F(pool_faces, savepoint__rolls_back_alone) {
    auto conn = pool.acquire();
    auto tx = conn.begin();
    conn.execute("A");
    {
        auto inner = tx.savepoint();
        conn.execute("B");
        EXPECT_THROW(static_cast<void>(tx.savepoint()), wharf::usage_error);
    }
    conn.execute("C");
    tx.commit();
    EXPECT_THAT(batches, ElementsAre(ElementsAre("BEGIN", "A"), ElementsAre("SAVEPOINT wharf_1", "B"),
                                     ElementsAre("ROLLBACK TO SAVEPOINT wharf_1", "RELEASE SAVEPOINT wharf_1", "C"),
                                     ElementsAre("COMMIT")));
}

TEST_F(pool_faces, used_after_release__is_refused) {
    auto conn = pool.acquire();
    conn.release();
    EXPECT_FALSE(conn);
    EXPECT_THROW(conn.execute("SELECT"), wharf::usage_error);
    EXPECT_THROW(static_cast<void>(conn.begin()), wharf::usage_error);
}

TEST_F(pool_faces, begin_twice__is_refused) {
    auto conn = pool.acquire();
    auto tx = conn.begin();
    EXPECT_THROW(static_cast<void>(conn.begin()), wharf::usage_error);
}

} // namespace
