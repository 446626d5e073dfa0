// COPY that is given up on connections that drain.
#include "connected.hpp"
#include "copy_by_core.hpp"

#include "support/abandon.hpp"
#include "wharf/base/database_error.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wharf::postgres {
namespace {

using namespace std::chrono_literals;

constexpr auto backend_query = "SELECT pg_backend_pid()::int8";

class copy_given_up : public testing::Test {
protected:
    copy_given_up() { database_.execute("CREATE TABLE t(id int8, name text)"); }

    [[nodiscard]] static std::unique_ptr<connection_core> draining(settings where) {
        where.cancellation = cancellation::cancel_and_drain;
        return std::make_unique<connection_core>(connect(std::move(where)));
    }
    [[nodiscard]] std::vector<settings> ways() const {
        return {socket_settings(database_), tcp_settings(database_), tls_settings(database_)};
    }
    [[nodiscard]] static std::int64_t number(connection_core& core, std::string_view sql) {
        return rows<std::int64_t>(io::run(core.run_one(sql, {}), call_options(20s))).one();
    }
    [[nodiscard]] std::string rows_in_t() const { return database_.value("SELECT count(*) FROM t"); }

    test::database database_;
};

TEST_F(copy_given_up, copy_in_destroyed_at_any_wait_leaves_a_connection_that_goes_on_and_no_row) {
    for (const settings& where : ways()) {
        std::size_t wait = 0;
        for (bool destroyed = true; destroyed; ++wait) {
            const auto core = draining(where);
            const auto backend = number(*core, backend_query);
            destroyed = test::abandon_at_wait(wait, copy_into_t(*core, 20'000, 20'000));
            EXPECT_EQ(core->underlying().status(), destroyed ? transaction_status::failed : transaction_status::idle);
            EXPECT_EQ(number(*core, backend_query), backend) << "destroyed at wait " << wait;
            EXPECT_EQ(core->underlying().status(), transaction_status::idle);
            EXPECT_EQ(std::stoll(rows_in_t()) % 20'000, 0) << "all or nothing";
        }
        EXPECT_GE(wait, 2U) << "it was destroyed at least once";
    }
}

TEST_F(copy_given_up, copy_out_destroyed_at_any_wait_leaves_a_connection_that_goes_on) {
    int given_up = 0;
    for (const settings& where : ways()) {
        std::size_t wait = 0;
        for (bool destroyed = true; destroyed; wait = wait < 8 ? wait + 1 : wait * 2) {
            const auto core = draining(where);
            const auto backend = number(*core, backend_query);
            destroyed = test::abandon_at_wait(wait, copy_from(*core, "SELECT generate_series(1, 300000)"));
            EXPECT_EQ(number(*core, backend_query), backend) << "destroyed at wait " << wait;
            if (destroyed) ++given_up;
        }
    }
    EXPECT_GE(given_up, 1) << "how often it waits is the socket's to decide";
}

// A trigger keeps the server from reading: the client waits in the middle of a message.
TEST_F(copy_given_up, copy_in_that_the_server_does_not_read__deadline_leaves_a_connection_that_goes_on) {
    database_.execute("CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS "
                      "$$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$; "
                      "CREATE TRIGGER wait BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION wait()");
    for (const settings& where : ways()) {
        const auto core = draining(where);
        const auto backend = number(*core, backend_query);
        const auto copy = io::run(core->begin_copy(copy_request::rows_into("t", {})));
        copy_buffer buffer;
        buffer.aim_at(*core->underlying().copying(), row_cells<copied_row>::types);
        const auto write_on = [&] {
            for (std::int64_t id = 0; id < 1'000'000; ++id) {
                buffer.add(copied_row(id, std::string(100, 'x')));
                if (!buffer.full()) continue;
                io::run(core->send_copy(copy, buffer.frame()), call_options(100ms));
                buffer.clear();
            }
        };
        EXPECT_THROW(write_on(), timed_out);
        buffer.clear();
        EXPECT_THROW(io::run(core->send_copy(copy, buffer.frame())), usage_error) << "it has ended";
        EXPECT_EQ(number(*core, backend_query), backend);
    }
    EXPECT_EQ(rows_in_t(), "0");
}

TEST_F(copy_given_up, message_of_unusual_size__closes_instead) {
    database_.execute("CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS "
                      "$$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$; "
                      "CREATE TRIGGER wait BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION wait()");
    const auto core = draining(socket_settings(database_));
    const auto copy = io::run(core->begin_copy(copy_request::rows_into("t", {})));
    copy_buffer buffer;
    buffer.aim_at(*core->underlying().copying(), row_cells<copied_row>::types);
    buffer.add(copied_row(1, "the one that waits"));
    io::run(core->send_copy(copy, buffer.frame()));
    buffer.clear();
    buffer.add(copied_row(2, std::string(std::size_t{8} << 20, 'x')));
    EXPECT_THROW(io::run(core->send_copy(copy, buffer.frame()), call_options(100ms)), timed_out);
    EXPECT_FALSE(core->usable());
}

TEST_F(copy_given_up, transaction_around_it_has_failed_and_can_be_rolled_back) {
    const auto core = draining(socket_settings(database_));
    core->begin();
    EXPECT_THROW(io::run(copy_from(*core, "SELECT pg_sleep(60)"), call_options(50ms)), timed_out);
    EXPECT_THROW((void)number(*core, backend_query), transaction_aborted);
    io::run(core->rollback());
    EXPECT_EQ(number(*core, "SELECT 7::int8"), 7);
}

TEST_F(copy_given_up, another_copy_may_follow_at_once) {
    const auto core = draining(socket_settings(database_));
    const auto backend = number(*core, backend_query);
    for (int i = 0; i < 5; ++i) {
        EXPECT_THROW(io::run(copy_from(*core, "SELECT pg_sleep(60)"), call_options(30ms)), timed_out);
        EXPECT_EQ(io::run(copy_into_t(*core, 100, 10), call_options(20s)), 100U);
        EXPECT_EQ(io::run(copy_from(*core, "SELECT * FROM t"), call_options(20s)), 100U * static_cast<unsigned>(i + 1));
    }
    EXPECT_EQ(number(*core, backend_query), backend);
}

TEST_F(copy_given_up, long_rest_of_a_copy_that_was_left__is_cancelled_and_a_short_one_read) {
    const auto core = draining(socket_settings(database_));
    const auto backend = number(*core, backend_query);
    const auto leave = [&](std::string_view rows) {
        const std::string query = "SELECT repeat('x', 1000), generate_series(1, " + std::string(rows) + ")";
        const auto copy = io::run(core->begin_copy(copy_request::rows_from(query, {})));
        EXPECT_FALSE(io::run(core->receive_copy(copy), call_options(20s)).empty());
        core->abandon_copy(copy);
    };
    leave("100000000");
    EXPECT_EQ(number(*core, backend_query), backend);
    core->begin();
    leave("500");
    EXPECT_EQ(number(*core, backend_query), backend) << "the transaction is as it was";
    io::run(core->commit());
}

} // namespace
} // namespace wharf::postgres
