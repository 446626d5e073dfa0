// The examples of docs/notifications.md and docs/cancellation.md: each stands here word for word, and runs.
#include "support/page_snippets.hpp"
#include "support/postgres_server.hpp"
#include "support/run_async.hpp"
#include "wharf/asio/listener.hpp"
#include "wharf/asio/pool.hpp"
#include "wharf/base/database_error.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <iostream>
#include <string>
#include <thread>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

class docs_pgtest : public testing::Test {
protected:
    wharf::test::database database_;
    const std::string url{database_.url()};
};

TEST_F(docs_pgtest, listener) {
    wharf::pool pool{url};
    std::string handled;
    const auto handle = [&handled](const std::string& payload) { handled = payload; };
    const auto look_at_all_orders_again = [] { ADD_FAILURE() << "nothing was missed"; };
    // clang-format off
    wharf::listener listener{url};
    listener.listen("orders");
    pool.acquire().notify("orders", "17");

    const auto event = listener.next({5s});
    if (event.what() == wharf::listener_event::kind::notified)
        handle(event.notification().payload);
    else
        look_at_all_orders_again();
    // clang-format on
    EXPECT_EQ(handled, "17");
}

asio::awaitable<void> listens(asio::any_io_executor executor, std::string url) {
    wharf::async_pool pool{executor, url};
    wharf::async_listener listener{executor, url};
    co_await listener.listen("orders");
    auto conn = co_await pool.acquire();
    co_await conn.notify("orders", "17");
    auto event = co_await listener.next();
    EXPECT_EQ(event.notification().payload, "17");
}
TEST_F(docs_pgtest, async_listener) {
    asio::io_context context;
    wharf::test::run_async(context, listens(context.get_executor(), url));
}

struct printer final : wharf::statement_observer {
    void on_notice(const wharf::diagnostic& notice) override {
        std::cerr << notice.severity << ' ' << notice.sqlstate << ' ' << notice.message << '\n';
    }
    void on_parameter_change(std::string_view name, std::string_view value) override {
        std::cerr << name << " is " << value << " now\n";
    }
    void on_notification(const wharf::notification_view& arrived) override {
        std::cerr << arrived.channel << ": " << arrived.payload << '\n';
    }
};

TEST_F(docs_pgtest, observer) {
    testing::internal::CaptureStderr();
    {
        printer seen;
        wharf::pool watched{url, {.observer = &seen}};
        auto conn = watched.acquire();
        conn.execute("DO $$ BEGIN RAISE NOTICE 'hello'; END $$");
    }
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "NOTICE 00000 hello\n");
}

TEST_F(docs_pgtest, giving_up) {
    wharf::pool pool{url};
    auto conn = pool.acquire();
    bool gave_up = false;
    try {
        conn.execute("SELECT pg_sleep(60)", wharf::call_options(50ms));
    } catch (const wharf::timed_out&) {
        gave_up = true;
    }
    EXPECT_TRUE(gave_up);
}

TEST_F(docs_pgtest, draining) {
    wharf::pool draining{url, {.cancellation = wharf::cancellation::cancel_and_drain}};
    auto kept = draining.acquire();
    auto once = wharf::call_options(20s);
    kept.execute("SELECT 1", once.when_given_up(wharf::cancellation::close));
    EXPECT_THROW(kept.execute("SELECT pg_sleep(60)", wharf::call_options(50ms)), wharf::timed_out);
    kept.execute("SELECT 1");
}

TEST_F(docs_pgtest, canceller) {
    wharf::pool pool{url};
    auto conn = pool.acquire();
    const auto backend = conn.query<std::int32_t>("SELECT pg_backend_pid()").one();
    bool stopped = false;
    const auto wait_until_somebody_wants_it_stopped = [&] {
        // Merely active it is from Parse on, and what asks the server to stop before Execute is forgotten.
        const auto waits_for = "SELECT wait_event FROM pg_stat_activity WHERE pid = " + std::to_string(backend);
        while (database_.value(waits_for) != "PgSleep")
            std::this_thread::yield();
    };
    {
        // clang-format off
        auto stop = conn.canceller();
        std::jthread watchdog([&, stop] {
            wait_until_somebody_wants_it_stopped();
            stop.request();
        });
        try {
            conn.execute("SELECT pg_sleep(60)");
        } catch (const wharf::query_canceled&) {
            stopped = true;
        }
        // clang-format on
    }
    EXPECT_TRUE(stopped);
}

TEST(docs, every_example_of_the_pages_stands_in_this_file) {
    std::size_t examples = 0;
    for (const std::string page : {"/notifications.md", "/cancellation.md"})
        examples += wharf::test::find_snippets(WHARF_DOCS + page, WHARF_DOCS_EXAMPLES);
    EXPECT_EQ(examples, 7U);
}

} // namespace
