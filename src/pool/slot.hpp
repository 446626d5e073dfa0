// One open connection of a pool, with what the pool knows of it.
#pragma once

#include "pool/linked_list.hpp"
#include "wharf/base/time.hpp"
#include "wharf/connection/connection_core.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <utility>

namespace wharf::detail {

class pool_state;
struct pool_slot;

/// Where a slot is. Guarded by the pool's mutex, as everything here but `core`, `lease_number` and `looked_at`.
enum class slot_place : std::uint8_t { idle, lent, cleaning, closing };

/// The place of an idle connection among those that are not settled.
struct unsettled_place : linked<unsettled_place> {
    explicit unsettled_place(pool_slot& of) noexcept : slot(of) {}
    pool_slot& slot;
};

struct pool_slot final : linked<pool_slot>, std::enable_shared_from_this<pool_slot>, private driver_source {
    pool_slot(const std::shared_ptr<pool_state>& owner, std::shared_ptr<connector> opener,
              std::unique_ptr<driver> opened)
        : pool(owner.get()), pool_if_any(owner), database(std::move(opener)), core(std::move(opened)) {
        core.replaced_by(this);
    }

    /// A number that changes when the connection is lent and when it comes back.
    [[nodiscard]] bool is_lent_as(std::uint64_t number) const noexcept {
        return lease_number.load(std::memory_order_relaxed) == number;
    }

    /// By whoever has the slot alone: no atomic addition is needed.
    void next_lease_number() noexcept {
        lease_number.store(lease_number.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }

    pool_state* pool;                      // valid while the slot is lent
    std::weak_ptr<pool_state> pool_if_any; // for ops that may outlast their lease
    std::shared_ptr<connector> database;   // shared with the pool; outlives the driver
    connection_core core;                  // used by whoever has the slot
    std::atomic<std::uint64_t> lease_number{0};
    time_point looked_at{}; // when the server was last seen to be there; used by whoever has the slot
    std::uint64_t uses{0};
    std::uint64_t statements_when_lent{0};
    time_point retire_at{never};
    time_point idle_since{}; // never lent: as long as the one that is idle longest
    time_point lent_at{};
    std::uint64_t watched_as{0};      // 0: nobody watches its socket
    bool hung_up{false};              // the other side has ended the connection
    bool settled{true};               // nothing is to be sent or answered: see driver::reset_is_due() and awaits_undo()
    unsettled_place unsettled{*this}; // listed while it is idle and not settled
    std::size_t index{0};             // in the pool's list of slots
    slot_place place{slot_place::idle};
    bool retired{false}; // idle beyond its lifetime until its replacement is open

private:
    [[nodiscard]] io::op<void> replace_driver(std::exception_ptr why) override;
};

} // namespace wharf::detail
