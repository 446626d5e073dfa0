// Which connections are beyond their lifetime.
#pragma once

#include "pool/slot.hpp"

#include <cstddef>
#include <set>
#include <utility>

namespace wharf::detail {

/// A value: when each connection's lifetime ends, and the idle ones that go on until their replacement is open.
class retirement {
public:
    void add(pool_slot& slot) {
        if (slot.retire_at != never) due_.emplace(slot.retire_at, &slot);
    }
    void remove(pool_slot& slot) noexcept {
        due_.erase({slot.retire_at, &slot});
        keep(slot);
    }
    [[nodiscard]] time_point next() const noexcept { return due_.empty() ? never : due_.begin()->first; }
    /// One whose lifetime is over, each once. Null: there is none.
    [[nodiscard]] pool_slot* take_due(time_point now) noexcept {
        if (next() > now) return nullptr;
        auto* slot = due_.begin()->second;
        due_.erase(due_.begin());
        slot->retire_at = time_point::min(); // for clocks that lag behind this moment
        return slot;
    }

    /// The slot is idle and stays so until it is replaced.
    void await_replacement(pool_slot& slot) {
        slot.retired = true;
        retired_.insert(&slot);
    }
    /// It does not wait for that any more.
    void keep(pool_slot& slot) noexcept {
        if (std::exchange(slot.retired, false)) retired_.erase(&slot);
    }
    [[nodiscard]] std::size_t awaiting() const noexcept { return retired_.size(); }
    /// One that awaits its replacement; null: there is none.
    [[nodiscard]] pool_slot* any() const noexcept { return retired_.empty() ? nullptr : *retired_.begin(); }

private:
    std::set<std::pair<time_point, pool_slot*>> due_{};
    std::set<pool_slot*> retired_{};
};

} // namespace wharf::detail
