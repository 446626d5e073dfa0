// Threads for what blocks: SQLite in async mode, name resolution, key derivation.
#pragma once

#include "wharf/io/request.hpp"

#include <cstddef>
#include <memory>

namespace wharf::io {

/// A pool of threads, started as jobs need them, up to a maximum. Any thread may submit.
class workers {
public:
    explicit workers(std::size_t maximum = 16);
    workers(const workers&) = delete;
    workers& operator=(const workers&) = delete;
    /// As stop().
    ~workers() { stop(); }

    /// Runs `work` on one of the threads, in the order of submission. Where not even a first thread can be started it
    /// runs on the calling one. After stop() the job is dropped.
    void submit(std::shared_ptr<job> work);
    /// Drops jobs that have not begun. Does not wait for those that have: they own what they use, and their threads end
    /// with them. Also from a job.
    void stop() noexcept;

private:
    class crew;
    const std::shared_ptr<crew> crew_; // shared with its threads
};

} // namespace wharf::io
