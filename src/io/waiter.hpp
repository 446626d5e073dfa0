// A task that a hub runs, and the links by which what it waits for finds it.
#pragma once

#include "io/timer_heap.hpp"
#include "wharf/io/task.hpp"

#include <atomic>
#include <memory>

namespace wharf::io {

class hub_job;
class hub_spot;

/// Made and destroyed by whoever starts the task. Before it is destroyed it must have left its hub (hub::leave).
class waiter : public timer_entry {
public:
    explicit waiter(task& running) noexcept : running_(running) {}

    [[nodiscard]] task& running() noexcept { return running_; }

protected:
    ~waiter() = default;

    /// It has been woken and its task has its answer: see to it that hub::advance() is called soon, but not in here.
    /// Called once per wait, with the hub's mutex held.
    virtual void schedule() noexcept = 0;

private:
    friend class hub;
    friend class descriptor_waits;

    task& running_;
    std::atomic<bool> cancel_requested_{false};

    // What it waits for: guarded by the hub's mutex.
    bool parked_{false};
    wake at_moment_{wake::timed_out};  // the answer when its moment comes
    descriptor* target_{nullptr};      // a descriptor, ...
    interest want_{interest::read};    //
    waiter* next_on_target_{nullptr};  // ... where others may wait as well,
    hub_spot* spot_{nullptr};          // or a parking spot,
    std::shared_ptr<hub_job> job_{};   // or an offloaded job: shared with the worker that runs it
    waiter* previous_parked_{nullptr}; // all that are parked
    waiter* next_parked_{nullptr};
};

} // namespace wharf::io
