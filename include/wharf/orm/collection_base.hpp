// The untyped part of has_many: the objects on the other side, loaded when somebody looks.
#pragma once

#include "wharf/orm/relation_base.hpp"
#include "wharf/orm/walk.hpp"

#include <atomic>
#include <span>
#include <vector>

namespace wharf::orm {

class reference_base;

class collection_base : public relation_base {
public:
    collection_base() noexcept = default;
    explicit collection_base(std::vector<entity_base> items) noexcept : items_(std::move(items)) {}
    /// A copy of a row is a row: its collections are not loaded.
    collection_base(const collection_base& other) noexcept : relation_base(other) {}
    collection_base(collection_base&& other) noexcept : relation_base(other), items_(std::move(other.known())) {}
    collection_base& operator=(const collection_base&) = delete;
    collection_base& operator=(collection_base&&) = delete;
    ~collection_base() {
        if (walked_.load(std::memory_order_relaxed) != nullptr) end_walks();
    }

    /// Whether looking at the items needs no SQL.
    [[nodiscard]] bool loaded() const noexcept;
    /// The items. Loads them in a blocking session; throws not_loaded in an async one.
    [[nodiscard]] std::vector<entity_base>& items() const;

    /// For iterators over items(): what they point to stays as it is.
    [[nodiscard]] walk start_walk() const;

    /// Does not load.
    void add(entity_base item);
    /// Does nothing when the item is not in the collection. Does not load.
    void remove(const entity_base& item);
    /// Loads.
    void replace(std::vector<entity_base> items);

    // For the library: without side effects. Before the collection is loaded, these are what was added to it.
    [[nodiscard]] std::vector<entity_base>& known() const noexcept {
        if (walked_.load(std::memory_order_relaxed) != nullptr) [[unlikely]]
            leave_items_to_walks();
        if (holes_ != 0) close_holes();
        return items_;
    }
    /// The items as they lie there, empty handles between them.
    [[nodiscard]] std::span<const entity_base> places() const noexcept { return items_; }
    /// `when`: see transaction_state; 0: its items are not known.
    void set_loaded(std::uint64_t when) const noexcept { loaded_at_ = when; }
    [[nodiscard]] std::uint64_t loaded_at() const noexcept { return loaded_at_; }
    [[nodiscard]] bool was_loaded() const noexcept { return loaded_at_ != 0; }
    /// The serial of the innermost transaction level that can put the items back.
    [[nodiscard]] std::uint64_t remembered() const noexcept { return remembered_; }
    void set_remembered(std::uint64_t serial) const noexcept { remembered_ = serial; }
    /// Whether the object is among the items that are known, in constant time as forget() is.
    [[nodiscard]] bool holds(object_state& item) const noexcept;
    /// Puts an object at the end, and tells its reference where it is.
    void append(object_state& item, const reference_base& reference) const;
    /// Takes an object out, in constant time where its reference knows the place. Does nothing when it is not there.
    void forget(object_state& item) const noexcept;
    /// The next look at the items loads them again.
    void unload() const noexcept;

private:
    void leave_items_to_walks() const noexcept;
    void close_holes() const noexcept;
    void number_items() const noexcept;
    [[nodiscard]] bool is_at(std::size_t place, const object_state& item) const noexcept {
        return place < items_.size() && items_[place].state() == &item;
    }
    void end_walks() noexcept;

    mutable std::uint64_t loaded_at_{0};
    mutable std::uint64_t remembered_{0};
    mutable std::size_t holes_{0};                       // handles in items_ that were emptied by forget()
    mutable std::vector<entity_base> items_{};           // to be changed through known()
    mutable std::atomic<walked_items*> walked_{nullptr}; // of loops over items_; kept for the next one
};

} // namespace wharf::orm
