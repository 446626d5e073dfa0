#include "row/cell_text.hpp"

#include "row/conversion.hpp"
#include "row/decoded.hpp"
#include "row/float_text.hpp"
#include "row/numeric.hpp"
#include "row/time_text.hpp"
#include "row/times.hpp"
#include "wharf/row/array_reader.hpp"
#include "wharf/row/bit_string.hpp"
#include "wharf/row/bytes.hpp"
#include "wharf/row/geometry.hpp"
#include "wharf/row/interval.hpp"
#include "wharf/row/network.hpp"
#include "wharf/row/numbers.hpp"
#include "wharf/row/range_reader.hpp"
#include "wharf/row/range_types.hpp"
#include "wharf/row/system_types.hpp"
#include "wharf/row/time_of_day.hpp"
#include "wharf/row/type_name.hpp"
#include "wharf/row/user_types.hpp"
#include "wharf/row/uuid.hpp"

#include <algorithm>
#include <limits>

namespace wharf::detail {
namespace {

template <class T>
bool append_decoded(const cell_view& cell, std::string& out) {
    out += to_string(decoded<T>(cell));
    return true;
}

template <class Number>
bool append_number(const cell_view& cell, std::string& out) {
    if constexpr (std::is_floating_point_v<Number>)
        append_float(out, decoded<Number>(cell));
    else
        out += std::to_string(decoded<Number>(cell));
    return true;
}

/// True where the value is one of the two infinities, which are the extremes of dates and timestamps.
template <class Number>
bool append_infinity(Number value, std::string& out) {
    const bool high = value == std::numeric_limits<Number>::max();
    if (high || value == std::numeric_limits<Number>::min()) out += high ? infinity_text : minus_infinity_text;
    return high || value == std::numeric_limits<Number>::min();
}

bool append_date_cell(const cell_view& cell, std::string& out) {
    expect_size(cell, sizeof(std::int32_t));
    const auto days = load<std::int32_t>(cell.bytes.data());
    if (!append_infinity(days, out)) append_date_literal(out, days);
    return true;
}

bool append_timestamp_cell(const cell_view& cell, std::string& out) {
    expect_size(cell, sizeof(std::int64_t));
    const auto moment = load<std::int64_t>(cell.bytes.data());
    if (!append_infinity(moment, out)) append_timestamp_literal(out, moment, cell.type == type_oid::timestamptz);
    return true;
}

bool append_hex(std::string_view bytes, std::string& out) {
    constexpr std::string_view digits = "0123456789abcdef";
    out += "\\x";
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return true;
}

bool spells_null(std::string_view text) noexcept {
    return std::ranges::equal(text, std::string_view("null"), [](char a, char b) { return (a | 0x20) == b; });
}

constexpr std::string_view space = " \t\n\r\v\f";

/// Source: PostgreSQL, array_out.
void append_element(std::string_view text, char delimiter, std::string& out) {
    const bool special = text.empty() || spells_null(text) || text.find_first_of("{}\"\\") != std::string_view::npos ||
                         text.find_first_of(space) != std::string_view::npos ||
                         text.find(delimiter) != std::string_view::npos;
    if (!special) return void(out += text);
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    out += '"';
}

bool append_dimension(array_reader& from, std::size_t dimension, char delimiter, std::string& out) {
    const bool last = dimension + 1 >= from.dimensions().size();
    const auto size = from.size_of(dimension);
    std::string text;
    out += '{';
    for (std::size_t index = 0; index < size; ++index) {
        if (index > 0) out += delimiter;
        if (!last) {
            if (!append_dimension(from, dimension + 1, delimiter, out)) return false;
            continue;
        }
        const auto element = from.next();
        if (element.null) {
            out += "NULL";
            continue;
        }
        text.clear();
        if (!append_text(element, text)) return false;
        append_element(text, delimiter, out);
    }
    out += '}';
    return true;
}

bool append_array(const cell_view& cell, std::string& out) {
    array_reader from(cell);
    const auto dimensions = from.dimensions();
    const bool usual = std::ranges::all_of(dimensions, [](const auto& each) { return each.lower_bound == 1; });
    if (!usual) {
        for (const auto& each : dimensions) {
            const auto upper = std::int64_t{each.lower_bound} + each.size - 1;
            out.append(1, '[').append(std::to_string(each.lower_bound)).append(1, ':');
            out.append(std::to_string(upper)).append(1, ']');
        }
        out += '=';
    }
    const char delimiter = element_of(cell.type) == type_oid::box ? ';' : ',';
    if (!append_dimension(from, 0, delimiter, out)) return false;
    from.expect_end();
    return true;
}

/// int2vector and oidvector: "1 2 3".
bool append_vector(const cell_view& cell, std::string& out) {
    array_reader from(cell);
    from.expect_dimensions(1);
    for (std::size_t index = 0; index < from.size(); ++index) {
        if (index > 0) out += ' ';
        const auto element = from.next();
        if (element.null) from.refuse_null();
        if (!append_text(element, out)) return false;
    }
    from.expect_end();
    return true;
}

/// Source: PostgreSQL, range_bound_escape.
bool append_bound(const cell_view& bound, std::string& out) {
    if (bound.null) return true;
    std::string text;
    if (!append_text(bound, text)) return false;
    const bool special = text.empty() || text.find_first_of("\"\\()[],") != std::string::npos ||
                         text.find_first_of(space) != std::string::npos;
    if (!special) {
        out += text;
        return true;
    }
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') out += c;
        out += c;
    }
    out += '"';
    return true;
}

bool append_range(const cell_view& cell, std::string& out) {
    range_parts parts;
    read_range(cell, parts);
    if (parts.empty) {
        out += "empty";
        return true;
    }
    out += parts.lower_inclusive ? '[' : '(';
    if (!append_bound(parts.lower, out)) return false;
    out += ',';
    if (!append_bound(parts.upper, out)) return false;
    out += parts.upper_inclusive ? ']' : ')';
    return true;
}

bool append_multirange(const cell_view& cell, std::string& out) {
    out += '{';
    bool first = true;
    for (const auto& part : read_multirange(cell)) {
        if (!first) out += ',';
        if (!append_range(part, out)) return false;
        first = false;
    }
    out += '}';
    return true;
}

/// Of a type that is none of PostgreSQL's own.
bool append_user_text(const cell_view& cell, type_form form, std::string& out) {
    switch (form) {
    case type_form::enumeration:
    case type_form::ltree:
        out += text_of(cell, "text");
        return true;
    case type_form::composite:
        return append_record(cell, out);
    case type_form::array:
        return append_array(cell, out);
    case type_form::range:
        return append_range(cell, out);
    case type_form::multirange:
        return append_multirange(cell, out);
    default:
        return false;
    }
}

} // namespace

