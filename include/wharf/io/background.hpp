// Where a pool's own work runs: opening, cleaning and closing connections while nobody waits for them.
#pragma once

#include "wharf/io/op.hpp"

namespace wharf::io {

/// Runs ops that nobody awaits. A blocking pool owns a poll loop on a thread of its own; an async one uses the reactor
/// of its execution context.
class background {
public:
    background() = default;
    background(const background&) = delete;
    background& operator=(const background&) = delete;
    virtual ~background() = default;

    /// Starts `work`, soon and not inside this call; any thread. What it throws ends the process (std::terminate): an
    /// op for the background handles its own errors. Ops that are left when the background ends are destroyed.
    virtual void spawn(op<void> work) = 0;
};

} // namespace wharf::io
