// One value that is no array, changed into the type that a statement wants.
#pragma once

#include "wharf/row/type_oid.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace wharf::postgres {

enum class adaptation : std::uint8_t {
    none,         ///< there is no way from the one type to the other
    out_of_range, ///< there is, but not for this value
    binary,       ///< done, in the wanted type's binary format
    text,         ///< done, in text: the server parses it
};

/// Appends `bytes`, a value of type `given` in binary, as a value of type `wanted`. What was appended counts only where
/// the answer is `binary` or `text`.
[[nodiscard]] adaptation adapt_scalar(type_oid given, std::string_view bytes, type_oid wanted, std::string& out);

/// Appends the value as PostgreSQL writes it in text. False where wharf cannot: types that it does not know in binary.
[[nodiscard]] bool append_literal(type_oid given, std::string_view bytes, std::string& out);

/// Whether the server reads the text of a value of type `given` as a `wanted`.
[[nodiscard]] bool takes_literal(type_oid given, type_oid wanted) noexcept;

/// text, varchar and their like, whose binary format is the text itself.
[[nodiscard]] bool is_text(type_oid type) noexcept;

} // namespace wharf::postgres
