// COPY that is destroyed half-way, left open, or ended by the server.
#include "connected.hpp"
#include "copy_by_core.hpp"
#include "cutting_proxy.hpp"

#include "support/abandon.hpp"
#include "wharf/base/database_error.hpp"

#include <poll.h>

#include <thread>

namespace wharf::postgres {
namespace {

constexpr auto soon = std::chrono::seconds(20);

class copy_faults : public testing::Test {
protected:
    copy_faults() { database_.execute("CREATE TABLE t(id int8, name text)"); }

    [[nodiscard]] std::int64_t rows_in_t() const { return std::stoll(database_.value("SELECT count(*) FROM t")); }
    // Until the server has noticed that clients have gone.
    void expect_connections(std::int64_t count) {
        for (int i = 0; i < 500 && database_.connections() != count; ++i)
            ::poll(nullptr, 0, 20);
        EXPECT_EQ(database_.connections(), count);
    }
    [[nodiscard]] settings through_proxy(settings where) const {
        where.servers[0].port = proxy_.port();
        return where;
    }

    test::database database_;
    cutting_proxy proxy_{static_cast<std::uint16_t>(std::stoi(test::postgres_server().port))};
};

// The server waits for a lock, and leaves most of a message unread. What is sent of it cannot be taken
// back, and a Terminate behind it would be taken for the rest of it.
TEST_F(copy_faults, connection_given_up_in_the_middle_of_a_message_is_closed_at_once) {
    database_.execute("CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS "
                      "'BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NEW; END'");
    database_.execute("CREATE TRIGGER wait BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION wait()");
    const auto holder = connect(socket_settings(database_));
    execute(*holder, "SELECT pg_advisory_lock(1)");

    connection_core core(connect(socket_settings(database_)));
    const auto number = io::run(core.begin_copy(copy_request::text(copy_request::direction::in, "COPY t FROM STDIN")),
                                call_options(soon));
    std::string frame = std::string(copy_driver::frame_head, ' ') + "1\tname\n";
    io::run(core.send_copy(number, frame), call_options(soon));
    while (frame.size() < std::size_t{8} << 20)
        frame += "1\tname\n";
    EXPECT_THROW(io::run(core.send_copy(number, frame), call_options(std::chrono::milliseconds(200))), timed_out);
    EXPECT_NO_THROW(io::run(core.underlying().close(), call_options(soon)));
    EXPECT_EQ(rows_in_t(), 0);
}

TEST_F(copy_faults, single_bytes_both_ways_make_the_same_copy) {
    proxy_.slice = 1;
    connection_core core(connect(through_proxy(tcp_settings(database_))));
    EXPECT_EQ(io::run(copy_into_t(core, 100, 7), call_options(soon)), 100U);
    EXPECT_EQ(io::run(copy_from(core, "SELECT * FROM t"), call_options(soon)), 100U);
    EXPECT_EQ(rows_in_t(), 100);
}

TEST_F(copy_faults, tls_carries_large_copies_both_ways) {
    connection_core core(connect(tls_settings(database_)));
    EXPECT_EQ(io::run(copy_into_t(core, 100'000, 5000), call_options(soon)), 100'000U);
    EXPECT_EQ(io::run(copy_from(core, "SELECT * FROM t"), call_options(soon)), 100'000U);
}

TEST_F(copy_faults, copy_in_destroyed_at_any_wait_leaves_the_connection_unusable_and_no_row) {
    std::size_t wait = 0;
    for (bool destroyed = true; destroyed; ++wait) {
        connection_core core(connect(socket_settings(database_)));
        destroyed = test::abandon_at_wait(wait, copy_into_t(core, 20'000, 20'000));
        EXPECT_EQ(core.usable(), !destroyed);
        EXPECT_FALSE(core.busy());
        if (destroyed) {
            EXPECT_THROW(io::run(core.run_one("SELECT 1", {})), connection_lost);
        }
    }
    EXPECT_GE(wait, 3U); // one more where the server takes less at once than is sent
    expect_connections(0);
    EXPECT_EQ(rows_in_t() % 20'000, 0);
}

TEST_F(copy_faults, copy_out_destroyed_at_any_wait_leaves_the_connection_unusable) {
    std::size_t wait = 0;
    for (bool destroyed = true; destroyed; wait = wait < 8 ? wait + 1 : wait * 2) {
        connection_core core(connect(socket_settings(database_)));
        destroyed = test::abandon_at_wait(wait, copy_from(core, "SELECT i FROM generate_series(1, 50000) i"));
        EXPECT_EQ(core.usable(), !destroyed);
    }
    EXPECT_GT(wait, 3U);
    expect_connections(0);
}

TEST_F(copy_faults, server_ends_the_connection_during_a_copy_in__its_reason_comes_through) {
    connection_core core(connect(socket_settings(database_)));
    auto what = copy_request::rows_into("t", {});
    const auto number = io::run(core.begin_copy(std::move(what)));
    copy_buffer buffer;
    buffer.aim_at(*core.underlying().copying(), row_cells<copied_row>::types);
    database_.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                      "AND pid <> pg_backend_pid() AND application_name = 'wharf'");
    const auto write_on = [&] {
        for (int i = 0; i < 1'000'000; ++i) {
            buffer.add(copied_row(i, "name"));
            if (!buffer.full()) continue;
            io::run(core.send_copy(number, buffer.frame()), call_options(soon));
            buffer.clear();
        }
    };
    try {
        write_on();
        FAIL() << "accepted";
    } catch (const connection_lost& lost) {
        EXPECT_THAT(lost.what(), testing::HasSubstr("57P01"));
    }
    EXPECT_FALSE(core.usable());
    EXPECT_EQ(rows_in_t(), 0);
}

TEST_F(copy_faults, copy_given_up_by_its_deadline__close_stops_the_server) {
    {
        connection_core core(connect(socket_settings(database_)));
        EXPECT_THROW(io::run(copy_from(core, "SELECT pg_sleep(0.5) FROM generate_series(1, 1000)"),
                             call_options(std::chrono::milliseconds(50))),
                     timed_out);
        EXPECT_FALSE(core.usable());
        io::run(core.underlying().close(), call_options(soon));
    }
    expect_connections(0);
}

} // namespace
} // namespace wharf::postgres
