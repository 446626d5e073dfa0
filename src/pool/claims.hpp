// Places in a pool's counters held by work in the background. Each gives its place back when destroyed, so that an op
// that never starts, fails, or is destroyed half-way leaves the counters right.
#pragma once

#include "pool/connects.hpp"
#include "pool/slot.hpp"
#include "wharf/pool/pool_stats.hpp"

#include <cstdint>
#include <memory>
#include <utility>

namespace wharf::detail {

class pool_state;

/// A connection being opened.
class connect_claim {
public:
    connect_claim(std::shared_ptr<pool_state> pool, connects::handle attempt, std::uint64_t round) noexcept
        : pool_(std::move(pool)), attempt_(attempt), round_(round) {}
    connect_claim(connect_claim&&) noexcept = default;
    connect_claim& operator=(connect_claim&&) = delete;
    ~connect_claim();

    [[nodiscard]] pool_state& pool() const noexcept { return *pool_; }
    [[nodiscard]] connects::handle attempt() const noexcept { return attempt_; }
    [[nodiscard]] std::uint64_t round() const noexcept { return round_; }
    /// Its place has been taken over: whoever calls this counts on.
    [[nodiscard]] std::shared_ptr<pool_state> settle() noexcept { return std::move(pool_); }

private:
    std::shared_ptr<pool_state> pool_;
    connects::handle attempt_;
    std::uint64_t round_;
};

/// A connection that something is done to in the background, which may succeed.
class slot_claim {
public:
    slot_claim(std::shared_ptr<pool_state> pool, std::shared_ptr<pool_slot> slot) noexcept
        : pool_(std::move(pool)), slot_(std::move(slot)) {}
    slot_claim& operator=(slot_claim&&) = delete;

    [[nodiscard]] pool_state& pool() const noexcept { return *pool_; }
    [[nodiscard]] pool_slot& slot() const noexcept { return *slot_; }
    void succeeded() noexcept { well_ = true; }

protected:
    slot_claim(slot_claim&&) noexcept = default;
    ~slot_claim() = default;

    std::shared_ptr<pool_state> pool_; // null: moved from
    std::shared_ptr<pool_slot> slot_;
    bool well_{false};
};

/// A connection whose transaction is being rolled back. It goes back into the pool, or ends.
class cleaning_claim : public slot_claim {
public:
    using slot_claim::slot_claim;
    cleaning_claim(cleaning_claim&&) noexcept = default;
    ~cleaning_claim();
};

/// An idle connection that is asked for an answer, since another one of its age was dead. It goes back, or ends.
class checking_claim : public slot_claim {
public:
    using slot_claim::slot_claim;
    checking_claim(checking_claim&&) noexcept = default;
    ~checking_claim();
};

/// A connection that is being closed. Its destruction ends the connection.
class closing_claim {
public:
    closing_claim(std::shared_ptr<pool_state> pool, std::shared_ptr<pool_slot> slot,
                  std::uint64_t pool_closures::* reason) noexcept
        : pool_(std::move(pool)), slot_(std::move(slot)), reason_(reason) {}
    closing_claim(closing_claim&&) noexcept = default;
    closing_claim& operator=(closing_claim&&) = delete;
    ~closing_claim();

    [[nodiscard]] pool_state& pool() const noexcept { return *pool_; }
    [[nodiscard]] pool_slot& slot() const noexcept { return *slot_; }

private:
    std::shared_ptr<pool_state> pool_;
    std::shared_ptr<pool_slot> slot_;
    std::uint64_t pool_closures::* reason_;
};

} // namespace wharf::detail
