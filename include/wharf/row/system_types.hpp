// Types of PostgreSQL's own bookkeeping, and money.
//
// oid, xid and cid are read into std::uint32_t, xid8 into std::uint64_t (numbers.hpp). regclass and its like arrive as
// text, the names that they stand for; `::oid` in the statement gives their numbers.
#pragma once

#include "wharf/row/codec.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wharf {

/// Where a row version lies: PostgreSQL's tid, as in the column ctid.
struct tid {
    std::uint32_t block{0};
    std::uint16_t offset{0};

    auto operator<=>(const tid&) const = default;
    /// Reads "(42,7)".
    [[nodiscard]] static std::optional<tid> parse(std::string_view text) noexcept;
};

/// A place in the write-ahead log.
struct pg_lsn {
    std::uint64_t position{0};

    auto operator<=>(const pg_lsn&) const = default;
    /// Reads "16/B374D848".
    [[nodiscard]] static std::optional<pg_lsn> parse(std::string_view text) noexcept;
};

/// PostgreSQL's money, in the smallest unit of the currency. What unit that is, and how money is spelled, depends on
/// the server's lc_monetary: with most of them a hundredth. numeric is the better type for amounts.
struct money {
    std::int64_t cents{0};

    auto operator<=>(const money&) const = default;
    /// Reads "-12.34": two digits behind the point.
    [[nodiscard]] static std::optional<money> parse(std::string_view text) noexcept;
};

[[nodiscard]] std::string to_string(const tid& value);
[[nodiscard]] std::string to_string(const pg_lsn& value);
/// "-12.34", whatever the currency.
[[nodiscard]] std::string to_string(const money& value);

/// On SQLite text, as all of these.
template <>
struct codec<tid> {
    static constexpr type_oid type = type_oid::tid;
    static void encode(const tid& value, std::string& out);
    static void decode(const cell_view& cell, tid& out);
};

template <>
struct codec<pg_lsn> {
    static constexpr type_oid type = type_oid::pg_lsn;
    static void encode(const pg_lsn& value, std::string& out);
    static void decode(const cell_view& cell, pg_lsn& out);
};

/// PostgreSQL's text form of money is not read: it depends on the server's locale.
template <>
struct codec<money> {
    static constexpr type_oid type = type_oid::money;
    static void encode(const money& value, std::string& out);
    static void decode(const cell_view& cell, money& out);
};

} // namespace wharf
