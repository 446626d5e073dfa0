// Destroying an op at a chosen one of its waits.
#pragma once

#include "io/futex_spot.hpp"
#include "io/poll_wait.hpp"
#include "wharf/io/blocking.hpp"
#include "wharf/io/descriptor.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

namespace wharf::test {

/// Serves a request on this thread, as run() does.
inline io::wake serve(io::request& what) {
    using kind = io::request::kind;
    if (what.what == kind::offload) {
        what.work->run();
        return io::wake::ready;
    }
    if (what.what == kind::yield) return io::wake::ready;
    if (what.what == kind::park) {
        const bool woken = static_cast<io::futex_spot&>(*what.spot).wait_until(what.deadline);
        return woken ? io::wake::ready : io::wake::timed_out;
    }
    const bool waits = what.what == kind::wait;
    pollfd entry{waits ? what.target->native() : -1, io::poll_events(what.want), 0};
    const auto until = waits ? what.deadline : std::min(what.wake_at, what.deadline);
    const int ready = io::poll_until(std::span(&entry, 1), until);
    return ready > 0 || (!waits && what.wake_at <= what.deadline) ? io::wake::ready : io::wake::timed_out;
}

/// Runs `work` as run() does, but destroys it at its wait number `wait` (from 0), and only then runs what it had
/// offloaded there, as a worker that had begun would. True when it was destroyed, false when it ended before.
template <class T>
bool abandon_at_wait(std::size_t wait, io::op<T> work) {
    std::shared_ptr<io::job> still_running;
    {
        io::outcome<T> out;
        io::task running(io::detail::blocking_surroundings());
        std::move(work).start_on(running, out);
        for (std::size_t number = 0; !running.pump(); ++number) {
            if (number == wait) {
                still_running = std::move(running.pending().work);
                break;
            }
            running.answer(serve(running.pending()));
        }
        if (running.finished()) {
            (void)out.take();
            return false;
        }
    }
    if (still_running) still_running->run();
    return true;
}

} // namespace wharf::test
