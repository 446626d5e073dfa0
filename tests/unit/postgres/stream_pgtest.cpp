// Rows as they come: chunks, fetch sizes, and streams that are left or end badly.
#include "connected.hpp"

#include "support/abandon.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/row/decode.hpp"

#include <numeric>

namespace wharf::postgres {
namespace {

constexpr std::string_view numbers = "SELECT n::int8 FROM generate_series(1, $1::int8) n";

class stream_pgtest : public connected_pgtest {
protected:
    // Null when the statement has failed; its error is thrown.
    template <class... T>
    std::unique_ptr<row_stream> open(std::string_view sql, std::uint32_t fetch_size, const T&... values) {
        batch_item item;
        return open_behind({}, item, sql, fetch_size, values...);
    }
    template <class... T>
    std::unique_ptr<row_stream> open_behind(std::vector<batch_item> items, batch_item& item, std::string_view sql,
                                            std::uint32_t fetch_size, const T&... values) {
        parameters given;
        encode_parameters(given, values...);
        item.sql = sql;
        item.values = &given;
        items.push_back(item);
        stream_options options;
        options.fetch_size = fetch_size;
        auto opened = io::run(connection_->open_rows(items, options), call_options(std::chrono::seconds(60)));
        if (items.back().error) std::rethrow_exception(items.back().error);
        return opened;
    }
    static row_chunk next(row_stream& from) { return io::run(from.next(), call_options(std::chrono::seconds(60))); }
    // Reads to the end and returns the sizes of the chunks.
    std::vector<std::size_t> read_all(row_stream& from) {
        std::vector<std::size_t> sizes;
        for (auto chunk = next(from); !chunk.empty(); chunk = next(from)) {
            sizes.push_back(chunk.size());
            for (const char* const body : chunk)
                last_ = decode_row<std::int64_t>(row_view(from.shape(), body));
            count_ += chunk.size();
        }
        return sizes;
    }
    [[nodiscard]] std::uint64_t trips() const { return connection_->counters().round_trips; }
    std::int64_t select(std::int64_t number) {
        return query<std::int64_t>(*connection_, "SELECT $1::int8", number).one();
    }

