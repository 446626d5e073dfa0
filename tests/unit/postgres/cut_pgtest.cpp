// A real server behind a proxy that cuts the connection after every number of bytes: login with SCRAM, TLS, queries.
#include "connected.hpp"
#include "cutting_proxy.hpp"

#include "wharf/base/database_error.hpp"

#include <thread>

namespace wharf::postgres {
namespace {

class cut_pgtest : public testing::Test {
protected:
    cut_pgtest() { database_.execute("CREATE TABLE t(id int8)"); }

    settings through_proxy(settings where) const {
        where.servers[0].port = proxy_.port();
        return where;
    }

    // What an application would do; returns whether it was told that its row is in.
    static bool insert_one(const settings& where) {
        const auto connection = connect(where);
        EXPECT_EQ(query<int>(*connection, "SELECT 7").one(), 7);
        std::vector<batch_item> items{utility("BEGIN"), utility("INSERT INTO t VALUES (1)"), utility("COMMIT")};
        run(*connection, items);
        for (const batch_item& item : items)
            if (item.error) std::rethrow_exception(item.error);
        return true;
    }

    void cut_everywhere(const settings& where, std::size_t step,
                        std::size_t cutting_proxy::* which = &cutting_proxy::limit) {
        ASSERT_TRUE(insert_one(where));
        std::int64_t known = 1;
        std::int64_t unknown = 0;
        bool whole = false;
        for (std::size_t limit = 1; !whole; limit += step) {
            proxy_.*which = limit;
            proxy_.with_reset = limit % 2 == 0;
            try {
                whole = insert_one(where);
                ++known;
            } catch (const commit_outcome_unknown&) {
                ++unknown;
            } catch (const connection_error&) {
            }
        }
        const std::int64_t found = std::stoll(database_.value("SELECT count(*) FROM t"));
        EXPECT_GE(found, known) << "reported as committed and is not";
        EXPECT_LE(found, known + unknown) << "reported as failed and is committed";
    }

    test::database database_;
    cutting_proxy proxy_{static_cast<std::uint16_t>(std::stoi(test::postgres_server().port))};
};

TEST_F(cut_pgtest, every_cut_of_login_and_queries_ends_in_an_error_that_tells_the_truth) {
    cut_everywhere(through_proxy(tcp_settings(database_)), 1);
}

TEST_F(cut_pgtest, cuts_of_a_tls_connection_end_in_an_error_that_tells_the_truth) {
    cut_everywhere(through_proxy(tls_settings(database_)), 61);
}

TEST_F(cut_pgtest, every_cut_of_what_the_client_sends_ends_in_an_error_that_tells_the_truth) {
    cut_everywhere(through_proxy(tcp_settings(database_)), 1, &cutting_proxy::client_limit);
}

// Whether the session came to its end in spite of the silence behind the first `size` bytes of the server.
bool outlives_silence(settings where, cutting_proxy& proxy, std::size_t size) {
    constexpr auto patience = std::chrono::milliseconds(40);
    proxy.limit = size;
    where.connect_timeout = patience;
    const auto to = make_connector(where);
    std::unique_ptr<driver> connection;
    try {
        connection = io::run(to->connect(), call_options(patience));
        batch_item item = utility("SELECT generate_series(1, 20)");
        io::run(connection->run(std::span(&item, 1)), call_options(patience));
        return true;
    } catch (const connect_failed&) {
        EXPECT_FALSE(connection);
    } catch (const timed_out&) {
        EXPECT_FALSE(connection && connection->usable());
    }
    return false;
}

TEST_F(cut_pgtest, silence_after_every_byte_ends_at_the_deadline) {
    {
        const auto connection = connect(through_proxy(tcp_settings(database_)));
        batch_item item = utility("SELECT generate_series(1, 20)");
        run(*connection, std::span(&item, 1));
        io::run(connection->close());
    }
    const std::size_t whole = proxy_.passed;
    ASSERT_GT(whole, 500U);
    constexpr std::size_t at_once = 16;
    std::vector<std::jthread> threads;
    for (std::size_t first = 1; first <= at_once; ++first) {
        threads.emplace_back([&, first] {
            cutting_proxy proxy(static_cast<std::uint16_t>(std::stoi(database_.server().port)));
            proxy.with_silence = true;
            settings where = tcp_settings(database_);
            where.servers[0].port = proxy.port();
            for (std::size_t size = first; size < whole; size += at_once)
                EXPECT_FALSE(outlives_silence(where, proxy, size)) << size;
        });
    }
}

TEST_F(cut_pgtest, single_bytes_both_ways_make_the_same_session) {
    proxy_.slice = 1;
    EXPECT_TRUE(insert_one(through_proxy(tcp_settings(database_))));
    EXPECT_TRUE(insert_one(through_proxy(tls_settings(database_))));
    const auto connection = connect(through_proxy(tcp_settings(database_)));
    EXPECT_EQ((query<std::int64_t>(*connection, "SELECT i FROM generate_series(1, 500) i").size()), 500U);
}

} // namespace
} // namespace wharf::postgres
