// Runs a coroutine on an event loop of its own.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <utility>

namespace wharf::test {

/// Runs `context` until `work` and all that it started have ended; throws what `work` threw.
inline void run_async(boost::asio::io_context& context, boost::asio::awaitable<void> work) {
    std::exception_ptr failure;
    boost::asio::co_spawn(context, std::move(work),
                          [&failure](std::exception_ptr error) { failure = std::move(error); });
    context.run();
    context.restart();
    if (failure) std::rethrow_exception(failure);
}

} // namespace wharf::test