    std::int64_t last_{0};
    std::size_t count_{0};
};

TEST_F(stream_pgtest, all_rows_come_in_chunks_of_bounded_size_with_one_round_trip) {
    (void)open(numbers, 0, 0);
    const auto before = trips();
    const auto rows = open(numbers, 0, 300'000);
    EXPECT_FALSE(connection_->usable());
    const auto sizes = read_all(*rows);
    EXPECT_EQ(count_, 300'000U);
    EXPECT_EQ(last_, 300'000);
    EXPECT_GT(sizes.size(), 20U);
    EXPECT_LE(*std::ranges::max_element(sizes), 10'000U); // of 19 bytes each
    EXPECT_EQ(trips() - before, 1U);
    EXPECT_TRUE(connection_->usable());
    EXPECT_EQ(select(7), 7);
}

TEST_F(stream_pgtest, cold_statement_costs_one_more_round_trip) {
    const auto before = trips();
    const auto rows = open(numbers, 0, 3);
    read_all(*rows);
    EXPECT_EQ(trips() - before, 2U);
    EXPECT_EQ(count_, 3U);
}

TEST_F(stream_pgtest, fetch_size_bounds_what_is_asked_for_outside_a_transaction_too) {
    (void)open(numbers, 0, 0);
    for (const bool in_transaction : {false, true}) {
        SCOPED_TRACE(in_transaction);
        if (in_transaction) {
            auto begin = utility("BEGIN");
            run(*connection_, std::span(&begin, 1));
        }
        count_ = 0;
        const auto before = trips();
        const auto rows = open(numbers, 4, 10);
        for (const auto size : read_all(*rows))
            EXPECT_LE(size, 4U);
        EXPECT_EQ(count_, 10U);
        EXPECT_EQ(trips() - before, 4U); // 4 + 4 + 2, and the end
        const auto now = in_transaction ? wharf::transaction_status::active : wharf::transaction_status::idle;
        EXPECT_EQ(connection_->status(), now);
        EXPECT_EQ(select(7), 7);
    }
}

TEST_F(stream_pgtest, fetch_size_that_divides_the_rows_asks_once_more_and_ends) {
    const auto rows = open(numbers, 5, 10);
    read_all(*rows);
    EXPECT_EQ(count_, 10U);
    EXPECT_EQ(select(7), 7);
}

TEST_F(stream_pgtest, no_rows_end_at_once) {
    for (const std::uint32_t fetch_size : {0U, 4U}) {
        const auto rows = open(numbers, fetch_size, 0);
        EXPECT_EQ(rows->shape().columns.size(), 1U);
        EXPECT_TRUE(next(*rows).empty());
        EXPECT_TRUE(next(*rows).empty());
        EXPECT_EQ(select(7), 7);
    }
}

TEST_F(stream_pgtest, statement_without_rows_is_an_empty_stream) {
    for (const std::uint32_t fetch_size : {0U, 4U}) {
        const auto rows = open("CREATE TABLE IF NOT EXISTS t(n int8)", fetch_size);
        EXPECT_TRUE(next(*rows).empty());
        EXPECT_TRUE(rows->shape().columns.empty());
        EXPECT_EQ(select(7), 7);
    }
}

TEST_F(stream_pgtest, begin_in_front_travels_in_the_same_write) {
    (void)open(numbers, 0, 0);
    for (const std::uint32_t fetch_size : {0U, 4U}) {
        const auto before = trips();
        batch_item item;
        const auto rows = open_behind({utility("BEGIN")}, item, numbers, fetch_size, 3);
        EXPECT_EQ(trips() - before, 1U);
        EXPECT_EQ(connection_->status(), wharf::transaction_status::active);
        read_all(*rows);
        EXPECT_EQ(connection_->status(), wharf::transaction_status::active);
        auto rollback = utility("ROLLBACK");
        run(*connection_, std::span(&rollback, 1));
    }
}

TEST_F(stream_pgtest, rows_of_an_insert_are_committed_with_the_end) {
    execute(*connection_, "CREATE TABLE t(n int8)");
    for (const std::uint32_t fetch_size : {0U, 4U}) {
        const auto rows = open("INSERT INTO t SELECT generate_series(1, 10) RETURNING n", fetch_size);
        read_all(*rows);
    }
    EXPECT_EQ(count_, 20U);
    EXPECT_EQ(database_.value("SELECT count(*) FROM t"), "20");
}

TEST_F(stream_pgtest, error_behind_some_rows_is_thrown_and_leaves_the_connection_idle) {
    for (const std::uint32_t fetch_size : {0U, 1000U}) {
        SCOPED_TRACE(fetch_size);
        count_ = 0;
        const auto rows = open("SELECT 1/(20000 - n) FROM generate_series(1, 50000) n", fetch_size);
        EXPECT_THROW(
            {
                for (auto chunk = next(*rows); !chunk.empty(); chunk = next(*rows))
                    count_ += chunk.size();
            },
            data_error);
        EXPECT_GT(count_, 0U);
        EXPECT_TRUE(next(*rows).empty());
        EXPECT_TRUE(connection_->usable());
        EXPECT_EQ(connection_->status(), wharf::transaction_status::idle);
        EXPECT_EQ(select(7), 7);
    }
}

TEST_F(stream_pgtest, error_before_any_row_is_left_in_the_item) {
    for (const std::uint32_t fetch_size : {0U, 4U}) {
        EXPECT_THROW((void)open("SELECT 1/$1::int8", fetch_size, 0), data_error);
        EXPECT_THROW((void)open("SELEKT", fetch_size), database_error);
        EXPECT_THROW((void)open(numbers, fetch_size), usage_error);
        EXPECT_EQ(select(7), 7);
    }
}

TEST_F(stream_pgtest, failed_transaction_refuses_a_stream_and_stays_failed) {
    auto begin = utility("BEGIN");
    run(*connection_, std::span(&begin, 1));
    EXPECT_THROW((void)open("SELECT 1/$1::int8", 4, 0), data_error);
    EXPECT_EQ(connection_->status(), wharf::transaction_status::failed);
    EXPECT_THROW((void)open(numbers, 4, 1), transaction_aborted);
    EXPECT_EQ(connection_->status(), wharf::transaction_status::failed);
}

TEST_F(stream_pgtest, left_with_a_fetch_size__portal_is_closed_in_front_of_the_next_statement_at_no_cost) {
    auto begin = utility("BEGIN");
    run(*connection_, std::span(&begin, 1));
    (void)select(1);
    constexpr std::string_view count_portals = "SELECT count(*) FROM pg_cursors";
    (void)query<std::int64_t>(*connection_, std::string(count_portals));
    for (const int chunks_read : {0, 1, 2}) {
        const auto rows = open(numbers, 100, 1'000'000);
        for (int i = 0; i < chunks_read; ++i)
            EXPECT_FALSE(next(*rows).empty());
        const auto before = trips();
        rows->leave();
        EXPECT_TRUE(connection_->usable());
        EXPECT_EQ(select(7), 7);
        EXPECT_EQ(trips() - before, 1U);
        EXPECT_EQ(connection_->status(), wharf::transaction_status::active);
        EXPECT_EQ(query<std::int64_t>(*connection_, std::string(count_portals)).one(), 1); // its own
    }
}

TEST_F(stream_pgtest, left_without_a_fetch_size__short_rest_is_read_in_front_of_the_next_statement) {
    const auto rows = open(numbers, 0, 30'000);
    EXPECT_FALSE(next(*rows).empty());
    rows->leave();
    EXPECT_TRUE(connection_->usable());
    EXPECT_EQ(select(7), 7);
    EXPECT_EQ(connection_->status(), wharf::transaction_status::idle);
}

TEST_F(stream_pgtest, left_without_a_fetch_size__long_rest_ends_the_connection_and_the_statement_is_not_sent) {
    execute(*connection_, "CREATE TABLE t(n int8)");
    (void)select(1);
    const auto rows = open(numbers, 0, 10'000'000);
    EXPECT_FALSE(next(*rows).empty());
    rows->leave();
    EXPECT_THROW(execute(*connection_, "INSERT INTO t VALUES (1)"), connection_lost);
    EXPECT_FALSE(connection_->usable());
    io::run(connection_->close());
    EXPECT_EQ(database_.value("SELECT count(*) FROM t"), "0");
}

TEST_F(stream_pgtest, error_in_the_rest_of_a_stream_that_was_left_is_nobodys) {
    for (const std::uint32_t fetch_size : {0U, 1000U}) {
        const auto rows = open("SELECT 1/(20000 - n) FROM generate_series(1, 50000) n", fetch_size);
        rows->leave();
        EXPECT_EQ(select(7), 7);
    }
}

TEST_F(stream_pgtest, destroyed_without_leaving__connection_is_never_used_again) {
    for (const std::uint32_t fetch_size : {0U, 4U}) {
        connection_ = connect(socket_settings(database_));
        open(numbers, fetch_size, 1000).reset();
        EXPECT_FALSE(connection_->usable());
        EXPECT_THROW(select(7), connection_lost);
    }
}

TEST_F(stream_pgtest, op_destroyed_at_any_wait__connection_is_never_used_again) {
    int destroyed = 0;
    for (const std::uint32_t fetch_size : {0U, 10'000U}) {
        for (std::size_t wait = 0; wait < 3; ++wait) {
            connection_ = connect(socket_settings(database_));
            const auto rows = open(numbers, fetch_size, 2'000'000);
            bool abandoned = false;
            for (int reads = 0; !abandoned && reads < 100; ++reads)
                abandoned = test::abandon_at_wait(wait, rows->next());
            if (!abandoned) continue; // so many waits in one read are rare
            ++destroyed;
            rows->leave();
            EXPECT_FALSE(connection_->usable());
        }
    }
    EXPECT_GT(destroyed, 1);
}

TEST_F(stream_pgtest, statement_gone_stale_is_prepared_again) {
    execute(*connection_, "CREATE TABLE t AS SELECT 5::int8 AS n");
    for (const std::uint32_t fetch_size : {0U, 4U}) {
        read_all(*open("SELECT * FROM t", fetch_size));
        execute(*connection_, "ALTER TABLE t ALTER COLUMN n TYPE int4");
        auto rows = open("SELECT * FROM t", fetch_size);
        read_all(*rows);
        EXPECT_EQ(rows->shape().columns[0].type, type_oid::int4);
        execute(*connection_, "ALTER TABLE t ALTER COLUMN n TYPE int8");
    }
    EXPECT_EQ(count_, 4U);
    EXPECT_EQ(last_, 5);
}

TEST_F(stream_pgtest, reset_in_front_of_a_stream_takes_effect) {
    execute(*connection_, "SET application_name TO 'left behind'");
    connection_->reset_before_next();
    const auto rows = open("SELECT current_setting('application_name')", 0);
    const auto chunk = next(*rows);
    ASSERT_EQ(chunk.size(), 1U);
    EXPECT_EQ(decode_row<std::string>(row_view(rows->shape(), chunk[0])), "wharf");
}

TEST_F(stream_pgtest, row_larger_than_any_buffer_comes_whole) {
    const auto rows = open("SELECT repeat('x', 1000000 * n) FROM generate_series(1, 3) n", 0);
    std::vector<std::size_t> lengths;
    for (auto chunk = next(*rows); !chunk.empty(); chunk = next(*rows))
        for (const char* const body : chunk)
            lengths.push_back(decode_row<std::string_view>(row_view(rows->shape(), body)).size());
    EXPECT_EQ(lengths, (std::vector<std::size_t>{1'000'000, 2'000'000, 3'000'000}));
}

} // namespace
} // namespace wharf::postgres
