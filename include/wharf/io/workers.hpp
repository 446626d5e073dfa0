// Threads for what blocks: SQLite in async mode, name resolution, key derivation.
#pragma once

#include "wharf/io/request.hpp"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace wharf::io {

/// A pool of threads, started as jobs need them, up to a maximum. Any thread may submit.
class workers {
public:
    explicit workers(std::size_t maximum = 16) noexcept : maximum_(maximum == 0 ? 1 : maximum) {}
    workers(const workers&) = delete;
    workers& operator=(const workers&) = delete;
    /// As stop().
    ~workers() { stop(); }

    /// Runs `work` on one of the threads, in the order of submission. Where not even a first thread can be started it
    /// runs on the calling one. After stop() the job is dropped.
    void submit(std::shared_ptr<job> work);
    /// Drops jobs that have not begun, and waits for those that have. Not from a job.
    void stop() noexcept;

private:
    void serve() noexcept;

    const std::size_t maximum_;
    std::mutex mutex_;
    std::condition_variable work_or_stop_;
    std::deque<std::shared_ptr<job>> waiting_; // guarded by mutex_, as all that follows
    std::vector<std::thread> threads_;
    std::size_t idle_{0};
    bool stopped_{false};
};

} // namespace wharf::io
