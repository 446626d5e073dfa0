// An engine's settings are its pool's.
#include "wharf/connection/statement_observer.hpp"
#include "wharf/orm/engine.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;

TEST(engine_options, left_out__are_those_of_a_pool) {
    const wharf::pool_options standard;
    const auto made = wharf::orm::pool_options_of({});
    EXPECT_EQ(made.max_size, standard.max_size);
    EXPECT_EQ(made.min_size, standard.min_size);
    EXPECT_EQ(made.acquire_timeout, standard.acquire_timeout);
    EXPECT_EQ(made.max_waiting, standard.max_waiting);
    EXPECT_EQ(made.close_timeout, standard.close_timeout);
    EXPECT_EQ(made.fail_fast, standard.fail_fast);
}

// Designated initialisers follow the order of the members: what compiles for a pool does for an engine.
TEST(engine_options, are_in_the_order_of_a_pools) {
    constexpr wharf::engine_options of_an_engine{.min_size = 1,
                                                 .pool_size = 2,
                                                 .max_overflow = 3,
                                                 .acquire_timeout = 4s,
                                                 .max_waiting = 5,
                                                 .connect_timeout = 6s,
                                                 .max_connecting = 7,
                                                 .idle_timeout = 8s,
                                                 .max_lifetime = 9s,
                                                 .lifetime_jitter = 0.1,
                                                 .max_uses = 11,
                                                 .order = {},
                                                 .fairness = {},
                                                 .validate_after_idle = 12s,
                                                 .ping_timeout = 13s,
                                                 .reset = {},
                                                 .clean_up_timeout = 14s,
                                                 .close_timeout = 15s,
                                                 .fail_fast = true,
                                                 .cancellation = {},
                                                 .observer = nullptr};
    constexpr wharf::pool_options of_a_pool{.min_size = 1,
                                            .max_size = 2,
                                            .max_overflow = 3,
                                            .acquire_timeout = 4s,
                                            .max_waiting = 5,
                                            .connect_timeout = 6s,
                                            .max_connecting = 7,
                                            .idle_timeout = 8s,
                                            .max_lifetime = 9s,
                                            .lifetime_jitter = 0.1,
                                            .max_uses = 11,
                                            .order = {},
                                            .fairness = {},
                                            .validate_after_idle = 12s,
                                            .ping_timeout = 13s,
                                            .reset = {},
                                            .clean_up_timeout = 14s,
                                            .close_timeout = 15s,
                                            .fail_fast = true,
                                            .cancellation = {},
                                            .observer = nullptr};
    EXPECT_EQ(wharf::orm::pool_options_of(of_an_engine).max_size, of_a_pool.max_size);
}

TEST(engine_options, each_of_them__reaches_the_pool) {
    wharf::statement_observer watching;
    wharf::engine_options options;
    options.pool_size = 3;
    options.max_overflow = 4;
    options.acquire_timeout = 5s;
    options.min_size = 1;
    options.connect_timeout = 6s;
    options.idle_timeout = 7s;
    options.max_lifetime = 8s;
    options.cancellation = wharf::cancellation::cancel_and_drain;
    options.observer = &watching;
    options.max_waiting = 9;
    options.max_connecting = 11;
    options.lifetime_jitter = 0.5;
    options.max_uses = 12;
    options.order = wharf::pool_order::fifo;
    options.fairness = wharf::pool_fairness::fifo;
    options.validate_after_idle = 13s;
    options.ping_timeout = 14s;
    options.reset = wharf::pool_reset::none;
    options.clean_up_timeout = 15s;
    options.close_timeout = 16s;
    options.fail_fast = false;

    const wharf::pool_options standard;
    const auto made = wharf::orm::pool_options_of(options);
    // A setting that is new in pool_options has no name here, and does not compile.
    const auto& [min_size, max_size, max_overflow, acquire_timeout, max_waiting, connect_timeout, max_connecting,
                 idle_timeout, max_lifetime, lifetime_jitter, max_uses, order, fairness, validate_after_idle,
                 ping_timeout, reset, clean_up_timeout, close_timeout, fail_fast, cancellation, observer] = made;
    EXPECT_NE(min_size, standard.min_size);
    EXPECT_NE(max_size, standard.max_size);
    EXPECT_NE(max_overflow, standard.max_overflow);
    EXPECT_NE(acquire_timeout, standard.acquire_timeout);
    EXPECT_NE(max_waiting, standard.max_waiting);
    EXPECT_NE(connect_timeout, standard.connect_timeout);
    EXPECT_NE(max_connecting, standard.max_connecting);
    EXPECT_NE(idle_timeout, standard.idle_timeout);
    EXPECT_NE(max_lifetime, standard.max_lifetime);
    EXPECT_NE(lifetime_jitter, standard.lifetime_jitter);
    EXPECT_NE(max_uses, standard.max_uses);
    EXPECT_NE(order, standard.order);
    EXPECT_NE(fairness, standard.fairness);
    EXPECT_NE(validate_after_idle, standard.validate_after_idle);
    EXPECT_NE(ping_timeout, standard.ping_timeout);
    EXPECT_NE(reset, standard.reset);
    EXPECT_NE(clean_up_timeout, standard.clean_up_timeout);
    EXPECT_NE(close_timeout, standard.close_timeout);
    EXPECT_NE(fail_fast, standard.fail_fast);
    EXPECT_NE(cancellation, standard.cancellation);
    EXPECT_NE(observer, standard.observer);
    EXPECT_EQ(max_size, 3U);
    EXPECT_EQ(max_waiting, 9U);
    EXPECT_EQ(connect_timeout, 6s);
    EXPECT_EQ(close_timeout, 16s);
}

} // namespace
