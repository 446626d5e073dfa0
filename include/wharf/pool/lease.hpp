// A connection lent by a pool.
#pragma once

#include "wharf/connection/connection_core.hpp"
#include "wharf/io/background.hpp"

#include <cstdint>
#include <memory>
#include <utility>

namespace wharf {

namespace detail {
class pool_state;
struct pool_slot;
} // namespace detail

/// For an op that runs on a leased connection: keeps the connection's memory until the op ends, also when the lease is
/// given back meanwhile, which is a mistake of the caller's.
class lease_use {
public:
    /// The connection; throws usage_error when the lease has ended.
    [[nodiscard]] connection_core& core() const;
    [[nodiscard]] bool is_lent() const noexcept;

private:
    friend class lease;
    friend class lease_link;
    std::shared_ptr<detail::pool_slot> slot_{}; // shared with the pool
    std::uint64_t number_{0};
};

/// Refers to the connection of a lease, only while that lease lasts. Keeps neither the lease nor the connection.
class lease_link {
public:
    lease_link() noexcept = default;
    /// Null once the lease has ended.
    [[nodiscard]] connection_core* get() const noexcept;
    /// Throws usage_error once the lease has ended.
    [[nodiscard]] lease_use use() const;

private:
    friend class lease;
    std::weak_ptr<detail::pool_slot> slot_{};
    std::uint64_t number_{0};
};

/// The right to use one connection of a pool; gives it back when destroyed, from any thread, without waiting. What
/// needs waiting (rolling back, closing) the pool does in the background. It may outlive the pool object.
class lease {
public:
    lease() noexcept = default;
    lease(lease&& other) noexcept : slot_(std::exchange(other.slot_, nullptr)) {}
    lease& operator=(lease&& other) noexcept {
        if (this != &other) {
            release();
            slot_ = std::exchange(other.slot_, nullptr);
        }
        return *this;
    }
    ~lease() { release(); }

    explicit operator bool() const noexcept { return slot_ != nullptr; }
    /// Gives the connection back. Does nothing when there is none.
    void release() noexcept {
        if (slot_ != nullptr) give_back(*std::exchange(slot_, nullptr));
    }

    /// The connection; throws usage_error when it has been given back.
    [[nodiscard]] connection_core& core() const;
    /// For ops and scopes that must not trust the lease to outlive them; throw usage_error likewise.
    [[nodiscard]] lease_use use() const;
    [[nodiscard]] lease_link link() const;
    /// What the pool's own work runs on.
    [[nodiscard]] io::background& context() const;

private:
    friend class detail::pool_state;
    explicit lease(detail::pool_slot* slot) noexcept : slot_(slot) {}
    static void give_back(detail::pool_slot& slot) noexcept;
    void require() const;

    detail::pool_slot* slot_{nullptr}; // the pool keeps it while it is lent
};

} // namespace wharf
