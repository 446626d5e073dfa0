// Waiting for the pool to get somewhere: used by open() and close().
#pragma once

#include "pool/pool_state.hpp"

#include <memory>
#include <utility>

namespace wharf::detail {

/// Lives in the frame of its op; leaves the pool's list when destroyed.
class watching {
public:
    explicit watching(pool_state& pool) noexcept : pool_(pool) {}
    watching(const watching&) = delete;
    watching& operator=(const watching&) = delete;
    ~watching() {
        const pool_state::guard locked(pool_.mutex_);
        leave();
    }

    /// Has `spot` unparked at the next change. The mutex is held.
    void enter(std::shared_ptr<io::parking_spot> spot) noexcept {
        leave();
        watcher_.spot = std::move(spot);
        watcher_.listed = true;
        pool_.watchers_.push_back(watcher_);
    }

private:
    void leave() noexcept {
        if (std::exchange(watcher_.listed, false)) pool_.watchers_.erase(watcher_);
    }

    pool_state& pool_;
    watcher watcher_{};
};

} // namespace wharf::detail
