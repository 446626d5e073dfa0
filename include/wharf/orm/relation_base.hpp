// What all relation members have in common: the object that they are a member of.
#pragma once

#include "wharf/orm/entity.hpp"

#include <cstdint>

namespace wharf::orm {

/// The value of a relation member moves and is copied with its row; what it is bound to never does. It is bound when
/// its row comes to live in an entity.
class relation_base {
public:
    // For the library.
    void bind(object_state& owner, std::size_t index) noexcept {
        owner_ = &owner;
        index_ = static_cast<std::uint16_t>(index);
    }
    [[nodiscard]] object_state* owner() const noexcept { return owner_; }
    [[nodiscard]] std::size_t index() const noexcept { return index_; }
    [[nodiscard]] const relation_descriptor& description() const noexcept { return owner_->type->relations[index_]; }

protected:
    relation_base() noexcept = default;
    relation_base(const relation_base& /*other*/) noexcept {}
    // NOLINTNEXTLINE(bugprone-unhandled-self-assignment): nothing is assigned
    relation_base& operator=(const relation_base& /*other*/) noexcept { return *this; }
    ~relation_base() = default;

    object_state* owner_{nullptr}; // null: the row is a plain value
    std::uint16_t index_{0};       // in the owner's class_descriptor::relations
};

} // namespace wharf::orm
