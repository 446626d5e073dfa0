// Refusing a second user of a connection.
#pragma once

#include "wharf/base/error.hpp"

#include <atomic>

namespace wharf {

/// Marks the connection as in use, and refuses a second user.
class busy_scope {
public:
    explicit busy_scope(std::atomic<bool>& busy) : busy_(&busy) {
        if (busy.exchange(true)) {
            throw concurrent_use("this connection is running a statement or streaming rows, for another thread or "
                                 "coroutine perhaps; a connection does one thing at a time");
        }
    }
    busy_scope(const busy_scope&) = delete;
    busy_scope& operator=(const busy_scope&) = delete;
    ~busy_scope() {
        if (busy_ != nullptr) *busy_ = false;
    }
    /// Leaves it in use.
    void keep() noexcept { busy_ = nullptr; }

private:
    std::atomic<bool>* busy_;
};

} // namespace wharf
