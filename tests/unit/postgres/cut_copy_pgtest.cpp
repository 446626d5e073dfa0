// COPY in and out behind a proxy that cuts the connection after every number of bytes.
#include "connected.hpp"
#include "cutting_proxy.hpp"

#include "wharf/base/error.hpp"
#include "wharf/connection/copy.hpp"

namespace wharf::postgres {
namespace {

class cut_copy_pgtest : public testing::Test {
protected:
    cut_copy_pgtest() {
        database_.execute("CREATE TABLE t(id int8); CREATE TABLE s AS SELECT generate_series(1::int8, 5) AS id");
        where_.servers[0].port = proxy_.port();
        const auto connection = connect(where_);
        io::run(connection->close());
        behind_login_ = proxy_.passed;
    }

    static copy_driver& begin(driver& on, const copy_request& what) {
        batch_item item = utility(what.statement());
        io::run(on.copying()->begin_copy(std::span(&item, 1), what), call_options(std::chrono::seconds(20)));
        if (item.error) std::rethrow_exception(item.error);
        return *on.copying();
    }
    // Three rows; returns how many the server has counted.
    static std::uint64_t copy_in(driver& on) {
        copy_driver& copy = begin(on, copy_request::text(copy_request::direction::in, "COPY t FROM STDIN"));
        std::string frame = std::string(copy_driver::frame_head, '\0') + "1\n2\n3\n";
        io::run(copy.send_copy(frame), call_options(std::chrono::seconds(20)));
        return io::run(copy.finish_copy(), call_options(std::chrono::seconds(20)));
    }
    static std::size_t copy_out(driver& on, const copy_request& what) {
        copy_driver& copy = begin(on, what);
        std::size_t found = 0;
        for (;;) {
            const auto pieces = io::run(copy.receive_copy(), call_options(std::chrono::seconds(20)));
            if (pieces.empty()) return found;
            found += pieces.size();
        }
    }
    // Calls `work` with a connection that is cut after one byte more each time, until it comes to its end.
    template <class Work>
    void cut_everywhere(Work work) {
        bool whole = false;
        for (std::size_t limit = behind_login_ + 1; !whole; ++limit) {
            proxy_.limit = limit;
            proxy_.with_reset = limit % 2 == 0;
            const auto connection = connect(where_);
            try {
                work(*connection);
                whole = true;
            } catch (const connection_error&) {
                EXPECT_FALSE(connection->usable()) << limit;
            }
        }
    }

    test::database database_;
    cutting_proxy proxy_{static_cast<std::uint16_t>(std::stoi(database_.server().port))};
    settings where_ = tcp_settings(database_);
    std::size_t behind_login_{0};
};

TEST_F(cut_copy_pgtest, every_cut_of_a_copy_in_tells_the_truth_about_its_rows) {
    std::int64_t known = 0;
    std::int64_t unknown = 0;
    cut_everywhere([&](driver& connection) {
        try {
            EXPECT_EQ(copy_in(connection), 3U);
            known += 3;
        } catch (const commit_outcome_unknown&) {
            unknown += 3;
            throw;
        }
    });
    const std::int64_t found = std::stoll(database_.value("SELECT count(*) FROM t"));
    EXPECT_EQ(known, 3);
    EXPECT_GE(found, known) << "reported as copied and is not";
    EXPECT_LE(found, known + unknown) << "reported as failed and is copied";
    EXPECT_EQ(found % 3, 0) << "a part of a COPY is in";
}

TEST_F(cut_copy_pgtest, every_cut_of_a_copy_out_is_an_error_and_never_fewer_rows) {
    cut_everywhere([&](driver& connection) { EXPECT_EQ(copy_out(connection, copy_request::rows_from("s", {})), 5U); });
    cut_everywhere([&](driver& connection) {
        EXPECT_GE(copy_out(connection, copy_request::text(copy_request::direction::out, "COPY s TO STDOUT")), 1U);
    });
}

} // namespace
} // namespace wharf::postgres
