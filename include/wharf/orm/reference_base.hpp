// The untyped part of belongs_to: a key, and the object that has it once somebody asked for it.
#pragma once

#include "wharf/orm/relation_base.hpp"

namespace wharf::orm {

class reference_base : public relation_base {
public:
    reference_base() noexcept = default;
    reference_base(const reference_base& other) : relation_base(other), target_(other.target_), key_(other.key_) {}
    reference_base(reference_base&& other) noexcept
        : relation_base(other), target_(std::move(other.target_)), key_(std::move(other.key_)) {}
    reference_base& operator=(const reference_base& other) {
        if (this != &other) assign(other.target_, other.key_);
        return *this;
    }
    // NOLINTNEXTLINE(performance-noexcept-move-constructor): keeping the other side in step may fail
    reference_base& operator=(reference_base&& other) {
        if (this != &other) assign(std::move(other.target_), std::move(other.key_));
        return *this;
    }
    ~reference_base() = default;

    /// The object referred to. Loads it in a blocking session; throws not_loaded in an async one.
    [[nodiscard]] const entity_base& object() const;
    /// Whether object() needs no SQL.
    [[nodiscard]] bool loaded() const;
    /// Refers to something: an object, new or not, or a key.
    [[nodiscard]] bool is_set() const noexcept { return target_ || key_.is_set(); }
    /// The key of what it refers to; unset when that is new, or nothing.
    [[nodiscard]] const key_value& foreign_key() const noexcept;

    /// Refers to something else, and keeps the other side in step. A call of the session, if it is in one.
    void assign(entity_base target, key_value key);
    /// The same within a call.
    void change(entity_base target, key_value key);
    void change(entity_base target) { change(std::move(target), key_value()); }

    // For the library: without side effects.
    [[nodiscard]] const entity_base& target() const noexcept { return target_; }
    [[nodiscard]] const key_value& own_key() const noexcept { return key_; }
    void set(entity_base target, key_value key) const noexcept {
        target_ = std::move(target);
        key_ = std::move(key);
    }
    [[nodiscard]] bool linked() const noexcept { return linked_; }
    void set_linked(bool linked) const noexcept { linked_ = linked; }
    /// Where the owner is in the target's collection, as far as nothing has moved.
    [[nodiscard]] std::size_t place() const noexcept { return place_; }
    void set_place(std::size_t place) const noexcept { place_ = static_cast<std::uint32_t>(place); }
    [[nodiscard]] bool by_collection() const noexcept { return by_collection_; }
    void set_by_collection(bool by_collection) const noexcept { by_collection_ = by_collection; }

private:
    mutable bool linked_{false};        // the owner is known to the target's collection
    mutable bool by_collection_{false}; // the target was set because the owner was put into its collection
    mutable std::uint32_t place_{0};
    mutable entity_base target_{};
    mutable key_value key_{};
};

[[nodiscard]] inline bool operator==(const reference_base& left, const reference_base& right) noexcept {
    if (left.foreign_key().is_set() || right.foreign_key().is_set()) return left.foreign_key() == right.foreign_key();
    return left.target().state() == right.target().state();
}

} // namespace wharf::orm
