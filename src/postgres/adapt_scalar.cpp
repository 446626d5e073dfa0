#include "postgres/adapt_scalar.hpp"

#include "postgres/known_types.hpp"
#include "wharf/row/bytes.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

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
    if (value < std::int64_t{std::numeric_limits<Target>::min()} ||
        value > std::int64_t{std::numeric_limits<Target>::max()})
        return adaptation::out_of_range;
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
        return append_in_range<std::uint32_t>(value, out);
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

template <class Number>
void append_number(Number value, std::string& out) {
    std::array<char, 40> digits{};
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    out.append(digits.data(), written.ptr);
}

template <class Float>
void append_float(Float value, std::string& out) {
    if (std::isnan(value))
        out += "NaN";
    else if (std::isinf(value))
        out += value < 0 ? "-Infinity" : "Infinity";
    else
        append_number(value, out);
}

void append_hex(std::string_view bytes, std::string& out) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (const char byte : bytes) {
        const auto value = static_cast<unsigned char>(byte);
        out += digits[value >> 4];
        out += digits[value & 15];
    }
}

void append_uuid(std::string_view bytes, std::string& out) {
    std::size_t from = 0;
    constexpr std::array<std::size_t, 5> groups{4, 2, 2, 2, 6};
    for (const std::size_t size : groups) {
        if (from != 0) out += '-';
        append_hex(bytes.substr(from, size), out);
        from += size;
    }
}

} // namespace

bool takes_literal(type_oid given, type_oid wanted) noexcept {
    if (is_text(given)) return true;
    const bool number = given == type_oid::int2 || given == type_oid::int4 || given == type_oid::int8 ||
                        given == type_oid::oid || given == type_oid::float4 || given == type_oid::float8;
    return (number && wanted == type_oid::numeric) || is_foreign(wanted);
}

bool is_text(type_oid type) noexcept {
    switch (type) {
    case type_oid::text:
    case type_oid::varchar:
    case type_oid::bpchar:
    case type_oid::name:
    case type_oid::unknown:
    case type_oid::json:
    case type_oid::xml:
        return true;
    default:
        return false;
    }
}

bool append_literal(type_oid given, std::string_view bytes, std::string& out) {
    if (is_text(given)) {
        out += bytes;
    } else if (const auto integer = read_integer(given, bytes)) {
        append_number(*integer, out);
    } else if (given == type_oid::float4 && bytes.size() == 4) {
        append_float(load<float>(bytes.data()), out);
    } else if (given == type_oid::float8 && bytes.size() == 8) {
        append_float(load<double>(bytes.data()), out);
    } else if (given == type_oid::boolean && bytes.size() == 1) {
        out += bytes[0] != 0 ? 't' : 'f';
    } else if (given == type_oid::uuid && bytes.size() == 16) {
        append_uuid(bytes, out);
    } else if (given == type_oid::bytea) {
        out += "\\x";
        append_hex(bytes, out);
    } else if (given == type_oid::jsonb && !bytes.empty()) {
        out += bytes.substr(1);
    } else {
        return false;
    }
    return true;
}

adaptation adapt_scalar(type_oid given, std::string_view bytes, type_oid wanted, std::string& out) {
    if (given == wanted) {
        out += bytes;
        return adaptation::binary;
    }
    if (const auto integer = read_integer(given, bytes)) {
        if (const auto done = adapt_integer(*integer, wanted, out); done != adaptation::none) return done;
    } else if (const auto number = read_float(given, bytes)) {
        if (const auto done = adapt_float(*number, wanted, out); done != adaptation::none) return done;
    } else if (is_text(given) && is_text(wanted)) {
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
