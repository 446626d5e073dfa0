// Universally unique identifiers.
// Source: RFC 9562.
#pragma once

#include "wharf/row/codec.hpp"

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace wharf {

/// Sixteen bytes, in the order in which they are written. A default one is all zeros.
struct uuid {
    std::array<std::uint8_t, 16> bytes{};

    auto operator<=>(const uuid&) const = default;

    /// Reads "550e8400-e29b-41d4-a716-446655440000": either case, with or without all four hyphens, optionally in
    /// braces. Anything else gives nothing.
    [[nodiscard]] static std::optional<uuid> parse(std::string_view text) noexcept;
    /// Random (version 4). Any thread. Throws wharf::error where the system gives no random numbers.
    [[nodiscard]] static uuid random();
    /// Ordered by time (version 7): greater than every other one that this process has made. Good for keys, since
    /// neighbours in time are neighbours in the index. Any thread.
    [[nodiscard]] static uuid ordered();
};

/// Lower case, with hyphens.
[[nodiscard]] std::string to_string(const uuid& value);

template <>
struct codec<uuid> {
    static constexpr type_oid type = type_oid::uuid;
    static constexpr bool exact = true;
    static void encode(const uuid& value, std::string& out);
    /// Reads uuid, its text, and sixteen bytes.
    static void decode(const cell_view& cell, uuid& out);
};

} // namespace wharf

template <>
struct std::hash<wharf::uuid> {
    [[nodiscard]] std::size_t operator()(const wharf::uuid& value) const noexcept;
};
