// The mode of the asynchronous faces: basic_pool<asynchronous>, basic_session<asynchronous>, ...
#pragma once

#include "wharf/asio/reactor.hpp"
#include "wharf/io/call_options.hpp"
#include "wharf/io/op.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>

namespace wharf {

namespace async_detail {

/// One op that a coroutine awaits and that could not finish at once. Lives in src/asio.
class user_run;
struct end_of_run {
    void operator()(user_run* run) const noexcept;
};
using run_handle = std::unique_ptr<user_run, end_of_run>;

[[nodiscard]] io::surroundings& surroundings_of(io::background& reactor) noexcept;
/// Runs as far as it goes without waiting; true when it has finished. It does not begin where much has been done on
/// this thread since others had their turn.
[[nodiscard]] bool begin(io::task& running, const call_options& options) noexcept;
[[nodiscard]] run_handle go_on(io::background& reactor, io::task& running, const call_options& options);
/// Completes when the task has finished. `run` outlives it.
[[nodiscard]] boost::asio::awaitable<void> completion(user_run& run);
/// Throws cancelled where the task did not begin.
void require_finished(const io::task& running);

} // namespace async_detail

struct asynchronous {
    /// What a call that yields a T returns.
    template <class T>
    using result = boost::asio::awaitable<T>;

    /// Runs an op for a coroutine. `reactor` comes from reactor_of(). The op runs and resumes on the executor of the
    /// coroutine that awaits it. One that finishes at once does not leave the calling thread, but where 128 have done
    /// so in a row the next one is queued on the executor, so that timers and other coroutines run. Throws what the op
    /// throws; timed_out when the deadline of `options` passes; cancelled by its stop_token or by Asio's cancellation
    /// slot. Destroying the awaitable destroys the op, innermost frame first.
    template <class T>
    static boost::asio::awaitable<T> run(io::background& reactor, io::op<T> work, call_options options = {}) {
        io::outcome<T> out;
        io::task running(async_detail::surroundings_of(reactor));
        std::move(work).start_on(running, out);
        async_detail::run_handle rest;
        if (!async_detail::begin(running, options)) {
            rest = async_detail::go_on(reactor, running, options);
            co_await async_detail::completion(*rest);
            async_detail::require_finished(running);
        }
        co_return out.take();
    }
    /// What a pool's own work runs on: the reactor of the executor's context.
    [[nodiscard]] static std::shared_ptr<io::background> make_background(const boost::asio::any_io_executor& executor) {
        return reactor_of(executor);
    }
};

} // namespace wharf
