// What SQLite keeps for a value that is encoded for PostgreSQL.
#pragma once

#include "wharf/row/cell.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace wharf::sqlite {

/// SQLite's storage classes.
enum class storage : std::uint8_t { null, integer, real, text, blob };

struct stored_value {
    storage kind{storage::null};
    std::int64_t integer{0};
    double real{0};
    std::string_view borrowed{}; ///< of text and blob: bytes of the value itself, unless it `owns` them
    std::string owned{};
    bool owns{false};

    [[nodiscard]] std::string_view bytes() const noexcept { return owns ? std::string_view(owned) : borrowed; }
};

/// Throws conversion_error for types and values that SQLite cannot keep.
[[nodiscard]] stored_value stored(const cell_view& value);

} // namespace wharf::sqlite
