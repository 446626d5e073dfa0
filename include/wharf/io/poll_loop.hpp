// The background of a blocking pool: one thread that runs many ops.
#pragma once

#include "wharf/io/background.hpp"

#include <cstddef>
#include <memory>

namespace wharf::io {

/// Runs ops on a thread of its own, started by the first spawn(). Any thread may spawn.
class poll_loop final : public background {
public:
    /// `most_workers` threads at most run what its ops offload.
    explicit poll_loop(std::size_t most_workers = 16);
    /// Cancels every op: what it waits for from then on ends as `cancelled` at once. Returns when all have ended; does
    /// not wait for what they have offloaded. In one of its own ops it returns at once, and they end on their thread.
    ~poll_loop() override;

    void spawn(op<void> work) override;

private:
    class loop;
    std::shared_ptr<loop> loop_; // shared with parking spots, whose holders may come later
};

} // namespace wharf::io
