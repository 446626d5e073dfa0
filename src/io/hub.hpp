// Where tasks wait that do not block a thread: the common half of the poll loop and the Boost.Asio reactor. What they
// differ in - watching descriptors, waking up for the earliest moment, running a task that was woken - is virtual.
//
// Everything that can wake a task (its descriptor, its moment, unparking, the end of an offloaded job, cancellation)
// finds it by a link that is made and cut under one mutex. The first to come cuts all links and schedules the task, so
// nothing ever points at a task that is gone.
#pragma once

#include "io/waiter.hpp"
#include "wharf/io/descriptor.hpp"
#include "wharf/io/workers.hpp"

#include <memory>
#include <mutex>
#include <optional>

namespace wharf::io {

/// Thread-safe. Shared by its owner, the spots and jobs made for its tasks, and its registrations: it may outlive its
/// owner, closed.
class hub : public surroundings, public std::enable_shared_from_this<hub> {
public:
    explicit hub(std::size_t most_workers) : workers_(most_workers) {}

    std::shared_ptr<parking_spot> make_spot() override;

    /// Runs the task until it has finished (true) or is parked (false). In the second case it may be running on another
    /// thread by now, or gone.
    [[nodiscard]] bool advance(waiter& who) noexcept;
    /// The second half of advance(), for a task that has been pumped already and asks for something.
    [[nodiscard]] bool serve_and_advance(waiter& who) noexcept;
    /// Makes the task's wait, and all that follow, end with `cancelled`. Any thread, while `who` lives.
    void cancel(waiter& who) noexcept;
    /// Whether cancel() has been called. Any thread, while `who` lives.
    [[nodiscard]] static bool is_cancelled(const waiter& who) noexcept;
    /// Cuts every link to `who`; true where it was parked. Afterwards nothing schedules it.
    bool leave(waiter& who) noexcept;

protected:
    // Called without the mutex.
    /// Before begin_watch: the place to make the descriptor's registration.
    virtual void prepare_watch(descriptor& target) = 0;

    // Called with the mutex held.
    /// Whether a task that got its answer at once may go on with it: false where it is time for others.
    [[nodiscard]] virtual bool may_go_on() noexcept { return true; }
    /// Starts to watch; an answer where it has one at once. May throw: answered as cancelled.
    virtual std::optional<wake> begin_watch(waiter& who, descriptor& target, interest want) = 0;
    virtual void end_watch(waiter& who) noexcept = 0;
    /// The earliest moment in `timers()` has become earlier.
    virtual void moment_added() noexcept = 0;

    /// Wakes everyone as cancelled, now and from now on.
    void close_locked() noexcept;
    /// Ends the worker threads, those that run something when that has ended. Without the mutex.
    void stop_workers() noexcept { workers_.stop(); }
    void wake_locked(waiter& who, wake how) noexcept;
    void expire_locked(time_point now) noexcept;
    [[nodiscard]] timer_heap& timers() noexcept { return timers_; }
    [[nodiscard]] bool is_closed_locked() const noexcept { return closed_; }

    std::mutex mutex_;

private:
    friend class hub_spot;
    friend class hub_job;

    std::optional<wake> serve(waiter& who);
    std::optional<wake> begin_locked(waiter& who, request& what);
    std::optional<wake> let_others_run(waiter& who, const request& what) noexcept;
    void set_moment_locked(waiter& who, const request& what) noexcept;
    void cut_links_locked(waiter& who) noexcept;
    void unpark(hub_spot& spot) noexcept;
    void job_done(hub_job& job) noexcept;

    timer_heap timers_;             // guarded by mutex_
    waiter* first_parked_{nullptr}; // guarded by mutex_
    bool closed_{false};            // guarded by mutex_
    workers workers_;
};

/// The parking spot of a task in a hub.
class hub_spot final : public parking_spot {
public:
    explicit hub_spot(std::shared_ptr<hub> home) noexcept : home_(std::move(home)) {}

private:
    friend class hub;
    void on_unpark() override { home_->unpark(*this); }

    std::shared_ptr<hub> home_; // shared with the hub's owner: whoever unparks may come later
    waiter* parked_{nullptr};   // guarded by the hub's mutex
};

/// An offloaded job that tells the hub when it is done.
class hub_job final : public job {
public:
    hub_job(std::shared_ptr<hub> home, std::shared_ptr<job> work) noexcept
        : home_(std::move(home)), work_(std::move(work)) {}
    void run() noexcept override;

private:
    friend class hub;
    std::shared_ptr<hub> home_;
    std::shared_ptr<job> work_; // shared with the op that asked for it
    waiter* waiting_{nullptr};  // guarded by the hub's mutex
};

/// The tasks that wait on one descriptor, nearly always none or one. Guarded by the hub's mutex.
class descriptor_waits {
public:
    void add(waiter& who, descriptor& target, interest want) noexcept;
    void remove(waiter& who) noexcept;
    [[nodiscard]] waiter* first() const noexcept { return first_; }
    [[nodiscard]] static waiter* next(const waiter& who) noexcept { return who.next_on_target_; }
    [[nodiscard]] static interest want(const waiter& who) noexcept { return who.want_; }
    /// What `who` waits on; null where it waits for something else.
    [[nodiscard]] static descriptor* target(const waiter& who) noexcept { return who.target_; }

private:
    waiter* first_{nullptr};
};

} // namespace wharf::io
