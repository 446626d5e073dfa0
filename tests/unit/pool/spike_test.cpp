// Many acquires at once, and connects that take longer than they used to.
#include "unit/pool/pool_fixture.hpp"

#include <algorithm>

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using wharf::lease;
using wharf::test::dial;

class pool_spike : public wharf::test::pool_fixture {
protected:
    static wharf::io::op<void> use(wharf::pool_core& from) {
        auto lent = co_await from.acquire();
        co_await lent.core().underlying().ping(); // as long as the dial says
    }
    void work(int times, std::vector<wharf::test::virtual_world::running<void>>& all) {
        for (int i = 0; i < times; ++i)
            all.push_back(world.start(use(*pool)));
    }
    [[nodiscard]] std::uint64_t opened_for_spike(bool warm, bool used_before, std::size_t max_connecting) {
        database->dials.ping = dial::ok();
        database->dials.connect = dial::slow(150ms);
        const wharf::pool_options options{.min_size = 5, .max_size = 50, .max_connecting = max_connecting};
        warm ? make_and_open(options) : make(options);
        database->dials.ping = dial::slow(2ms);
        std::vector<wharf::test::virtual_world::running<void>> all;
        if (used_before) work(20, all);
        world.advance(500ms);
        work(50, all);
        world.advance(1s);
        EXPECT_EQ(pool->stats().waiting, 0U);
        EXPECT_TRUE(std::all_of(all.begin(), all.end(), [](const auto& one) { return one.done(); }));
        return pool->stats().opened;
    }
};

TEST_F(pool_spike, of_short_work__is_served_by_connections_that_come_back) {
    for (const bool warm : {true, false})
        for (const bool used_before : {true, false})
            for (const std::size_t max_connecting : {4U, 50U})
                EXPECT_LT(opened_for_spike(warm, used_before, max_connecting), 7U)
                    << (warm ? "warm" : "cold") << (used_before ? ", used before, " : ", never used, ")
                    << max_connecting;
}

TEST_F(pool_spike, of_long_work__is_served_by_new_connections) {
    database->dials.connect = dial::slow(20ms);
    make_and_open({.min_size = 1, .max_size = 20, .max_connecting = 20});
    database->dials.ping = dial::slow(1s);
    std::vector<wharf::test::virtual_world::running<void>> all;
    work(1, all);
    world.advance(2s);
    work(20, all);
    world.advance(60ms);
    EXPECT_EQ(pool->stats().lent, 20U) << "it is known that returns take a second";
    world.advance(1s);
}

TEST_F(pool_spike, first_leases_do_not_come_back__pool_grows_all_the_same) {
    database->dials.connect = dial::slow(20ms);
    make_and_open({.min_size = 2, .max_size = 20});
    database->dials.ping = dial::never();
    std::vector<wharf::test::virtual_world::running<void>> all;
    work(20, all);
    world.advance(300ms);
    EXPECT_EQ(pool->stats().lent, 20U);
    for (auto& one : all)
        one.destroy();
}

TEST_F(pool_spike, back_later_than_usual__one_more_is_opened) {
    database->dials.connect = dial::slow(150ms);
    make_and_open({.min_size = 1, .max_size = 5});
    database->dials.ping = dial::slow(2ms);
    std::vector<wharf::test::virtual_world::running<void>> all;
    for (int i = 0; i < 5; ++i) {
        work(1, all);
        world.advance(2ms);
    }
    auto lent = take();
    auto waiting = acquire();
    world.advance(3999us);
    EXPECT_EQ(pool->stats().connecting, 0U);
    world.advance(1us);
    EXPECT_EQ(pool->stats().connecting, 1U);
    world.advance(150ms);
    EXPECT_TRUE(waiting.done());
}

TEST_F(pool_spike, four_connects_hang__others_are_begun_and_serve_the_waiters) {
    database->dials.connect = dial::slow(20ms);
    make_and_open({.min_size = 1, .max_size = 12, .max_connecting = 4});
    auto lent = take();
    database->dials.connect = dial::never();
    std::vector<acquiring> waiting;
    for (int i = 0; i < 5; ++i)
        waiting.push_back(acquire());
    world.advance(200ms);
    EXPECT_GE(pool->stats().connecting, 4U);
    database->dials.connect = dial::slow(20ms);
    world.advance(1s);
    EXPECT_TRUE(std::all_of(waiting.begin(), waiting.end(), [](const auto& one) { return one.done(); }));
    EXPECT_EQ(pool->stats().connect_failures, 0U) << "long before connect_timeout";
    EXPECT_LE(pool->stats().total(), 12U);
}

TEST_F(pool_spike, server_hangs__attempts_are_spaced_and_the_message_says_so) {
    make_and_open({.min_size = 1, .max_size = 50});
    auto lent = take();
    database->dials.connect = dial::never();
    auto waiting = acquire(5s);
    world.advance(100ms);
    EXPECT_LE(pool->stats().connecting, 5U);
    world.advance(4900ms);
    ASSERT_TRUE(waiting.done());
    EXPECT_LE(pool->stats().connecting, 32U);
    EXPECT_THAT(message_of<wharf::acquire_timeout>(waiting), HasSubstr("a connect has been under way for 5 s"));
}

} // namespace
