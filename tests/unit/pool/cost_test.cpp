// No step of the pool grows with the square of its work: what runs in it for twice the work is about twice as much.
#include "support/block_count.hpp"
#include "unit/pool/pool_fixture.hpp"

#include <algorithm>
#include <functional>

namespace {

using namespace std::chrono_literals;
using wharf::lease;
using wharf::pool_fairness;
using wharf::test::dial;

class pool_cost : public wharf::test::pool_fixture {
protected:
    static constexpr std::size_t work = 100;

    /// `steps(n)` makes things ready and returns what is to be counted.
    void expect_linear(const std::function<std::function<void()>(std::size_t)>& steps) {
        const auto once = wharf::test::blocks_of(steps(work));
        const auto twice = wharf::test::blocks_of(steps(2 * work));
        EXPECT_GT(once, work) << "nothing was counted";
        EXPECT_LT(static_cast<double>(twice), 2.5 * static_cast<double>(once)) << once << " and " << twice;
    }
    void start(wharf::pool_options options, bool open = true) {
        leases.clear();
        waiting.clear();
        world.settle();
        database->dials = {};
        options.max_connecting = options.max_size;
        options.lifetime_jitter = 0.5;
        open ? make_and_open(options) : make(options);
    }
    void lend(std::size_t count) {
        while (leases.size() < count)
            leases.push_back(take());
    }
    void let_wait(std::size_t count) {
        for (; count > 0; --count)
            waiting.push_back(world.start_later(pool->acquire(), world.now() + 1min));
        world.settle();
    }
    void serve_all() {
        for (auto& one : waiting) {
            leases.front() = lease();
            world.settle();
            ASSERT_TRUE(one.done());
            leases.front() = one.get();
        }
    }
    void TearDown() override {
        leases.clear();
        waiting.clear();
        pool_fixture::TearDown();
    }

    std::vector<lease> leases{};
    std::vector<acquiring> waiting{};
};

TEST_F(pool_cost, opening_n_connections) {
    expect_linear([this](std::size_t n) {
        start({.min_size = n, .max_size = n}, false);
        return [this] {
            auto opening = world.start(pool->open());
            ASSERT_TRUE(opening.done());
        };
    });
}

TEST_F(pool_cost, n_opened_for_n_that_wait) {
    expect_linear([this](std::size_t n) {
        start({.min_size = 0, .max_size = n}, false);
        return [this, n] {
            let_wait(n);
            world.advance(1s);
        };
    });
}

TEST_F(pool_cost, n_that_wait_are_served_in_turn) {
    for (const auto how : {pool_fairness::throughput, pool_fairness::fifo}) {
        expect_linear([this, how](std::size_t n) {
            start({.min_size = 1, .max_size = 1, .fairness = how});
            lend(1);
            let_wait(n);
            return [this] { serve_all(); };
        });
    }
}

TEST_F(pool_cost, n_come_back_at_once_for_n_that_wait) {
    for (const auto how : {pool_fairness::throughput, pool_fairness::fifo}) {
        expect_linear([this, how](std::size_t n) {
            start({.min_size = n, .max_size = n, .fairness = how});
            lend(n);
            let_wait(n);
            return [this] {
                leases.clear();
                world.settle();
            };
        });
    }
}

TEST_F(pool_cost, n_woken_find_nothing_and_wait_on) {
    expect_linear([this](std::size_t n) {
        start({.min_size = n, .max_size = n});
        lend(n);
        let_wait(n);
        leases.clear();
        for (auto lent = pool->try_acquire_now(); lent; lent = pool->try_acquire_now())
            leases.push_back(std::move(lent));
        return [this] {
            world.settle();
            leases.clear();
            world.settle();
        };
    });
}

TEST_F(pool_cost, n_that_wait_are_cancelled) {
    for (const bool backwards : {false, true}) {
        expect_linear([this, backwards](std::size_t n) {
            start({.min_size = 1, .max_size = 1});
            lend(1);
            let_wait(n);
            if (backwards) std::reverse(waiting.begin(), waiting.end());
            return [this] {
                for (auto& one : waiting)
                    one.cancel();
            };
        });
    }
}

TEST_F(pool_cost, n_that_wait_for_n_leases_run_out_of_time) {
    expect_linear([this](std::size_t n) {
        start({.min_size = n, .max_size = n});
        lend(n);
        let_wait(n);
        return [this] {
            world.advance(2min);
            EXPECT_EQ(pool->stats().waiting, 0U);
        };
    });
}

TEST_F(pool_cost, n_idle_ones_are_reset) {
    expect_linear([this](std::size_t n) {
        start({.min_size = 0, .max_size = n});
        database->resets_alone = 0;
        lend(n);
        for (auto& lent : leases)
            execute(lent, "SET x = 1");
        return [this, n] {
            for (auto& lent : leases) {
                lent.release();
                world.advance(1ms);
            }
            world.advance(1s);
            EXPECT_EQ(static_cast<std::size_t>(database->resets_alone), n);
        };
    });
}

TEST_F(pool_cost, n_idle_ones_expire) {
    expect_linear([this](std::size_t n) {
        start({.min_size = 0, .max_size = n, .idle_timeout = 1min});
        lend(n);
        for (auto& lent : leases) {
            lent.release();
            world.advance(1ms);
        }
        return [this] {
            world.advance(2min);
            EXPECT_EQ(pool->stats().idle, 0U);
        };
    });
}

TEST_F(pool_cost, n_lifetimes_end) {
    expect_linear([this](std::size_t n) {
        start({.min_size = n, .max_size = n, .max_overflow = n, .idle_timeout = 0s, .max_lifetime = 1h});
        return [this, n] {
            world.advance(1h);
            EXPECT_EQ(pool->stats().closed.lifetime, n);
        };
    });
}

TEST_F(pool_cost, n_idle_ones_are_dead) {
    expect_linear([this](std::size_t n) {
        start({.min_size = n, .max_size = n});
        world.advance(5s);
        database->dials.ping = dial::fails(wharf::connection_lost("restarted"));
        return [this, n] {
            lend(1);
            EXPECT_EQ(pool->stats().closed.check_failed, n);
        };
    });
}

TEST_F(pool_cost, n_idle_ones_are_ended_by_the_server) {
    database->sockets = true;
    expect_linear([this](std::size_t n) {
        start({.min_size = 0, .max_size = n});
        lend(n);
        std::vector<wharf::test::stub_driver*> drivers;
        for (const auto& lent : leases)
            drivers.push_back(&driver_of(lent));
        leases.clear();
        world.settle();
        for (auto ended = drivers.rbegin(); ended != drivers.rend(); ++ended)
            (*ended)->ended_by_server();
        return [this, n] {
            world.advance(1ms);
            EXPECT_EQ(pool->stats().closed.check_failed, n);
        };
    });
}

TEST_F(pool_cost, n_are_closed_and_n_told_so) {
    expect_linear([this](std::size_t n) {
        start({.min_size = n, .max_size = n});
        lend(n);
        let_wait(n);
        return [this] {
            auto closing = world.start(pool->close());
            leases.clear();
            world.settle();
            EXPECT_TRUE(closing.done());
        };
    });
}

TEST_F(pool_cost, n_connects_hang_and_fail) {
    expect_linear([this](std::size_t n) {
        start({.min_size = n, .max_size = n, .fail_fast = false}, false);
        database->dials.connect = dial::never();
        return [this] {
            auto opening = world.start(pool->open());
            world.advance(10s);
            EXPECT_GE(pool->stats().connect_failures, work);
            pool.reset();
        };
    });
}

} // namespace
