#include "asio/reactor.hpp"

#include "asio/background_run.hpp"
#include "asio/turn_budget.hpp"

#include <boost/asio/prefer.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/require.hpp>

#include <utility>

namespace wharf::async_detail {

namespace execution = boost::asio::execution;

asio_reactor::asio_reactor(const boost::asio::any_io_executor& executor, context_service& service)
    : hub(16), context_(&boost::asio::query(executor, execution::context)), service_(service), work_(executor),
      posting_(boost::asio::require(work_.executor(), execution::blocking.never)),
      doorbell_(std::in_place, uncounted_executor::over(work_.executor()), set_.native()) {}

void asio_reactor::spawn(io::op<void> work) {
    auto run = std::make_unique<background_run>(*this, std::move(work));
    const std::lock_guard lock(mutex_);
    if (is_closed_locked()) return; // `run` is destroyed after the lock is given back
    run->link(first_run_);
    post_locked(*run.release());
}

void asio_reactor::shut_down() noexcept {
    background_run* left = nullptr;
    {
        const std::lock_guard lock(mutex_);
        for (auto* run = first_run_; run != nullptr; run = run->next())
            run->silence();
        close_locked();
        left = std::exchange(first_run_, nullptr);
        // The set stays ours: descriptors that outlive the context take themselves out of it.
        static_cast<void>(doorbell_->release());
        doorbell_.reset();
        context_ = nullptr;
    }
    while (left != nullptr) {
        auto* next = left->next();
        delete left;
        left = next;
    }
    stop_workers();
}

void asio_reactor::guest_entered() noexcept {
    const std::lock_guard lock(mutex_);
    if (!is_closed_locked()) work_.started();
}

void asio_reactor::guest_left() noexcept {
    const std::lock_guard lock(mutex_);
    if (!is_closed_locked()) work_.finished();
}

void asio_reactor::remove(int native) noexcept {
    const std::lock_guard lock(mutex_); // no batch of events names it any more
    ::epoll_ctl(set_.native(), EPOLL_CTL_DEL, native, nullptr);
}

void asio_reactor::post_locked(background_run& run) noexcept {
    posting_.execute([&run] { run.go_on(); });
}

void asio_reactor::retire(background_run& run) noexcept {
    {
        const std::lock_guard lock(mutex_);
        run.unlink(first_run_);
    }
    delete &run;
}

void asio_reactor::prepare_watch(io::descriptor& target) {
    const auto* made = static_cast<const watched*>(target.registered());
    if (made != nullptr && made->home() == this) return;
    target.set_registration(nullptr); // leaves the reactor of another context before it enters this one
    auto self = std::static_pointer_cast<asio_reactor>(shared_from_this());
    target.set_registration(std::make_unique<watched>(std::move(self), target.native()));
}

bool asio_reactor::may_go_on() noexcept {
    turn_budget::spend();
    return !turn_budget::is_spent();
}

std::optional<io::wake> asio_reactor::begin_watch(io::waiter& who, io::descriptor& target, io::interest want) {
    auto& place = static_cast<watched&>(*target.registered());
    place.watch_for(want);
    if (place.take(want)) return io::wake::ready;
    place.waits.add(who, target, want);
    arm_locked();
    return std::nullopt;
}

void asio_reactor::end_watch(io::waiter& who) noexcept {
    static_cast<watched&>(*io::descriptor_waits::target(who)->registered()).waits.remove(who);
}

void asio_reactor::moment_added() noexcept {
    set_.wake_at(timers().earliest());
    arm_locked();
}

/// Waits for the set to become ready, without counting as work.
void asio_reactor::arm_locked() noexcept {
    if (std::exchange(armed_, true) || !doorbell_) return;
    doorbell_->async_wait(doorbell::wait_read, [this](boost::system::error_code error) {
        if (!error) on_ready();
    });
    work_.finished();
}

void asio_reactor::on_ready() noexcept {
    const std::lock_guard lock(mutex_);
    work_.started(); // Asio takes its wait off the count when this handler returns; arm_locked() has done so already
    armed_ = false;
    bool moment_came = false;
    for (;;) {
        const auto events = set_.ready();
        for (const auto& event : events) {
            if (epoll_set::is_timer(event))
                moment_came = true;
            else
                deliver_locked(*static_cast<watched*>(event.data.ptr), event.events);
        }
        if (events.size() < epoll_set::batch) break;
    }
    if (moment_came) { // after the descriptors: what is ready in time counts as in time
        set_.timer_fired();
        expire_locked(clock::now());
        set_.wake_at(timers().earliest());
    }
    arm_locked();
}

void asio_reactor::deliver_locked(watched& to, std::uint32_t events) noexcept {
    to.note(events);
    for (auto* who = to.waits.first(); who != nullptr;) {
        auto* next = io::descriptor_waits::next(*who);
        if (to.take(io::descriptor_waits::want(*who))) wake_locked(*who, io::wake::ready);
        who = next;
    }
}

} // namespace wharf::async_detail
