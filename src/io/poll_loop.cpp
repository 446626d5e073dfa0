#include "wharf/io/poll_loop.hpp"

#include "io/hub.hpp"
#include "io/poll_wait.hpp"
#include "wharf/io/blocking.hpp"

#include <sys/eventfd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace wharf::io {

class poll_loop::loop final : public hub {
public:
    explicit loop(std::size_t most_workers);

    void spawn(op<void> work);
    void stop() noexcept;
    /// Whether its thread runs, or has run, in this process: not in a child made by fork(2).
    [[nodiscard]] bool is_of_this_process() const noexcept { return process_ == ::getpid(); }

private:
    class running;

    void prepare_watch(descriptor& /*target*/) override {}
    std::optional<wake> begin_watch(waiter& who, descriptor& target, interest want) override;
    void end_watch(waiter& who) noexcept override;
    void moment_added() noexcept override {} // only the loop's own thread adds one, before it polls

    void add_ready_locked(running& who) noexcept;
    void run() noexcept;
    bool run_ready() noexcept;
    void poll() noexcept;
    void collect_locked();
    void wake_thread() noexcept;

    const pid_t process_{::getpid()};
    std::thread thread_;
    descriptor event_;                 // interrupts poll(2)
    running* first_ready_{nullptr};    // guarded by mutex_, as all that follows but the last three
    running* last_ready_{nullptr};     //
    descriptor_waits watching_{};      // of every descriptor: poll(2) looks at all of them anyway
    std::size_t count_{0};             // of ops
    bool polling_{false};              // whether the thread must be woken for what is new
    bool stopping_{false};             //
    time_point until_{never};          // when poll(2) is to return; the thread's own
    std::vector<pollfd> entries_;      // for poll(2): the event first; the thread's own
    std::vector<waiter*> entry_owner_; // of the entry with the same index; the thread's own
};

/// An op in the loop. Destroyed by the loop's thread, when it has finished.
class poll_loop::loop::running final : public waiter {
public:
    running(loop& home, op<void> work) : waiter(task_), home_(home), task_(home) {
        std::move(work).start_on(task_, out_);
    }
    ~running() = default;
    void end() noexcept { out_.take(); } // noexcept: what escapes from a background op ends the process

    running* next_ready{nullptr}; // guarded by the loop's mutex

private:
    void schedule() noexcept override { home_.add_ready_locked(*this); }

    loop& home_;
    outcome<void> out_{};
    task task_;
};

poll_loop::loop::loop(std::size_t most_workers) : hub(most_workers), event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!event_.is_open()) throw std::system_error(errno, std::generic_category(), "eventfd");
}

void poll_loop::loop::spawn(op<void> work) {
    auto made = std::make_unique<running>(*this, std::move(work));
    const std::lock_guard lock(mutex_);
    if (stopping_) return; // `made` is destroyed after the lock is given back
    if (!thread_.joinable()) {
        // Kept by its thread: where an op drops the last reference to the poll loop, nobody joins that thread.
        auto self = std::static_pointer_cast<loop>(shared_from_this());
        thread_ = std::thread([self] { self->run(); });
    }
    ++count_;
    add_ready_locked(*made.release());
}

void poll_loop::loop::stop() noexcept {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        close_locked();
        wake_thread();
    }
    stop_workers();
    if (!thread_.joinable()) return;
    if (thread_.get_id() == std::this_thread::get_id())
        thread_.detach();
    else
        thread_.join();
}

std::optional<wake> poll_loop::loop::begin_watch(waiter& who, descriptor& target, interest want) {
    watching_.add(who, target, want);
    return std::nullopt;
}

void poll_loop::loop::end_watch(waiter& who) noexcept {
    watching_.remove(who);
}

void poll_loop::loop::add_ready_locked(running& who) noexcept {
    who.next_ready = nullptr;
    (last_ready_ != nullptr ? last_ready_->next_ready : first_ready_) = &who;
    last_ready_ = &who;
    if (polling_) wake_thread();
}

void poll_loop::loop::wake_thread() noexcept {
    const std::uint64_t one = 1;
    static_cast<void>(!::write(event_.native(), &one, sizeof one));
}

void poll_loop::loop::run() noexcept {
    while (run_ready())
        poll();
}

/// Runs what is ready; what becomes so meanwhile has its turn after the next look at the descriptors. False when
/// nothing is left after stop().
bool poll_loop::loop::run_ready() noexcept {
    std::unique_lock lock(mutex_);
    polling_ = false;
    last_ready_ = nullptr;
    for (auto* next = std::exchange(first_ready_, nullptr); next != nullptr;) {
        auto& who = *std::exchange(next, next->next_ready);
        lock.unlock();
        const bool finished = advance(who);
        if (finished) {
            who.end();
            delete &who;
        }
        lock.lock();
        if (finished) --count_;
    }
    if (stopping_ && count_ == 0) return false;
    collect_locked();
    polling_ = true;
    return true;
}

/// What poll(2) is to wait for. Only this thread runs and destroys ops, so their waiters stay where they are.
void poll_loop::loop::collect_locked() {
    until_ = first_ready_ != nullptr ? time_point() : timers().earliest();
    entries_.assign(1, pollfd{event_.native(), POLLIN, 0});
    entry_owner_.assign(1, nullptr);
    for (auto* who = watching_.first(); who != nullptr; who = descriptor_waits::next(*who)) {
        const int native = descriptor_waits::target(*who)->native();
        entries_.push_back(pollfd{native, poll_events(descriptor_waits::want(*who)), 0});
        entry_owner_.push_back(who);
    }
}

void poll_loop::loop::poll() noexcept {
    static_cast<void>(poll_until(entries_, until_));
    std::uint64_t drained = 0;
    if (entries_.front().revents != 0) static_cast<void>(!::read(event_.native(), &drained, sizeof drained));
    const std::lock_guard lock(mutex_);
    polling_ = false;
    for (std::size_t i = 1; i < entries_.size(); ++i) {
        // Cancelled or timed out meanwhile, it is not parked any more and this does nothing.
        if (entries_[i].revents != 0) wake_locked(*entry_owner_[i], wake::ready);
    }
    if (timers().earliest() != never) expire_locked(clock::now());
}

poll_loop::poll_loop(std::size_t most_workers) : loop_(std::make_shared<loop>(most_workers)) {}

poll_loop::~poll_loop() {
    if (loop_->is_of_this_process())
        loop_->stop();
    else // there is no thread to be ended, and its mutex may be locked for ever
        // NOLINTNEXTLINE(bugprone-unhandled-exception-at-new): a child without memory for this ends
        static_cast<void>(new std::shared_ptr<loop>(std::move(loop_)));
}

void poll_loop::spawn(op<void> work) {
    loop_->spawn(std::move(work));
}

} // namespace wharf::io

namespace wharf {

std::shared_ptr<io::background> blocking::make_background() {
    return std::make_shared<io::poll_loop>();
}

} // namespace wharf
