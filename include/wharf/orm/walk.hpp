// What keeps a loop over a collection going: the items that it began with stay until it ends.
#pragma once

#include "wharf/orm/entity.hpp"

#include <atomic>
#include <cstdint>
#include <utility>
#include <vector>

namespace wharf::orm {

/// Where a collection leaves the items that loops walk over when it changes, or ends. Shared by the collection, as long
/// as its items are those of the loops, and by their iterators. Counted atomically: a plain row may be read by several
/// threads.
class walked_items {
public:
    void share() noexcept { holders_.fetch_add(1, std::memory_order_relaxed); }
    void release() noexcept {
        if (holders_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
    }
    /// Whether there are loops. For the collection.
    [[nodiscard]] bool in_use() const noexcept { return holders_.load(std::memory_order_acquire) > 1; }

    std::vector<entity_base> kept{};

private:
    std::atomic<std::uint32_t> holders_{1};
};

/// An iterator's share in them.
class walk {
public:
    walk() noexcept = default;
    explicit walk(walked_items& items) noexcept : items_(&items) { items.share(); }
    walk(const walk& other) noexcept : items_(other.items_) {
        if (items_ != nullptr) items_->share();
    }
    walk(walk&& other) noexcept : items_(std::exchange(other.items_, nullptr)) {}
    walk& operator=(walk other) noexcept {
        std::swap(items_, other.items_);
        return *this;
    }
    ~walk() {
        if (items_ != nullptr) items_->release();
    }

private:
    walked_items* items_{nullptr};
};

} // namespace wharf::orm
