// A row by its class and key, as a key of hash tables.
#pragma once

#include "wharf/orm/descriptor.hpp"
#include "wharf/orm/key_value.hpp"

#include <functional>

namespace wharf::orm {

struct row_name {
    const class_descriptor* type{nullptr};
    key_value key{};

    friend bool operator==(const row_name&, const row_name&) noexcept = default;
};

struct row_name_hash {
    std::size_t operator()(const row_name& name) const noexcept {
        return name.key.hash() ^ std::hash<const void*>()(name.type);
    }
};

} // namespace wharf::orm
