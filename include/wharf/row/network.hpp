// Addresses of networks and of hardware: PostgreSQL's inet, cidr, macaddr and macaddr8.
#pragma once

#include "wharf/row/codec.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wharf {

enum class ip_family : std::uint8_t { v4, v6 };

/// A host's address, and how many of its bits name its network: all of them where that is not said. A default one is
/// 0.0.0.0.
struct inet {
    ip_family family{ip_family::v4};
    std::uint8_t prefix{32};                ///< up to 32, or 128
    std::array<std::uint8_t, 16> address{}; ///< in the order in which they are written; IPv4 has the first four

    auto operator<=>(const inet&) const = default;

    /// 32 or 128.
    [[nodiscard]] constexpr std::uint8_t bits() const noexcept { return family == ip_family::v4 ? 32 : 128; }
    /// Reads "10.0.0.1", "10.0.0.1/8", "2001:db8::1/64".
    [[nodiscard]] static std::optional<inet> parse(std::string_view text) noexcept;
};

/// A network: an address whose bits behind the prefix are 0; others cannot become a parameter.
struct cidr {
    inet network{};

    auto operator<=>(const cidr&) const = default;

    /// Reads "10.0.0.0/8"; the prefix may be missing. Refuses addresses with bits behind the prefix.
    [[nodiscard]] static std::optional<cidr> parse(std::string_view text) noexcept;
};

struct macaddr {
    std::array<std::uint8_t, 6> bytes{};

    auto operator<=>(const macaddr&) const = default;
    /// Reads "08:00:2b:01:02:03", in either case, also with hyphens.
    [[nodiscard]] static std::optional<macaddr> parse(std::string_view text) noexcept;
};

struct macaddr8 {
    std::array<std::uint8_t, 8> bytes{};

    auto operator<=>(const macaddr8&) const = default;
    /// Reads "08:00:2b:01:02:03:04:05", in either case, also with hyphens.
    [[nodiscard]] static std::optional<macaddr8> parse(std::string_view text) noexcept;
};

/// As PostgreSQL writes them: an inet has its prefix only where that is not all of its bits, a cidr always.
[[nodiscard]] std::string to_string(const inet& value);
[[nodiscard]] std::string to_string(const cidr& value);
[[nodiscard]] std::string to_string(const macaddr& value);
[[nodiscard]] std::string to_string(const macaddr8& value);

/// Reads inet and cidr. On SQLite text, as all of these.
template <>
struct codec<inet> {
    static constexpr type_oid type = type_oid::inet;
    static void encode(const inet& value, std::string& out);
    static void decode(const cell_view& cell, inet& out);
};

template <>
struct codec<cidr> {
    static constexpr type_oid type = type_oid::cidr;
    static void encode(const cidr& value, std::string& out);
    static void decode(const cell_view& cell, cidr& out);
};

template <>
struct codec<macaddr> {
    static constexpr type_oid type = type_oid::macaddr;
    static void encode(const macaddr& value, std::string& out);
    static void decode(const cell_view& cell, macaddr& out);
};

template <>
struct codec<macaddr8> {
    static constexpr type_oid type = type_oid::macaddr8;
    static void encode(const macaddr8& value, std::string& out);
    static void decode(const cell_view& cell, macaddr8& out);
};

} // namespace wharf
