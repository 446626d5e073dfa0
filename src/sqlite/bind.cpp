#include "sqlite/bind.hpp"

#include "row/cell_text.hpp"
#include "row/conversion.hpp"
#include "row/json_array.hpp"
#include "row/time_text.hpp"
#include "row/times.hpp"
#include "wharf/base/error.hpp"
#include "wharf/row/array_reader.hpp"
#include "wharf/row/bytes.hpp"
#include "wharf/row/codecs.hpp"
#include "wharf/row/type_name.hpp"

#include <sqlite3.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>

namespace wharf::sqlite {
namespace {

template <class T>
T decoded(const cell_view& value) {
    T out{};
    codec<T>::decode(value, out);
    return out;
}

int bind_text(sqlite3_stmt* to, int index, std::string_view text, bool copy = false) {
    return sqlite3_bind_text64(to, index, text.data() == nullptr ? "" : text.data(), text.size(),
                               copy ? SQLITE_TRANSIENT : SQLITE_STATIC, SQLITE_UTF8);
}

int bind_blob(sqlite3_stmt* to, int index, std::string_view bytes, bool copy = false) {
    // A null pointer would be NULL, not the empty blob.
    return sqlite3_bind_blob64(to, index, bytes.data() == nullptr ? "" : bytes.data(), bytes.size(),
                               copy ? SQLITE_TRANSIENT : SQLITE_STATIC);
}

int bind_number(sqlite3_stmt* to, int index, double value) {
    if (std::isnan(value)) throw conversion_error("SQLite would keep NaN as NULL; it has no NaN");
    return sqlite3_bind_double(to, index, value);
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

int bind_time(sqlite3_stmt* to, int index, const cell_view& value) {
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
    return bind_text(to, index, text, true);
}

/// Numbers as a blob in little-endian order.
template <class Number>
int bind_numbers(sqlite3_stmt* to, int index, const cell_view& value) {
    const auto numbers = decoded<std::vector<Number>>(value);
    return bind_blob(to, index, {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(Number)}, true);
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

int bind_array(sqlite3_stmt* to, int index, const cell_view& value) {
    array_reader from(value);
    for (const auto& dimension : from.dimensions())
        if (dimension.lower_bound != 1)
            throw conversion_error("SQLite cannot keep an array whose indexes do not start at 1");
    std::string json;
    append_dimension(json, from, 0);
    return bind_text(to, index, json, true);
}

/// Of floating-point numbers in one dimension without NULL, whose blob is read without a search for the numbers.
bool is_vector(const cell_view& value) {
    if (value.type != type_oid::float4_array && value.type != type_oid::float8_array) return false;
    constexpr std::size_t flag_at = 4;
    return array_reader(value).dimensions().size() <= 1 && load<std::int32_t>(value.bytes.data() + flag_at) == 0;
}

/// What SQLite has no storage class for is kept as PostgreSQL writes it.
int bind_as_text(sqlite3_stmt* to, int index, const cell_view& value) {
    if (detail::is_text(value) || value.type == type_oid::jsonb || value.type >= detail::first_user_type)
        return bind_text(to, index, decoded<std::string_view>(value));
    std::string text;
    if (!detail::append_text(value, text))
        throw conversion_error("SQLite cannot keep a value of type " + name_of(value.type));
    return bind_text(to, index, text, true);
}

int bind(sqlite3_stmt* to, int index, const cell_view& value) {
    if (value.null) return sqlite3_bind_null(to, index);
    switch (value.type) {
    case type_oid::boolean:
        return sqlite3_bind_int64(to, index, decoded<bool>(value) ? 1 : 0);
    case type_oid::int2:
    case type_oid::int4:
    case type_oid::int8:
    case type_oid::oid:
        return sqlite3_bind_int64(to, index, decoded<std::int64_t>(value));
    case type_oid::float4:
    case type_oid::float8:
        return bind_number(to, index, decoded<double>(value));
    case type_oid::bytea:
        return bind_blob(to, index, value.bytes);
    case type_oid::uuid:
        return bind_text(to, index, to_string(decoded<uuid>(value)), true);
    case type_oid::date:
    case type_oid::timestamp:
    case type_oid::timestamptz:
        return bind_time(to, index, value);
    default:
        if (is_vector(value)) {
            if (value.type == type_oid::float4_array) return bind_numbers<float>(to, index, value);
            return bind_numbers<double>(to, index, value);
        }
        if (element_of(value.type) != type_oid::unspecified) return bind_array(to, index, value);
        return bind_as_text(to, index, value);
    }
}

} // namespace

void bind_value(sqlite3_stmt* to, int index, std::uint32_t number, const cell_view& value) {
    int code = SQLITE_OK;
    try {
        code = bind(to, index, value);
    } catch (const conversion_error& error) {
        throw conversion_error("parameter $" + std::to_string(number) + ": " + error.what());
    }
    if (code == SQLITE_NOMEM) throw std::bad_alloc();
    if (code != SQLITE_OK) {
        throw conversion_error("parameter $" + std::to_string(number) + ": " + sqlite3_errstr(code));
    }
}

} // namespace wharf::sqlite
