#include "sqlite/stored_value.hpp"

#include "row/cell_text.hpp"
#include "row/conversion.hpp"
#include "row/decoded.hpp"
#include "row/json_array.hpp"
#include "row/time_text.hpp"
#include "row/times.hpp"
#include "wharf/base/error.hpp"
#include "wharf/row/array_reader.hpp"
#include "wharf/row/bytes.hpp"
#include "wharf/row/codecs.hpp"
#include "wharf/row/type_name.hpp"

#include <cmath>
#include <limits>
#include <utility>

namespace wharf::sqlite {
namespace {

using wharf::detail::decoded;

stored_value integer(std::int64_t value) {
    stored_value made;
    made.kind = storage::integer;
    made.integer = value;
    return made;
}

stored_value real(double value) {
    if (std::isnan(value)) throw conversion_error("SQLite would keep NaN as NULL; it has no NaN");
    stored_value made;
    made.kind = storage::real;
    made.real = value;
    return made;
}

stored_value borrowed(storage kind, std::string_view bytes) {
    stored_value made;
    made.kind = kind;
    made.borrowed = bytes;
    return made;
}

stored_value owned(storage kind, std::string bytes) {
    stored_value made;
    made.kind = kind;
    made.owned = std::move(bytes);
    made.owns = true;
    return made;
}

template <class Number>
bool is_infinite(Number value, std::string& text) {
    if (value == std::numeric_limits<Number>::max()) text = detail::infinity_text;
    if (value == std::numeric_limits<Number>::min()) text = detail::minus_infinity_text;
    return !text.empty();
}

[[noreturn]] void refuse_year() {
    throw conversion_error("SQLite keeps dates and timestamps as text, of the years 0000 to 9999 only");
}

stored_value stored_time(const cell_view& value) {
    std::string text;
    if (value.type == type_oid::date) {
        detail::expect_size(value, sizeof(std::int32_t));
        const auto days = load<std::int32_t>(value.bytes.data());
        if (!is_infinite(days, text) && !detail::append_date(text, days + detail::days_from_1970_to_2000))
            refuse_year();
    } else {
        detail::expect_size(value, sizeof(std::int64_t));
        const auto moment = load<std::int64_t>(value.bytes.data());
        constexpr auto last = std::numeric_limits<std::int64_t>::max() - detail::microseconds_from_1970_to_2000;
        if (!is_infinite(moment, text) &&
            (moment > last || !detail::append_timestamp(text, moment + detail::microseconds_from_1970_to_2000)))
            refuse_year();
    }
    return owned(storage::text, std::move(text));
}

/// Numbers as a blob in little-endian order.
template <class Number>
stored_value stored_numbers(const cell_view& value) {
    const auto numbers = decoded<std::vector<Number>>(value);
    return owned(storage::blob,
                 std::string(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(Number)));
}

void append_element(std::string& json, const cell_view& element) {
    std::string text;
    if (!detail::append_text(element, text))
        throw conversion_error("SQLite cannot keep an array of its elements' type");
    switch (element.type) {
    case type_oid::boolean:
        json += decoded<bool>(element) ? "true" : "false";
        break;
    case type_oid::float4:
    case type_oid::float8:
    case type_oid::numeric:
        // JSON's numbers are finite.
        if (text.find_first_not_of("0123456789.e+-") != std::string::npos)
            throw conversion_error("SQLite cannot keep NaN and infinities in an array");
        [[fallthrough]];
    case type_oid::int2:
    case type_oid::int4:
    case type_oid::int8:
        json += text;
        break;
    default:
        detail::append_json_string(json, text);
        break;
    }
}

void append_dimension(std::string& json, array_reader& from, std::size_t dimension) {
    const bool last = dimension + 1 >= from.dimensions().size();
    const auto size = from.size_of(dimension);
    json += '[';
    for (std::size_t i = 0; i < size; ++i) {
        if (i > 0) json += ',';
        if (!last) {
            append_dimension(json, from, dimension + 1);
        } else if (const auto element = from.next(); element.null) {
            json += "null";
        } else {
            append_element(json, element);
        }
    }
    json += ']';
}

stored_value stored_array(const cell_view& value) {
    array_reader from(value);
    for (const auto& dimension : from.dimensions())
        if (dimension.lower_bound != 1)
            throw conversion_error("SQLite cannot keep an array whose indexes do not start at 1");
    std::string json;
    append_dimension(json, from, 0);
    return owned(storage::text, std::move(json));
}

/// Of floating-point numbers in one dimension without NULL, whose blob is read without a search for the numbers.
bool is_vector(const cell_view& value) {
    if (value.type != type_oid::float4_array && value.type != type_oid::float8_array) return false;
    constexpr std::size_t flag_at = 4;
    return array_reader(value).dimensions().size() <= 1 && load<std::int32_t>(value.bytes.data() + flag_at) == 0;
}

/// What SQLite has no storage class for is kept as PostgreSQL writes it.
stored_value stored_as_text(const cell_view& value) {
    if (detail::is_text(value) || value.type == type_oid::jsonb || value.type >= detail::first_user_type)
        return borrowed(storage::text, decoded<std::string_view>(value));
    std::string text;
    if (!detail::append_text(value, text))
        throw conversion_error("SQLite cannot keep a value of type " + name_of(value.type));
    return owned(storage::text, std::move(text));
}

} // namespace

stored_value stored(const cell_view& value) {
    if (value.null) return {};
    switch (value.type) {
    case type_oid::boolean:
        return integer(decoded<bool>(value) ? 1 : 0);
    case type_oid::int2:
    case type_oid::int4:
    case type_oid::int8:
    case type_oid::oid:
        return integer(decoded<std::int64_t>(value));
    case type_oid::float4:
    case type_oid::float8:
        return real(decoded<double>(value));
    case type_oid::bytea:
        return borrowed(storage::blob, value.bytes);
    case type_oid::uuid:
        return owned(storage::text, to_string(decoded<uuid>(value)));
    case type_oid::date:
    case type_oid::timestamp:
    case type_oid::timestamptz:
        return stored_time(value);
    default:
        if (is_vector(value))
            return value.type == type_oid::float4_array ? stored_numbers<float>(value) : stored_numbers<double>(value);
        return element_of(value.type) != type_oid::unspecified ? stored_array(value) : stored_as_text(value);
    }
}

} // namespace wharf::sqlite
