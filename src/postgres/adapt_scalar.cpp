#include "postgres/adapt_scalar.hpp"

#include "postgres/known_types.hpp"
#include "row/cell_text.hpp"
#include "wharf/base/error.hpp"
#include "wharf/row/bytes.hpp"
#include "wharf/row/interval.hpp"
#include "wharf/row/numbers.hpp"
#include "wharf/row/range_types.hpp"

#include <chrono>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace wharf::postgres {
namespace {

constexpr char jsonb_version = 1;

std::optional<std::int64_t> read_integer(type_oid type, std::string_view bytes) noexcept {
    if (type == type_oid::int2 && bytes.size() == 2) return load<std::int16_t>(bytes.data());
    if (type == type_oid::int4 && bytes.size() == 4) return load<std::int32_t>(bytes.data());
    if (type == type_oid::oid && bytes.size() == 4) return load<std::uint32_t>(bytes.data());
    if (type == type_oid::int8 && bytes.size() == 8) return load<std::int64_t>(bytes.data());
    return std::nullopt;
}

std::optional<double> read_float(type_oid type, std::string_view bytes) noexcept {
    if (type == type_oid::float4 && bytes.size() == 4) return load<float>(bytes.data());
    if (type == type_oid::float8 && bytes.size() == 8) return load<double>(bytes.data());
    return std::nullopt;
}

template <class Target>
adaptation append_in_range(std::int64_t value, std::string& out) {
    if (!std::in_range<Target>(value)) return adaptation::out_of_range;
    append(out, static_cast<Target>(value));
    return adaptation::binary;
}

// Whole numbers beyond 53 (24) bits have gaps between them as floating-point numbers.
template <class Target>
adaptation append_exactly(std::int64_t value, std::string& out) {
    constexpr std::int64_t largest = std::int64_t{1} << std::numeric_limits<Target>::digits;
    if (value < -largest || value > largest) return adaptation::out_of_range;
    append(out, static_cast<Target>(value));
    return adaptation::binary;
}

adaptation adapt_integer(std::int64_t value, type_oid wanted, std::string& out) {
    switch (wanted) {
    case type_oid::int2:
        return append_in_range<std::int16_t>(value, out);
    case type_oid::int4:
        return append_in_range<std::int32_t>(value, out);
    case type_oid::int8:
        return append_in_range<std::int64_t>(value, out);
    case type_oid::oid:
    case type_oid::xid:
    case type_oid::cid:
    case type_oid::regclass:
    case type_oid::regcollation:
    case type_oid::regconfig:
    case type_oid::regdictionary:
    case type_oid::regnamespace:
    case type_oid::regoper:
    case type_oid::regoperator:
    case type_oid::regproc:
    case type_oid::regprocedure:
    case type_oid::regrole:
    case type_oid::regtype:
        return append_in_range<std::uint32_t>(value, out);
    case type_oid::xid8:
        return append_in_range<std::uint64_t>(value, out);
    case type_oid::float4:
        return append_exactly<float>(value, out);
    case type_oid::float8:
        return append_exactly<double>(value, out);
    default:
        return adaptation::none;
    }
}

// A float8 is rounded to a float4, but a finite value does not become infinite.
adaptation adapt_float(double value, type_oid wanted, std::string& out) {
    if (wanted == type_oid::float8) {
        append(out, value);
        return adaptation::binary;
    }
    if (wanted != type_oid::float4) return adaptation::none;
    if (std::isfinite(value) && std::abs(value) > double{std::numeric_limits<float>::max()})
        return adaptation::out_of_range;
    append(out, static_cast<float>(value));
    return adaptation::binary;
}

// Of a numeric that is a whole number.
std::optional<std::int64_t> read_whole(std::string_view bytes) {
    std::int64_t value{};
    try {
        codec<std::int64_t>::decode({type_oid::numeric, wire_format::binary, false, bytes}, value);
    } catch (const conversion_error&) {
        return std::nullopt;
    }
    return value;
}

bool is_integer(type_oid type) noexcept {
    return type == type_oid::int2 || type == type_oid::int4 || type == type_oid::int8 || type == type_oid::oid;
}

bool is_number(type_oid type) noexcept {
    return is_integer(type) || type == type_oid::float4 || type == type_oid::float8 || type == type_oid::numeric;
}

// Ranges of numbers, whose text the others read as well, as far as the bounds fit.
bool is_number_range(type_oid type) noexcept {
    return type == type_oid::int4range || type == type_oid::int8range || type == type_oid::numrange;
}

// A duration is an interval to wharf, and a time of the day where it is one.
adaptation interval_to_time(std::string_view bytes, std::string& out) {
    interval value;
    codec<interval>::decode({type_oid::interval, wire_format::binary, false, bytes}, value);
    const auto span = value.duration();
    constexpr std::chrono::microseconds day = std::chrono::hours(24);
    if (!span || *span < span->zero() || *span > day) return adaptation::out_of_range;
    append(out, value.microseconds);
    return adaptation::binary;
}

} // namespace

