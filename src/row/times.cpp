#include "wharf/row/times.hpp"

#include "row/conversion.hpp"
#include "row/time_text.hpp"
#include "row/times.hpp"
#include "wharf/row/bytes.hpp"

#include <limits>
#include <type_traits>

namespace wharf {
namespace {

using detail::days_from_1970_to_2000;
using detail::microseconds_from_1970_to_2000;

// What PostgreSQL accepts: 4713 BC up to 5874897 for dates, up to 294276 for timestamps.
constexpr std::int64_t first_day = -2'451'545;
constexpr std::int64_t last_day = 2'145'031'948;
constexpr std::int64_t first_moment = -211'813'488'000'000'000;
constexpr std::int64_t last_moment = 9'223'371'331'199'999'999;

// Dates are int32 days since 2000, timestamps int64 microseconds; the extremes of both are the infinities.
template <class Time>
struct wire;
template <>
struct wire<date> {
    using number = std::int32_t;
    static constexpr std::string_view name = "date (std::chrono::sys_days)";
};
template <>
struct wire<timestamp> {
    using number = std::int64_t;
    static constexpr std::string_view name = "timestamp (std::chrono::local_time)";
};
template <>
struct wire<timestamptz> {
    using number = std::int64_t;
    static constexpr std::string_view name = "timestamptz (std::chrono::sys_time)";
};

template <class Time>
struct bounds {
    using finite = Time;
    static constexpr bool unbounded = false;
};
template <class Time>
struct bounds<unbounded<Time>> {
    using finite = Time;
    static constexpr bool unbounded = true;
};

template <class Time>
typename wire<Time>::number to_wire(Time value) {
    constexpr bool is_date = std::is_same_v<Time, date>;
    constexpr auto origin = is_date ? days_from_1970_to_2000 : microseconds_from_1970_to_2000;
    constexpr auto first = is_date ? first_day : first_moment;
    constexpr auto last = is_date ? last_day : last_moment;
    const std::int64_t since_1970 = value.time_since_epoch().count();
    if (since_1970 < std::numeric_limits<std::int64_t>::min() + origin || since_1970 - origin < first ||
        since_1970 - origin > last)
        detail::refuse_encoding(wire<Time>::name, codec<Time>::type);
    return static_cast<typename wire<Time>::number>(since_1970 - origin);
}

template <class Time>
Time from_wire(const cell_view& cell, typename wire<Time>::number since_2000) {
    using span = typename Time::duration;
    constexpr auto origin = std::is_same_v<Time, date> ? days_from_1970_to_2000 : microseconds_from_1970_to_2000;
    using rep = typename span::rep;
    if (std::int64_t{since_2000} > std::int64_t{std::numeric_limits<rep>::max()} - origin)
        detail::refuse_range(cell, wire<Time>::name);
    return Time{span{static_cast<rep>(since_2000 + origin)}};
}

template <class Time>
Time from_text(const cell_view& cell) {
    using span = typename Time::duration;
    if constexpr (std::is_same_v<Time, date>) {
        const auto days = detail::parse_date(cell.bytes);
        if (!days) detail::refuse_text(cell, wire<Time>::name);
        return Time{span{*days}};
    } else {
        const auto microseconds = detail::parse_timestamp(cell.bytes, std::is_same_v<Time, timestamptz>);
        if (!microseconds) detail::refuse_text(cell, wire<Time>::name);
        return Time{span{*microseconds}};
    }
}

} // namespace

template <class Time, type_oid Type>
void detail::time_codec<Time, Type>::encode(const Time& value, std::string& out) {
    using finite = typename bounds<Time>::finite;
    using number = typename wire<finite>::number;
    if constexpr (bounds<Time>::unbounded) {
        if (value.is_infinity()) return append(out, std::numeric_limits<number>::max());
        if (value.is_minus_infinity()) return append(out, std::numeric_limits<number>::min());
        append(out, to_wire(*value.value()));
    } else {
        append(out, to_wire(value));
    }
}

template <class Time, type_oid Type>
void detail::time_codec<Time, Type>::decode(const cell_view& cell, Time& out) {
    using finite = typename bounds<Time>::finite;
    using number = typename wire<finite>::number;
    constexpr bool unbounded = bounds<Time>::unbounded;
    if (cell.type != Type && !is_text(cell)) refuse_type(cell, wire<finite>::name);
    if (cell.type != Type || cell.format != wire_format::binary) {
        if constexpr (unbounded) {
            if (cell.bytes == infinity_text) return void(out = Time::infinity());
            if (cell.bytes == minus_infinity_text) return void(out = Time::minus_infinity());
        }
        out = from_text<finite>(cell);
        return;
    }
    expect_size(cell, sizeof(number));
    const auto value = load<number>(cell.bytes.data());
    const bool high = value == std::numeric_limits<number>::max();
    const bool low = value == std::numeric_limits<number>::min();
    if constexpr (unbounded) {
        if (high) return void(out = Time::infinity());
        if (low) return void(out = Time::minus_infinity());
    } else if (high || low) {
        refuse_infinity(cell);
    }
    out = from_wire<finite>(cell, value);
}

template struct detail::time_codec<timestamptz, type_oid::timestamptz>;
template struct detail::time_codec<timestamp, type_oid::timestamp>;
template struct detail::time_codec<date, type_oid::date>;
template struct detail::time_codec<unbounded<timestamptz>, type_oid::timestamptz>;
template struct detail::time_codec<unbounded<timestamp>, type_oid::timestamp>;
template struct detail::time_codec<unbounded<date>, type_oid::date>;

} // namespace wharf
