// Rows as they come, and scripts, against every server.
#include "kinds_of_server.hpp"

#include "wharf/base/database_error.hpp"
#include "wharf/row/decode.hpp"

namespace wharf::postgres {
namespace {

constexpr auto soon = std::chrono::seconds(60);
constexpr std::string_view numbers = "SELECT n::int8 FROM generate_series(1, $1::int8) n";
constexpr std::string_view failing = "SELECT 100 / (n - 19000) FROM generate_series(1, $1::int8) n";

class server_streams_pgtest : public each_server {
protected:
    [[nodiscard]] std::unique_ptr<row_stream> open(std::string_view sql, std::int64_t count, std::uint32_t fetch_size,
                                                   duration longest = soon) {
        parameters given;
        encode_parameters(given, count);
        batch_item item;
        item.sql = sql;
        item.values = &given;
        stream_options options;
        options.fetch_size = fetch_size;
        auto opened = io::run(connection_->open_rows(std::span(&item, 1), options), call_options(longest));
        if (item.error) std::rethrow_exception(item.error);
        return opened;
    }
    struct read_rows {
        std::int64_t count{0};
        std::int64_t sum{0};
        std::size_t largest_chunk{0};
    };
    static read_rows read_all(row_stream& from) {
        read_rows read;
        for (;;) {
            const auto chunk = io::run(from.next(), call_options(soon));
            if (chunk.empty()) return read;
            read.largest_chunk = std::max(read.largest_chunk, chunk.size());
            for (const char* const body : chunk) {
                ++read.count;
                read.sum += decode_row<std::int64_t>(row_view(from.shape(), body));
            }
        }
    }
    void expect_usable() { EXPECT_EQ(query<int>(*connection_, "SELECT $1::int4", 7).one(), 7); }
    void expect_left_and_usable(std::uint32_t fetch_size) {
        for (int round = 0; round < 3; ++round) {
            const auto stream = open(numbers, 20'000, fetch_size);
            EXPECT_FALSE(io::run(stream->next(), call_options(soon)).empty());
            stream->leave();
            expect_usable();
        }
    }
};

TEST_P(server_streams_pgtest, rows_come_in_chunks_and_the_connection_goes_on) {
    for (int round = 0; round < 2; ++round) { // cold and warm
        const auto read = read_all(*open(numbers, 100'000, 0));
        EXPECT_EQ(read.count, 100'000);
        EXPECT_EQ(read.sum, 5'000'050'000);
        EXPECT_LE(read.largest_chunk, 10'000U);
        expect_usable();
    }
}

class server_fetch_size_pgtest : public server_streams_pgtest {};

TEST_P(server_fetch_size_pgtest, bounds_each_chunk_inside_and_outside_a_transaction) {
    batch_item begin = utility("BEGIN");
    batch_item rollback = utility("ROLLBACK");
    for (const bool in_transaction : {false, true}) {
        SCOPED_TRACE(in_transaction);
        if (in_transaction) run(*connection_, std::span(&begin, 1));
        const auto read = read_all(*open(numbers, 1000, 150));
        EXPECT_EQ(read.count, 1000);
        EXPECT_EQ(read.sum, 500'500);
        EXPECT_LE(read.largest_chunk, 150U);
        expect_usable();
        if (in_transaction) run(*connection_, std::span(&rollback, 1));
        EXPECT_EQ(connection_->status(), transaction_status::idle);
    }
}

TEST_P(server_streams_pgtest, stream_that_is_left_half_way_lets_the_connection_go_on) {
    expect_left_and_usable(0);
}

TEST_P(server_fetch_size_pgtest, stream_that_is_left_half_way_lets_the_connection_go_on) {
    expect_left_and_usable(100);
}

TEST_P(server_streams_pgtest, error_behind_the_first_rows_is_thrown_and_the_connection_goes_on) {
    EXPECT_THROW(read_all(*open(failing, 20'000, 0)), data_error);
    expect_usable();
}

TEST_P(server_fetch_size_pgtest, error_behind_the_first_rows_is_thrown_and_the_connection_goes_on) {
    EXPECT_THROW(read_all(*open(failing, 20'000, 100)), data_error);
    expect_usable();
}

TEST_P(server_streams_pgtest, statements_of_a_script_run_in_turn_up_to_the_first_error) {
    constexpr std::string_view text = "CREATE TABLE t(n int4); INSERT INTO t SELECT generate_series(1, 5);"
                                      "SELECT sum(n) FROM t; SELECT 1/0; SELECT 'never'";
    const auto came = io::run(connection_->run_script(text, {}), call_options(soon));
    ASSERT_EQ(came.results.size(), 3U);
    EXPECT_EQ(came.results[1].affected(), 5U);
    EXPECT_EQ(came.results[2].rows<std::int64_t>().one(), 15);
    EXPECT_THROW(std::rethrow_exception(came.error), data_error);
    expect_usable();
    EXPECT_EQ(database_.value("SELECT to_regclass('t')"), "") << "a script is one transaction";
}

INSTANTIATE_TEST_SUITE_P(of, server_streams_pgtest,
                         testing::Values(postgres15, postgres18, pgbouncer_session, pgbouncer_transaction, pgpool),
                         name_of_kind);
INSTANTIATE_TEST_SUITE_P(of, server_fetch_size_pgtest,
                         testing::Values(postgres15, postgres18, pgbouncer_session, pgbouncer_transaction),
                         name_of_kind);

// Pgpool-II passes no answer on before the Sync, which ends a portal outside a transaction.
class server_without_fetch_size_pgtest : public server_streams_pgtest {};

TEST_P(server_without_fetch_size_pgtest, stream_with_a_fetch_size_ends_at_its_deadline_and_costs_the_connection) {
    EXPECT_THROW(static_cast<void>(open(numbers, 1000, 150, std::chrono::milliseconds(300))), timed_out);
    EXPECT_FALSE(connection_->usable());
}

INSTANTIATE_TEST_SUITE_P(of, server_without_fetch_size_pgtest, testing::Values(pgpool), name_of_kind);

} // namespace
} // namespace wharf::postgres
