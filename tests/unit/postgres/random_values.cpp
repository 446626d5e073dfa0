#include "random_values.hpp"

#include "row/cell_text.hpp"
#include "wharf/row/codecs.hpp"
#include "wharf/row/encode.hpp"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <stdexcept>

namespace wharf::test {
namespace {

using source = random_source;

std::int64_t between(source& random, std::int64_t low, std::int64_t high) {
    const auto width = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
    const auto offset = width == 0 ? random() : random() % width;
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + offset);
}

std::string_view one_of(source& random, std::initializer_list<std::string_view> list) {
    return list.begin()[random() % list.size()];
}

std::string cast(const std::string& text, std::string_view type) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'') out += c;
        out += c;
    }
    return out.append("'::").append(type);
}

std::string digits(source& random, std::size_t most) {
    std::string out(1 + random() % most, '0');
    for (auto& digit : out)
        digit = static_cast<char>('0' + random() % 10);
    return out;
}

/// Extremes, small ones, and any.
std::string integer(source& random, std::int64_t low, std::int64_t high, std::string_view type) {
    const auto kind = random() % 6;
    const auto value = kind == 0   ? low
                       : kind == 1 ? high
                       : kind < 4  ? between(random, std::max<std::int64_t>(low, -100), 100)
                                   : between(random, low, high);
    return cast(std::to_string(value), type);
}

template <class Integer>
std::string integer(source& random, std::string_view type) {
    return integer(random, std::numeric_limits<Integer>::min(), std::numeric_limits<Integer>::max(), type);
}

std::string number_text(source& random, int most_exponent) {
    std::string text = random() % 2 == 0 ? "-" : "";
    text += digits(random, 17);
    if (random() % 2 == 0) text += '.' + digits(random, 17);
    if (random() % 3 == 0) text += 'e' + std::to_string(between(random, -most_exponent, most_exponent));
    return text;
}

std::string floating(source& random, int most_exponent, std::string_view type) {
    if (random() % 8 == 0) return cast(std::string(one_of(random, {"NaN", "Infinity", "-Infinity", "-0", "0"})), type);
    return cast(number_text(random, most_exponent), type);
}

std::string text(source& random) {
    std::string out;
    for (auto count = random() % 6; count > 0; --count)
        out += one_of(random, {"a",  "B7", " ", "'",    "\"", "\\",        "\\x41",
                               "{",  "}",  ",", "NULL", "\t", "h\xc3\xa9", "\xf0\x9f\x98\x80",
                               "()", "[",  "]", ";",    "$1", ":x"});
    return out;
}

std::string hex(source& random, std::size_t bytes) {
    constexpr std::string_view all = "0123456789abcdef";
    std::string out;
    for (std::size_t i = 0; i < 2 * bytes; ++i)
        out += all[random() % all.size()];
    return out;
}

std::string json_text(source& random, int depth = 0) {
    switch (random() % (depth < 3 ? 7 : 5)) {
    case 0:
        return "null";
    case 1:
        return "true";
    case 2:
        return std::to_string(between(random, -1000, 1000)) + ".50";
    case 3:
        return "\"" + std::string(one_of(random, {"", "a", "\\\"", "\\\\", "h\xc3\xa9", "\\n", "'"})) + "\"";
    case 4:
        return "1e3";
    case 5:
        return "[" + json_text(random, depth + 1) + ",  " + json_text(random, depth + 1) + "]";
    default:
        return "{\"k\" : " + json_text(random, depth + 1) + "}";
    }
}

std::string xml_text(source& random) {
    return "<a b=\"" + digits(random, 5) + "\">" + std::string(one_of(random, {"", "x", "&lt;", "<c/>"})) + "</a>";
}

std::string date_sum(source& random, std::int64_t low, std::int64_t high) {
    return "('2000-01-01'::date + (" + std::to_string(between(random, low, high)) + "))";
}

std::string date_value(source& random) {
    constexpr std::int64_t first = -2'451'507;
    constexpr std::int64_t last = 2'145'031'948;
    if (random() % 8 == 0) return cast(std::string(one_of(random, {"infinity", "-infinity"})), "date");
    return random() % 2 == 0 ? date_sum(random, -20'000, 20'000) : date_sum(random, first, last);
}

