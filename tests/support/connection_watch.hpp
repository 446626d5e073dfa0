// The most connections to a database that its server has counted in a time.
#pragma once

#include "support/postgres_server.hpp"

#include <algorithm>
#include <cstdint>
#include <thread>

namespace wharf::test {

/// Counts again and again, on a thread of its own, until it is asked.
class connection_watch {
public:
    explicit connection_watch(const database& of)
        : thread_([this, &of](const std::stop_token& done) {
              while (!done.stop_requested()) {
                  most_ = std::max(most_, of.connections());
                  std::this_thread::yield();
              }
          }) {}
    [[nodiscard]] std::int64_t most() {
        thread_.request_stop();
        thread_.join();
        return most_;
    }

private:
    std::int64_t most_{0};
    std::jthread thread_;
};

} // namespace wharf::test
