// The reactor of one execution context: an epoll set of its own behind one Asio descriptor, so that an op that waits
// costs neither an Asio operation nor an Asio timer, and one batch of events may resume many ops.
#pragma once

#include "asio/context_work.hpp"
#include "asio/epoll_set.hpp"
#include "asio/uncounted_executor.hpp"
#include "io/hub.hpp"
#include "wharf/io/background.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <atomic>
#include <memory>
#include <optional>

namespace wharf::async_detail {

class background_run;
class context_service;

/// Any thread. Shared by the context's service, registrations, spots and callers: it may outlive its context, shut
/// down.
class asio_reactor final : public io::background, public io::hub {
public:
    asio_reactor(const boost::asio::any_io_executor& executor, context_service& service);

    void spawn(io::op<void> work) override;

    /// The context is about to end, and no thread runs it: destroys what was spawned and cancels what is parked.
    void shut_down() noexcept;

    /// An op of a coroutine on another context has begun, or ended: it counts as work of this context.
    void guest_entered() noexcept;
    void guest_left() noexcept;

    [[nodiscard]] const boost::asio::execution_context* context() const noexcept { return context_.load(); }
    /// Of the same context. Not after shut_down().
    [[nodiscard]] context_service& service() const noexcept { return service_; }

    // For its registrations and background runs.
    [[nodiscard]] int epoll_native() const noexcept { return set_.native(); }
    void remove(int native) noexcept;
    /// With the mutex held.
    void post_locked(background_run& run) noexcept;
    void retire(background_run& run) noexcept;

    using hub::mutex_;

private:
    void prepare_watch(io::descriptor& target) override;
    bool may_go_on() noexcept override;
    std::optional<io::wake> begin_watch(io::waiter& who, io::descriptor& target, io::interest want) override;
    void end_watch(io::waiter& who) noexcept override;
    void moment_added() noexcept override;

    void arm_locked() noexcept;
    void on_ready() noexcept;
    void deliver_locked(watched& to, std::uint32_t events) noexcept;

    std::atomic<const boost::asio::execution_context*> context_; // null after shut_down()
    context_service& service_;
    context_work work_;
    boost::asio::any_io_executor posting_; // the context's executor, never running a function inside execute()
    epoll_set set_;                        // guarded by mutex_, as all that follows
    using doorbell = boost::asio::posix::basic_stream_descriptor<uncounted_executor>;
    std::optional<doorbell> doorbell_; // the epoll set, as Asio sees it
    background_run* first_run_{nullptr};
    bool armed_{false};
};

} // namespace wharf::async_detail
