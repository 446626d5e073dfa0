// An op that a coroutine awaits and that could not finish at once.
#pragma once

#include "asio/reactor.hpp"
#include "io/waiter.hpp"
#include "wharf/io/call_options.hpp"
#include "wharf/io/frame.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <optional>
#include <stop_token>

namespace wharf::async_detail {

class context_service;

/// Lives in the coroutine's frame. What keeps that frame alive while it is suspended is its completion handler, which
/// is here while the op is parked, and in the function that is queued on the executor once it has been woken. So
/// whoever drops either destroys the coroutine, and with it this.
class user_run final : public io::waiter {
public:
    using handler = boost::asio::async_result<boost::asio::use_awaitable_t<>, void()>::handler_type;

    user_run(std::shared_ptr<asio_reactor> reactor, io::task& running, const call_options& options);
    user_run(const user_run&) = delete;
    user_run& operator=(const user_run&) = delete;
    ~user_run();

    static void* operator new(std::size_t size) { return io::allocate_frame(size); }
    static void operator delete(void* memory, std::size_t size) noexcept { io::free_frame(memory, size); }

    /// Waits for what the task asks for, or for its turn where it has not begun; `on_finish` is called, on its
    /// executor, when the task has finished. A task that is cancelled before its turn does not begin.
    void start(handler on_finish);
    /// The context of the coroutine is about to end: where the op is parked, lets go of the coroutine.
    void drop() noexcept;

private:
    friend class context_service;
    class resumption;
    struct canceller {
        user_run* run;
        void operator()() const noexcept { run->reactor_->cancel(*run); }
    };

    void schedule() noexcept override;
    void go_on(handler on_finish);

    const std::shared_ptr<asio_reactor> reactor_; // shared with the context's service; this may end after it
    const std::stop_token stop_;
    std::optional<handler> handler_;
    boost::asio::any_io_executor keeps_running_; // counts as work of the coroutine's context
    boost::asio::any_io_executor posting_;       // the coroutine's executor, never running inside execute()
    context_service* guest_of_{nullptr};         // the service of the coroutine's context
    user_run* previous_{nullptr};                // guarded by that service
    user_run* next_{nullptr};
    bool is_foreign_{false};
    bool awaits_turn_{false};
    std::optional<std::stop_callback<canceller>> on_stop_; // last: destroying it waits for its callback to return
};

} // namespace wharf::async_detail
