// Waiting for what another process or thread is about to do.
#pragma once

#include <chrono>
#include <thread>

namespace wharf::test {

/// Whether `holds` comes to be true; looks again every 10 ms, for ten seconds.
template <class Condition>
[[nodiscard]] bool soon(Condition holds) {
    for (int i = 0; i != 1000; ++i) {
        if (holds()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
}

} // namespace wharf::test