bool takes_literal(type_oid given, type_oid wanted) noexcept {
    if (is_text(given) || is_foreign(wanted)) return true;
    if (is_number(given)) return wanted == type_oid::numeric || (given == type_oid::numeric && is_number(wanted));
    if (is_number_range(given)) return is_number_range(wanted);
    if (is_number_range(range_in(given))) return is_number_range(range_in(wanted));
    return (given == type_oid::inet && wanted == type_oid::cidr) ||
           (given == type_oid::cidr && wanted == type_oid::inet) ||
           (given == type_oid::macaddr && wanted == type_oid::macaddr8);
}

bool is_text(type_oid type) noexcept {
    switch (type) {
    case type_oid::text:
    case type_oid::varchar:
    case type_oid::bpchar:
    case type_oid::name:
    case type_oid::character:
    case type_oid::unknown:
    case type_oid::json:
    case type_oid::xml:
        return true;
    default:
        return false;
    }
}

bool append_literal(type_oid given, std::string_view bytes, std::string& out) {
    if (given == type_oid::record) return false; // it does not know of which type it is
    return detail::append_text({given, wire_format::binary, false, bytes}, out);
}

adaptation adapt_scalar(type_oid given, std::string_view bytes, type_oid wanted, std::string& out) {
    if (given == wanted) {
        out += bytes;
        return adaptation::binary;
    }
    if (wanted == type_oid::character && is_text(given)) {
        // The server would keep the first byte and say nothing.
        if (bytes.size() != 1) return adaptation::out_of_range;
        out += bytes;
        return adaptation::binary;
    }
    if (const auto integer = read_integer(given, bytes)) {
        if (const auto done = adapt_integer(*integer, wanted, out); done != adaptation::none) return done;
    } else if (const auto number = read_float(given, bytes)) {
        if (const auto done = adapt_float(*number, wanted, out); done != adaptation::none) return done;
    } else if (given == type_oid::numeric && is_integer(wanted)) {
        const auto whole = read_whole(bytes);
        return whole ? adapt_integer(*whole, wanted, out) : adaptation::out_of_range;
    } else if (given == type_oid::interval && wanted == type_oid::time) {
        return interval_to_time(bytes, out);
    } else if ((is_text(given) && is_text(wanted)) || (given == type_oid::varbit && wanted == type_oid::bit)) {
        out += bytes;
        return adaptation::binary;
    } else if (is_text(given) && wanted == type_oid::jsonb) {
        out += jsonb_version;
        out += bytes;
        return adaptation::binary;
    } else if (given == type_oid::jsonb && is_text(wanted) && !bytes.empty()) {
        out += bytes.substr(1);
        return adaptation::binary;
    }
    return takes_literal(given, wanted) && append_literal(given, bytes, out) ? adaptation::text : adaptation::none;
}

} // namespace wharf::postgres