bool append_text(const cell_view& cell, std::string& out) {
    if (is_text(cell)) {
        out += cell.bytes;
        return true;
    }
    switch (cell.type) {
    case type_oid::boolean:
        out += decoded<bool>(cell) ? 't' : 'f';
        return true;
    case type_oid::bytea:
        return append_hex(cell.bytes, out);
    case type_oid::int2:
    case type_oid::int4:
    case type_oid::int8:
    case type_oid::oid:
    case type_oid::xid:
    case type_oid::cid:
        return append_number<std::int64_t>(cell, out);
    case type_oid::xid8:
        return append_number<std::uint64_t>(cell, out);
    case type_oid::float4:
        return append_number<float>(cell, out);
    case type_oid::float8:
        return append_number<double>(cell, out);
    case type_oid::numeric:
        out += numeric_text(cell);
        return true;
    case type_oid::jsonb:
        out += text_of(cell, "text");
        return true;
    case type_oid::uuid:
        return append_decoded<uuid>(cell, out);
    case type_oid::date:
        return append_date_cell(cell, out);
    case type_oid::timestamp:
    case type_oid::timestamptz:
        return append_timestamp_cell(cell, out);
    case type_oid::time:
        return append_decoded<time_of_day>(cell, out);
    case type_oid::timetz:
        return append_decoded<timetz>(cell, out);
    case type_oid::interval:
        return append_decoded<interval>(cell, out);
    case type_oid::inet:
        return append_decoded<inet>(cell, out);
    case type_oid::cidr:
        return append_decoded<cidr>(cell, out);
    case type_oid::macaddr:
        return append_decoded<macaddr>(cell, out);
    case type_oid::macaddr8:
        return append_decoded<macaddr8>(cell, out);
    case type_oid::bit:
    case type_oid::varbit:
        return append_decoded<bit_string>(cell, out);
    case type_oid::money:
        return append_decoded<money>(cell, out);
    case type_oid::tid:
        return append_decoded<tid>(cell, out);
    case type_oid::pg_lsn:
        return append_decoded<pg_lsn>(cell, out);
    case type_oid::point:
        return append_decoded<geometry::point>(cell, out);
    case type_oid::line:
        return append_decoded<geometry::line>(cell, out);
    case type_oid::lseg:
        return append_decoded<geometry::segment>(cell, out);
    case type_oid::box:
        return append_decoded<geometry::box>(cell, out);
    case type_oid::path:
        return append_decoded<geometry::path>(cell, out);
    case type_oid::polygon:
        return append_decoded<geometry::polygon>(cell, out);
    case type_oid::circle:
        return append_decoded<geometry::circle>(cell, out);
    case type_oid::int2vector:
    case type_oid::oidvector:
        return append_vector(cell, out);
    case type_oid::record:
        return append_record(cell, out);
    default:
        if (append_extension_text(cell, out)) return true;
        if (const auto* known = cell.types == nullptr ? nullptr : cell.types->find(cell.type))
            return append_user_text(cell, known->form, out);
        if (range_in(cell.type) != type_oid::unspecified) return append_multirange(cell, out);
        if (bound_of(cell.type) != type_oid::unspecified) return append_range(cell, out);
        return element_of(cell.type) != type_oid::unspecified && append_array(cell, out);
    }
}

} // namespace wharf::detail