std::string moment(source& random, std::string_view type) {
    if (random() % 8 == 0) return cast(std::string(one_of(random, {"infinity", "-infinity"})), type);
    const bool near = random() % 2 == 0;
    const auto days = near ? between(random, -20'000, 20'000) : between(random, -2'451'000, 106'000'000);
    const auto span = std::to_string(days) + " days " + std::to_string(between(random, 0, 86'399'999'999)) +
                      (random() % 2 == 0 ? " microseconds" : " milliseconds");
    return "('2000-01-01'::" + std::string(type) + " + '" + span + "'::interval)";
}

std::string clock(source& random) {
    if (random() % 8 == 0) return "24:00:00";
    const auto two = [&random](std::int64_t below) {
        const auto value = std::to_string(between(random, 0, below - 1));
        return value.size() == 1 ? '0' + value : value;
    };
    std::string out = two(24) + ':';
    out += two(60) + ':';
    out += two(60);
    return random() % 2 == 0 ? out : out + '.' + digits(random, 6);
}

std::string interval_value(source& random) {
    const auto part = [&random](std::int64_t most) {
        return std::to_string(random() % 3 == 0 ? 0 : between(random, -most, most));
    };
    const bool small = random() % 2 == 0;
    return cast(part(small ? 30 : 2'000'000'000) + " mons " + part(small ? 40 : 2'000'000'000) + " days " +
                    part(small ? 100'000'000'000 : 1'000'000'000'000'000) + " microseconds",
                "interval");
}

std::string address(source& random, std::string_view type) {
    std::string out;
    const bool four = random() % 2 == 0;
    if (four) {
        for (int i = 0; i < 4; ++i)
            out += (i > 0 ? "." : "") + std::to_string(random() % 256);
    } else {
        for (int i = 0; i < 8; ++i)
            out += (i > 0 ? ":" : "") + (random() % 2 == 0 ? std::string("0") : hex(random, 2));
    }
    if (random() % 2 == 0) out += '/' + std::to_string(random() % (four ? 33 : 129));
    const auto value = cast(out, "inet");
    return type == "cidr" ? "network(" + value + ")" : value;
}

std::string hardware(source& random, std::size_t bytes, std::string_view type) {
    std::string out;
    for (std::size_t i = 0; i < bytes; ++i)
        out += (i > 0 ? ":" : "") + hex(random, 1);
    return cast(out, type);
}

std::string bits(source& random, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i)
        out += random() % 2 == 0 ? '0' : '1';
    return out;
}

std::string coordinate(source& random) {
    return std::to_string(between(random, -1000, 1000)) + (random() % 2 == 0 ? "" : ".25");
}

std::string point(source& random) {
    return '(' + coordinate(random) + ',' + coordinate(random) + ')';
}

std::string points(source& random) {
    std::string out = point(random);
    for (auto more = random() % 4; more > 0; --more)
        out += ',' + point(random);
    return out;
}

/// The function of the same name makes a range of two bounds in order.
std::string range_value(source& random, std::string_view type, std::string (*bound)(source&)) {
    if (random() % 8 == 0) return cast("empty", type);
    const auto lower = random() % 6 == 0 ? std::string("NULL") : bound(random);
    const auto upper = random() % 6 == 0 ? std::string("NULL") : bound(random);
    const auto brackets = std::string(one_of(random, {"[)", "(]", "[]", "()"}));
    const bool both = lower != "NULL" && upper != "NULL";
    const auto low = both ? "least(" + lower + "," + upper + ")" : lower;
    const auto high = both ? "greatest(" + lower + "," + upper + ")" : upper;
    return std::string(type) + "(" + low + "," + high + ",'" + brackets + "')";
}

std::string multirange_value(source& random, const std::string& type, std::string (*bound)(source&)) {
    std::string out = type + "multirange(";
    for (auto count = random() % 4; count > 0; --count)
        out += range_value(random, type + "range", bound) + (count > 1 ? "," : "");
    return out + ")";
}

std::string small_int4(source& random) {
    return cast(std::to_string(between(random, -1000, 1000)), "int4");
}
std::string wide_int8(source& random) {
    return cast(std::to_string(between(random, -9'000'000'000'000'000'000, 9'000'000'000'000'000'000)), "int8");
}
std::string numeric_value(source& random) {
    if (random() % 8 == 0)
        return cast(std::string(one_of(random, {"NaN", "Infinity", "-Infinity", "0.000"})), "numeric");
    return cast(number_text(random, 40), "numeric");
}
std::string near_date(source& random) {
    return date_sum(random, -800'000, 3'000'000);
}
std::string timestamp_value(source& random) {
    return moment(random, "timestamp");
}
std::string timestamptz_value(source& random) {
    return moment(random, "timestamptz");
}

template <class T>
std::string read(const cell_view& cell, parameters& out) {
    if (cell.null) {
        out.add_null(codec<T>::type);
        return {};
    }
    T value{};
    codec<T>::decode(cell, value);
    encode_parameter(out, value);
    std::string text;
    if (!detail::append_text(out[out.size() - 1], text)) throw std::logic_error("wharf cannot write this type as text");
    return text;
}

template <class T>
constexpr random_type entry(std::string_view name, std::string (*expression)(source&)) {
    return {name, expression, &read<T>, &read<array<std::optional<T>>>};
}

constexpr std::array types{
    entry<bool>("bool", [](source& r) { return cast(r() % 2 == 0 ? "t" : "f", "bool"); }),
    entry<std::int16_t>("int2", [](source& r) { return integer<std::int16_t>(r, "int2"); }),
    entry<std::int32_t>("int4", [](source& r) { return integer<std::int32_t>(r, "int4"); }),
    entry<std::int64_t>("int8", [](source& r) { return integer<std::int64_t>(r, "int8"); }),
    entry<float>("float4", [](source& r) { return floating(r, 15, "float4"); }),
    entry<double>("float8", [](source& r) { return floating(r, 270, "float8"); }),
    entry<decimal>("numeric", numeric_value),
    entry<std::string>("text", [](source& r) { return cast(text(r), "text"); }),
    entry<std::string>("varchar", [](source& r) { return cast(text(r), "varchar"); }),
    entry<std::string>("char(5)", [](source& r) { return cast(digits(r, 5), "char(5)"); }),
    entry<std::string>("name", [](source& r) { return cast(text(r), "name"); }),
    entry<char>("\"char\"", [](source& r) { return cast(digits(r, 1), "\"char\""); }),
    entry<std::vector<std::byte>>("bytea", [](source& r) { return cast("\\x" + hex(r, r() % 20), "bytea"); }),
    entry<uuid>("uuid", [](source& r) { return cast(hex(r, 16), "uuid"); }),
    entry<std::string>("json", [](source& r) { return cast(json_text(r), "json"); }),
    entry<json>("jsonb", [](source& r) { return cast(json_text(r), "jsonb"); }),
    entry<std::string>("xml", [](source& r) { return cast(xml_text(r), "xml"); }),
    entry<unbounded<date>>("date", date_value),
    entry<unbounded<timestamp>>("timestamp", timestamp_value),
    entry<unbounded<timestamptz>>("timestamptz", timestamptz_value),
    entry<time_of_day>("time", [](source& r) { return cast(clock(r), "time"); }),
    entry<timetz>("timetz",
                  [](source& r) {
                      return cast(clock(r) + std::string(one_of(r, {"+00", "-08", "+05:30", "-12:34:56", "+15:59:59"})),
                                  "timetz");
                  }),
    entry<interval>("interval", interval_value),
    entry<inet>("inet", [](source& r) { return address(r, "inet"); }),
    entry<cidr>("cidr", [](source& r) { return address(r, "cidr"); }),
    entry<macaddr>("macaddr", [](source& r) { return hardware(r, 6, "macaddr"); }),
    entry<macaddr8>("macaddr8", [](source& r) { return hardware(r, 8, "macaddr8"); }),
    entry<bit_string>("bit(9)", [](source& r) { return cast(bits(r, 9), "bit(9)"); }),
    entry<bit_string>("varbit", [](source& r) { return cast(bits(r, r() % 30), "varbit"); }),
    entry<geometry::point>("point", [](source& r) { return cast(point(r), "point"); }),
    entry<geometry::line>("line",
                          [](source& r) { return cast("{1," + coordinate(r) + "," + coordinate(r) + "}", "line"); }),
    entry<geometry::segment>("lseg", [](source& r) { return cast('[' + point(r) + ',' + point(r) + ']', "lseg"); }),
    entry<geometry::box>("box", [](source& r) { return cast(point(r) + ',' + point(r), "box"); }),
    entry<geometry::path>(
        "path", [](source& r) { return cast(r() % 2 == 0 ? '[' + points(r) + ']' : '(' + points(r) + ')', "path"); }),
    entry<geometry::polygon>("polygon", [](source& r) { return cast('(' + points(r) + ')', "polygon"); }),
    entry<geometry::circle>("circle",
                            [](source& r) { return cast('<' + point(r) + ',' + digits(r, 3) + '>', "circle"); }),
    entry<money>("money", [](source& r) { return cast(std::to_string(between(r, -999, 999)) + ".25", "money"); }),
    entry<std::uint32_t>("oid", [](source& r) { return integer<std::uint32_t>(r, "oid"); }),
    entry<std::uint32_t>("xid", [](source& r) { return integer<std::uint32_t>(r, "xid"); }),
    entry<std::uint32_t>("cid", [](source& r) { return integer<std::uint32_t>(r, "cid"); }),
    entry<std::uint64_t>("xid8",
                         [](source& r) { return integer(r, 0, std::numeric_limits<std::int64_t>::max(), "xid8"); }),
    entry<tid>("tid", [](source& r) { return cast("(" + digits(r, 9) + "," + digits(r, 4) + ")", "tid"); }),
    entry<pg_lsn>("pg_lsn", [](source& r) { return cast(hex(r, 3) + "/" + hex(r, 4), "pg_lsn"); }),
    entry<std::string>("int2vector", [](source& r) { return cast(digits(r, 4) + " " + digits(r, 4), "int2vector"); }),
    entry<std::string>("oidvector", [](source& r) { return cast(digits(r, 9) + " " + digits(r, 9), "oidvector"); }),
    entry<range<std::int32_t>>("int4range", [](source& r) { return range_value(r, "int4range", small_int4); }),
    entry<range<std::int64_t>>("int8range", [](source& r) { return range_value(r, "int8range", wide_int8); }),
    entry<range<decimal>>("numrange", [](source& r) { return range_value(r, "numrange", numeric_value); }),
    entry<range<unbounded<timestamp>>>("tsrange", [](source& r) { return range_value(r, "tsrange", timestamp_value); }),
    entry<range<unbounded<timestamptz>>>("tstzrange",
                                         [](source& r) { return range_value(r, "tstzrange", timestamptz_value); }),
    entry<range<unbounded<date>>>("daterange", [](source& r) { return range_value(r, "daterange", near_date); }),
    entry<multirange<std::int32_t>>("int4multirange",
                                    [](source& r) { return multirange_value(r, "int4", small_int4); }),
    entry<multirange<std::int64_t>>("int8multirange", [](source& r) { return multirange_value(r, "int8", wide_int8); }),
    entry<multirange<decimal>>("nummultirange", [](source& r) { return multirange_value(r, "num", numeric_value); }),
    entry<multirange<unbounded<timestamp>>>("tsmultirange",
                                            [](source& r) { return multirange_value(r, "ts", timestamp_value); }),
    entry<multirange<unbounded<timestamptz>>>("tstzmultirange",
                                              [](source& r) { return multirange_value(r, "tstz", timestamptz_value); }),
    entry<multirange<date>>("datemultirange", [](source& r) { return multirange_value(r, "date", near_date); }),
    entry<std::string>("tsvector", [](source& r) { return cast("a:1 b:1" + digits(r, 3) + " 'c d'", "tsvector"); }),
    entry<std::string>("tsquery", [](source& r) { return cast("a & (b | !c" + digits(r, 3) + ")", "tsquery"); }),
    entry<std::string>("jsonpath", [](source& r) { return cast("$.a[1" + digits(r, 3) + "]", "jsonpath"); }),
    entry<std::string>("regclass",
                       [](source& r) { return cast(std::string(one_of(r, {"pg_class", "pg_type"})), "regclass"); }),
    entry<std::string>("regtype",
                       [](source& r) { return cast(std::string(one_of(r, {"int4", "text[]"})), "regtype"); }),
    entry<std::string>("pg_snapshot", [](source&) { return cast("10:20:10,14,15", "pg_snapshot"); }),
};

} // namespace

std::span<const random_type> random_types() noexcept {
    return types;
}

std::string random_array(const random_type& of, random_source& random) {
    const auto element = [&] { return random() % 5 == 0 ? std::string("NULL") : of.expression(random); };
    const auto row = [&](std::uint64_t size) {
        std::string out = "ARRAY[";
        for (std::uint64_t i = 0; i < size; ++i)
            out += (i > 0 ? "," : "") + element();
        return out + "]";
    };
    const auto type = "::" + std::string(of.name) + "[]";
    switch (random() % 4) {
    case 0: {
        const auto size = 1 + random() % 3;
        const auto first = row(size);
        return "ARRAY[" + first + type + "," + row(size) + type + "]";
    }
    case 1:
        return "array_fill(" + of.expression(random) + ", ARRAY[1,2], ARRAY[-3," + std::to_string(random() % 4) + "])";
    default:
        return row(random() % 4) + type;
    }
}

} // namespace wharf::test
