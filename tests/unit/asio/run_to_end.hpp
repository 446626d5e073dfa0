// Running a coroutine on a context of its own.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <utility>

namespace wharf::test {

/// Runs until the context has nothing left to do; throws what `work` threw. `on_end` is called when `work` has ended.
template <class OnEnd = decltype([] {})>
void run_to_end(boost::asio::io_context& context, boost::asio::awaitable<void> work, OnEnd on_end = {}) {
    std::exception_ptr failed;
    boost::asio::co_spawn(context, std::move(work), [&](std::exception_ptr error) {
        failed = error;
        on_end();
    });
    context.restart();
    context.run();
    if (failed) std::rethrow_exception(failed);
}

} // namespace wharf::test
