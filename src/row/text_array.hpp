// Arrays that are text: PostgreSQL's literals ('{1,2,NULL}') and JSON.
#pragma once

#include "wharf/row/array_reader.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wharf::detail {

/// The elements of an array, taken apart.
struct text_array {
    struct element {
        type_oid type;
        bool null;
        std::size_t at; ///< in `bytes`
        std::size_t size;
    };
    /// In text format; of unspecified type where the array does not say more than that it is text.
    [[nodiscard]] cell_view at(std::size_t index) const noexcept {
        const auto& found = elements[index];
        return {found.type, wire_format::text, found.null, std::string_view(bytes).substr(found.at, found.size)};
    }

    std::array<array_dimension, most_array_dimensions> dimensions{};
    std::size_t depth{0}; ///< 0 where there are no elements
    std::vector<element> elements{};
    std::string bytes{};
};

/// Reads an array in the text form that PostgreSQL writes for `array`, with its lower bounds. False where it is none,
/// or where its parts differ in size.
[[nodiscard]] bool parse_array_literal(std::string_view text, type_oid array, text_array& out);

/// Reads a JSON array of scalars, or of such arrays. Numbers are of type numeric, true and false of type bool, strings
/// of type text. False where it is none, or where its parts differ in size.
[[nodiscard]] bool parse_json_array(std::string_view text, text_array& out);

} // namespace wharf::detail
