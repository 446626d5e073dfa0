// Intervals as PostgreSQL has them, and durations of the standard library.
//
//   const auto notice = wharf::interval::of_months(3) + wharf::interval::of_days(1);   // "3 mons 1 day"
//   query<std::chrono::seconds>("SELECT now() - pg_postmaster_start_time()")
#pragma once

#include "wharf/row/codec.hpp"

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <ratio>
#include <string>
#include <string_view>

namespace wharf {

/// Months, days and microseconds, which are three things: a month has no fixed number of days, nor a day of hours.
/// Equality compares them one by one, other than PostgreSQL's, to which 1 month and 30 days are equal.
struct interval {
    std::int32_t months{0};
    std::int32_t days{0};
    std::int64_t microseconds{0};

    bool operator==(const interval&) const = default;

    [[nodiscard]] static constexpr interval of_years(std::int32_t count) { return of_months(count) * 12; }
    [[nodiscard]] static constexpr interval of_months(std::int32_t count) noexcept { return {count, 0, 0}; }
    [[nodiscard]] static constexpr interval of_days(std::int32_t count) noexcept { return {0, count, 0}; }
    [[nodiscard]] static constexpr interval of(std::chrono::microseconds span) noexcept { return {0, 0, span.count()}; }
    /// Known to PostgreSQL from version 17 on; earlier ones take it for a very long interval.
    [[nodiscard]] static constexpr interval infinity() noexcept {
        return {std::numeric_limits<std::int32_t>::max(), std::numeric_limits<std::int32_t>::max(),
                std::numeric_limits<std::int64_t>::max()};
    }
    [[nodiscard]] static constexpr interval minus_infinity() noexcept {
        return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::min(),
                std::numeric_limits<std::int64_t>::min()};
    }
    [[nodiscard]] constexpr bool is_finite() const noexcept { return *this != infinity() && *this != minus_infinity(); }

    /// Throw conversion_error beyond the range of a part.
    [[nodiscard]] constexpr interval operator+(const interval& other) const;
    [[nodiscard]] constexpr interval operator*(std::int32_t times) const;

    /// The time that it lasts; nothing where it has months or days.
    [[nodiscard]] constexpr std::optional<std::chrono::microseconds> duration() const noexcept {
        if (months != 0 || days != 0) return std::nullopt;
        return std::chrono::microseconds{microseconds};
    }

    /// Reads PostgreSQL's own style: "1 year 2 mons -3 days +04:05:06.5", "infinity".
    [[nodiscard]] static std::optional<interval> parse(std::string_view text) noexcept;
};

/// As PostgreSQL writes it (IntervalStyle postgres).
[[nodiscard]] std::string to_string(const interval& value);

/// On SQLite text.
template <>
struct codec<interval> {
    static constexpr type_oid type = type_oid::interval;
    static constexpr bool exact = true;
    static void encode(const interval& value, std::string& out);
    static void decode(const cell_view& cell, interval& out);
};

namespace detail {

[[noreturn]] void refuse_interval();

template <class Number>
constexpr Number checked_sum(Number left, Number right) {
    Number sum{};
    if (__builtin_add_overflow(left, right, &sum)) refuse_interval();
    return sum;
}
template <class Number>
constexpr Number checked_product(Number left, std::int32_t right) {
    Number product{};
    if (__builtin_mul_overflow(left, right, &product)) refuse_interval();
    return product;
}

void encode_duration(std::int64_t count, std::int64_t microseconds_each, std::string& out);
/// Refuses an interval with months or days, and one that is no multiple of the unit.
[[nodiscard]] std::int64_t decode_duration(const cell_view& cell, std::int64_t microseconds_each);
[[noreturn]] void refuse_duration(const cell_view& cell);

/// Whole units from microseconds to hours.
template <class Period>
concept clock_period =
    std::ratio_divide<Period, std::micro>::den == 1 && std::ratio_less_equal_v<Period, std::ratio<3600>>;

} // namespace detail

constexpr interval interval::operator+(const interval& other) const {
    return {detail::checked_sum(months, other.months), detail::checked_sum(days, other.days),
            detail::checked_sum(microseconds, other.microseconds)};
}

constexpr interval interval::operator*(std::int32_t times) const {
    return {detail::checked_product(months, times), detail::checked_product(days, times),
            detail::checked_product(microseconds, times)};
}

/// Hours, minutes, seconds and their fractions are intervals without months and days; those with some are refused,
/// since they last no fixed time. PostgreSQL's time is read as the time since midnight.
template <std::signed_integral Rep, detail::clock_period Period>
struct codec<std::chrono::duration<Rep, Period>> {
    static constexpr type_oid type = type_oid::interval;
    static constexpr std::int64_t unit = std::ratio_divide<Period, std::micro>::num; // in microseconds

    static void encode(const std::chrono::duration<Rep, Period>& value, std::string& out) {
        detail::encode_duration(value.count(), unit, out);
    }
    static void decode(const cell_view& cell, std::chrono::duration<Rep, Period>& out) {
        const auto count = detail::decode_duration(cell, unit);
        if (count < std::numeric_limits<Rep>::min() || count > std::numeric_limits<Rep>::max())
            detail::refuse_duration(cell);
        out = std::chrono::duration<Rep, Period>{static_cast<Rep>(count)};
    }
};

} // namespace wharf
