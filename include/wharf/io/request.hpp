// What an op asks of its surroundings, as data. Whoever runs a task (the blocking runner, the poll
// loop, the Boost.Asio reactor) reads the request that stopped it, serves it, answers, and pumps on.
#pragma once

#include "wharf/base/time.hpp"

#include <atomic>
#include <cstdint>
#include <memory>

namespace wharf::io {

class descriptor;

/// What a wait on a descriptor is for.
enum class interest : std::uint8_t { read, write, either };

/// How a request ended.
enum class wake : std::uint8_t { ready, timed_out, cancelled };

/// Where an op parks until another thread unparks it. Made by the surroundings of the op that will park on it; shared
/// with whoever may unpark it, who may outlive the op. One use: unpark() before park() makes park() return at once.
class parking_spot {
public:
    parking_spot() = default;
    parking_spot(const parking_spot&) = delete;
    parking_spot& operator=(const parking_spot&) = delete;
    virtual ~parking_spot() = default;

    /// Wakes the op, now or when it parks. Any thread, any number of times, also after the op is gone.
    void unpark() {
        if (!signalled_.exchange(true, std::memory_order_acq_rel)) on_unpark();
    }
    [[nodiscard]] bool signalled() const noexcept { return signalled_.load(std::memory_order_acquire); }

protected:
    virtual void on_unpark() = 0;

private:
    std::atomic<bool> signalled_{false};
};

/// Work that runs to its end on a thread that may block. It owns its data: the op that asked for it may be gone by
/// then.
class job {
public:
    job() = default;
    job(const job&) = delete;
    job& operator=(const job&) = delete;
    virtual ~job() = default;
    /// Must not throw: what goes wrong is kept in the job for the op to collect.
    virtual void run() noexcept = 0;
};

/// What stopped a task. Which fields mean something depends on `what`.
struct request {
    enum class kind : std::uint8_t { none, wait, sleep, park, offload, yield };

    kind what{kind::none};
    interest want{interest::read};
    descriptor* target{nullptr};          ///< wait: on this descriptor
    time_point wake_at{never};            ///< sleep: answered `ready` at this moment
    time_point deadline{never};           ///< all: answered `timed_out` at this moment
    std::shared_ptr<parking_spot> spot{}; ///< park: shared with whoever will unpark it
    std::shared_ptr<job> work{};          ///< offload: shared with the worker that runs it
};

} // namespace wharf::io
