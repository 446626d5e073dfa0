// Ops that the tests of the reactor run, and how they run them.
#pragma once

#include "unit/io/socket_pair.hpp"
#include "wharf/asio/asynchronous.hpp"
#include "wharf/io/blocking.hpp"
#include "wharf/io/waits.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

namespace wharf::test {

/// Notes when it is destroyed, and counts how many there are.
struct traced {
    traced(std::vector<int>& log, int n) : order(log), number(n) { ++alive; }
    traced(const traced&) = delete;
    traced& operator=(const traced&) = delete;
    ~traced() {
        order.push_back(number);
        --alive;
    }
    std::vector<int>& order;
    int number;
    static inline std::atomic<int> alive{0};
};

enum class innermost { throws, waits };

/// `depth` ops in each other; the innermost throws, or waits for `silent` to become readable.
inline io::op<int> nested(int depth, innermost does, std::vector<int>& order, io::descriptor& silent) {
    const traced mark(order, depth);
    if (depth > 0) co_return co_await nested(depth - 1, does, order, silent);
    if (does == innermost::throws) throw std::runtime_error("from the innermost op");
    co_await io::wait(silent, io::interest::read);
    co_return 1;
}

/// What a coroutine ended with.
template <class T>
struct ended {
    bool completed{false};
    std::exception_ptr error{};
    std::optional<T> value{};

    template <class Error>
    [[nodiscard]] bool threw() const {
        try {
            if (error) std::rethrow_exception(error);
        } catch (const Error&) {
            return true;
        } catch (...) {
        }
        return false;
    }
};

template <class T>
auto record(ended<T>& into) {
    return [&into](std::exception_ptr error, T value) {
        into.completed = true;
        into.error = error;
        if (!error) into.value.emplace(std::move(value));
    };
}

/// Awaits the op on `context` until it ends.
template <class T>
T await(boost::asio::io_context& context, io::op<T> work, call_options options = {}) {
    const auto reactor = reactor_of(context.get_executor());
    ended<T> end;
    boost::asio::co_spawn(context, asynchronous::run(*reactor, std::move(work), options), record(end));
    context.restart();
    context.run();
    EXPECT_TRUE(end.completed);
    if (end.error) std::rethrow_exception(end.error);
    return std::move(end.value.value());
}

} // namespace wharf::test
