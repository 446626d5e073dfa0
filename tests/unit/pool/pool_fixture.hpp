// A pool over a stub database in virtual time.
#pragma once

#include "unit/pool/stub_database.hpp"
#include "wharf/base/error.hpp"
#include "wharf/pool/pool_core.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wharf::test {

class pool_fixture : public testing::Test {
protected:
    using acquiring = virtual_world::running<lease>;

    void make(const pool_options& options = {}) {
        pool = std::make_unique<pool_core>(
            database, [this] { return std::make_shared<virtual_world::background>(world); }, options, world);
    }
    void make_and_open(const pool_options& options = {}) {
        make(options);
        auto opening = world.start(pool->open());
        ASSERT_TRUE(world.run_until_done(opening));
        opening.get();
    }
    [[nodiscard]] acquiring acquire(duration timeout = duration::max()) {
        return world.start(pool->acquire(), deadline_after(world.now(), timeout));
    }
    /// Acquires what is there at once.
    [[nodiscard]] lease take() {
        auto running = acquire();
        EXPECT_TRUE(world.run_until_done(running)) << "no connection";
        return running.get();
    }
    [[nodiscard]] std::vector<lease> take(std::size_t count) {
        std::vector<lease> out;
        while (out.size() < count)
            out.push_back(take());
        return out;
    }
    [[nodiscard]] static stub_driver& driver_of(const lease& lent) {
        return dynamic_cast<stub_driver&>(lent.core().underlying());
    }
    [[nodiscard]] static int number(const lease& lent) { return driver_of(lent).number(); }
    void execute(const lease& lent, std::string sql) {
        auto running = world.start(lent.core().run_one(sql, {}));
        EXPECT_TRUE(world.run_until_done(running));
        static_cast<void>(running.get());
    }
    /// What the acquire threw, if it is an Error.
    template <class Error>
    [[nodiscard]] static std::string message_of(acquiring& running) {
        try {
            static_cast<void>(running.get());
        } catch (const Error& error) {
            return error.what();
        }
        return "nothing was thrown";
    }
    /// The counters agree with each other and with the database.
    void expect_balance() {
        const auto now = pool->stats();
        EXPECT_EQ(now.opened - now.closed.total(), now.idle + now.lent + now.cleaning + now.closing);
        EXPECT_EQ(static_cast<std::size_t>(database->open), now.idle + now.lent + now.cleaning + now.closing);
        EXPECT_LE(now.total(), now.limit);
    }
    void TearDown() override {
        world.settle();
        if (pool) expect_balance();
        pool.reset();
        world.settle();
        EXPECT_EQ(database->open, expected_open_at_end);
    }

    virtual_world world{};
    std::shared_ptr<stub_database> database = std::make_shared<stub_database>(world);
    std::unique_ptr<pool_core> pool{};
    int expected_open_at_end{0};
};

} // namespace wharf::test
