// What decoders say when they refuse. They name the types, never the value; the column is added by who knows it.
#pragma once

#include "wharf/row/cell.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace wharf::detail {

/// Types that a user has made get identifiers from here on: enums, domains, extensions.
inline constexpr auto first_user_type = type_oid{16384};

/// The name of the cell's type, with its schema where it is a user's.
[[nodiscard]] std::string type_name(const cell_view& cell);
/// Names in quotes, with commas between them.
[[nodiscard]] std::string quoted_list(std::span<const std::string_view> names);

/// A type that the target does not read.
[[noreturn]] void refuse_type(const cell_view& cell, std::string_view target);
/// Bytes that are none of the type's.
[[noreturn]] void refuse_bytes(const cell_view& cell);
/// A value that the target cannot hold.
[[noreturn]] void refuse_range(const cell_view& cell, std::string_view target);
/// Text that does not spell a value of the target.
[[noreturn]] void refuse_text(const cell_view& cell, std::string_view target);
/// A timestamp or date without end, where only finite ones fit.
[[noreturn]] void refuse_infinity(const cell_view& cell);
/// A C++ value that its type in the database cannot hold.
[[noreturn]] void refuse_encoding(std::string_view source, type_oid target);

/// Refuses a cell that does not have exactly `size` bytes.
inline void expect_size(const cell_view& cell, std::size_t size) {
    if (cell.bytes.size() != size) refuse_bytes(cell);
}

[[nodiscard]] bool is_sent_as_text(type_oid type) noexcept;
/// Types whose binary form is their text, jsonb not among them; or any type that came in text format.
[[nodiscard]] inline bool is_text(const cell_view& cell) noexcept {
    return cell.type == type_oid::text || cell.format == wire_format::text || is_sent_as_text(cell.type);
}

/// The text of json, jsonb or anything else that is_text(); refuses other types.
[[nodiscard]] std::string_view text_of(const cell_view& cell, std::string_view target);

} // namespace wharf::detail
