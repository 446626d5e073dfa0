#include "wharf/row/geometry.hpp"

#include "row/conversion.hpp"
#include "row/float_text.hpp"
#include "wharf/base/error.hpp"
#include "wharf/row/bytes.hpp"

#include <charconv>
#include <limits>

namespace wharf {
namespace {

using namespace geometry;

template <class Shape>
constexpr std::string_view name = "wharf::geometry::point";
template <>
constexpr std::string_view name<line> = "wharf::geometry::line";
template <>
constexpr std::string_view name<segment> = "wharf::geometry::segment";
template <>
constexpr std::string_view name<box> = "wharf::geometry::box";
template <>
constexpr std::string_view name<path> = "wharf::geometry::path";
template <>
constexpr std::string_view name<polygon> = "wharf::geometry::polygon";
template <>
constexpr std::string_view name<circle> = "wharf::geometry::circle";

constexpr std::size_t number_size = sizeof(double);
constexpr std::size_t point_size = 2 * number_size;

void append_text(std::string& out, const point& value) {
    out += '(';
    detail::append_float(out, value.x);
    out += ',';
    detail::append_float(out, value.y);
    out += ')';
}

void append_text(std::string& out, const std::vector<point>& points) {
    bool first = true;
    for (const auto& point : points) {
        if (!first) out += ',';
        append_text(out, point);
        first = false;
    }
}

/// Takes text from its front.
class cursor {
public:
    explicit cursor(std::string_view text) noexcept : rest_(text) {}
    [[nodiscard]] bool done() const noexcept { return rest_.empty(); }
    [[nodiscard]] bool take(char c) noexcept {
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }
    [[nodiscard]] bool take(double& out) noexcept {
        const auto [stop, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), out);
        if (error != std::errc()) return false;
        rest_.remove_prefix(static_cast<std::size_t>(stop - rest_.data()));
        return true;
    }
    [[nodiscard]] bool take(point& out) noexcept {
        return take('(') && take(out.x) && take(',') && take(out.y) && take(')');
    }
    [[nodiscard]] bool take(std::vector<point>& out) {
        out.clear();
        do {
            if (!take(out.emplace_back())) return false;
        } while (take(','));
        return true;
    }

private:
    std::string_view rest_;
};

bool parse(cursor& text, point& out) {
    return text.take(out);
}
bool parse(cursor& text, line& out) {
    return text.take('{') && text.take(out.a) && text.take(',') && text.take(out.b) && text.take(',') &&
           text.take(out.c) && text.take('}');
}
bool parse(cursor& text, segment& out) {
    return text.take('[') && text.take(out.ends[0]) && text.take(',') && text.take(out.ends[1]) && text.take(']');
}
bool parse(cursor& text, box& out) {
    return text.take(out.high) && text.take(',') && text.take(out.low);
}
bool parse(cursor& text, path& out) {
    out.closed = text.take('(');
    return (out.closed || text.take('[')) && text.take(out.points) && text.take(out.closed ? ')' : ']');
}
bool parse(cursor& text, polygon& out) {
    return text.take('(') && text.take(out.points) && text.take(')');
}
bool parse(cursor& text, circle& out) {
    return text.take('<') && text.take(out.center) && text.take(',') && text.take(out.radius) && text.take('>');
}

void append_binary(std::string& out, const point& value) {
    append(out, value.x);
    append(out, value.y);
}

void append_binary(std::string& out, const std::vector<point>& points) {
    if (points.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
        throw conversion_error("a path or polygon has more than 2^31 - 1 points");
    append(out, static_cast<std::int32_t>(points.size()));
    for (const auto& point : points)
        append_binary(out, point);
}

point load_point(const char* at) noexcept {
    return {load<double>(at), load<double>(at + number_size)};
}

void read_points(const cell_view& cell, std::string_view bytes, std::vector<point>& out) {
    if (bytes.size() < sizeof(std::int32_t)) detail::refuse_bytes(cell);
    const auto count = load<std::int32_t>(bytes.data());
    bytes.remove_prefix(sizeof count);
    if (count < 0 || static_cast<std::size_t>(count) != bytes.size() / point_size || bytes.size() % point_size != 0)
        detail::refuse_bytes(cell);
    out.resize(static_cast<std::size_t>(count));
    const char* at = bytes.data();
    for (auto& point : out) {
        point = load_point(at);
        at += point_size;
    }
}

// Source: PostgreSQL, src/backend/utils/adt/geo_ops.c (point_send and its neighbours).
void encode_shape(const point& value, std::string& out) {
    append_binary(out, value);
}
void encode_shape(const line& value, std::string& out) {
    append(out, value.a);
    append(out, value.b);
    append(out, value.c);
}
void encode_shape(const segment& value, std::string& out) {
    append_binary(out, value.ends[0]);
    append_binary(out, value.ends[1]);
}
void encode_shape(const box& value, std::string& out) {
    append_binary(out, value.high);
    append_binary(out, value.low);
}
void encode_shape(const path& value, std::string& out) {
    out += value.closed ? '\1' : '\0';
    append_binary(out, value.points);
}
void encode_shape(const polygon& value, std::string& out) {
    append_binary(out, value.points);
}
void encode_shape(const circle& value, std::string& out) {
    append_binary(out, value.center);
    append(out, value.radius);
}

void decode_shape(const cell_view& cell, point& out) {
    detail::expect_size(cell, point_size);
    out = load_point(cell.bytes.data());
}
void decode_shape(const cell_view& cell, line& out) {
    detail::expect_size(cell, 3 * number_size);
    const char* at = cell.bytes.data();
    out = {load<double>(at), load<double>(at + number_size), load<double>(at + 2 * number_size)};
}
void decode_shape(const cell_view& cell, segment& out) {
    detail::expect_size(cell, 2 * point_size);
    out.ends = {load_point(cell.bytes.data()), load_point(cell.bytes.data() + point_size)};
}
void decode_shape(const cell_view& cell, box& out) {
    detail::expect_size(cell, 2 * point_size);
    out = {load_point(cell.bytes.data()), load_point(cell.bytes.data() + point_size)};
}
void decode_shape(const cell_view& cell, path& out) {
    if (cell.bytes.empty() || static_cast<unsigned char>(cell.bytes.front()) > 1) detail::refuse_bytes(cell);
    out.closed = cell.bytes.front() == 1;
    read_points(cell, cell.bytes.substr(1), out.points);
}
void decode_shape(const cell_view& cell, polygon& out) {
    read_points(cell, cell.bytes, out.points);
}
void decode_shape(const cell_view& cell, circle& out) {
    detail::expect_size(cell, point_size + number_size);
    out = {load_point(cell.bytes.data()), load<double>(cell.bytes.data() + point_size)};
}

} // namespace

template <class Shape, type_oid Type>
void detail::shape_codec<Shape, Type>::encode(const Shape& value, std::string& out) {
    encode_shape(value, out);
}

template <class Shape, type_oid Type>
void detail::shape_codec<Shape, Type>::decode(const cell_view& cell, Shape& out) {
    if (is_text(cell)) {
        cursor text(cell.bytes);
        if (!parse(text, out) || !text.done()) refuse_text(cell, name<Shape>);
        return;
    }
    if (cell.type != Type) refuse_type(cell, name<Shape>);
    decode_shape(cell, out);
}

template struct detail::shape_codec<geometry::point, type_oid::point>;
template struct detail::shape_codec<geometry::line, type_oid::line>;
template struct detail::shape_codec<geometry::segment, type_oid::lseg>;
template struct detail::shape_codec<geometry::box, type_oid::box>;
template struct detail::shape_codec<geometry::path, type_oid::path>;
template struct detail::shape_codec<geometry::polygon, type_oid::polygon>;
template struct detail::shape_codec<geometry::circle, type_oid::circle>;

std::string geometry::to_string(const point& value) {
    std::string text;
    append_text(text, value);
    return text;
}

std::string geometry::to_string(const line& value) {
    std::string text = "{";
    detail::append_float(text, value.a);
    text += ',';
    detail::append_float(text, value.b);
    text += ',';
    detail::append_float(text, value.c);
    return text + '}';
}

std::string geometry::to_string(const segment& value) {
    return '[' + to_string(value.ends[0]) + ',' + to_string(value.ends[1]) + ']';
}

std::string geometry::to_string(const box& value) {
    return to_string(value.high) + ',' + to_string(value.low);
}

std::string geometry::to_string(const path& value) {
    std::string text = value.closed ? "(" : "[";
    append_text(text, value.points);
    return text + (value.closed ? ')' : ']');
}

std::string geometry::to_string(const polygon& value) {
    std::string text = "(";
    append_text(text, value.points);
    return text + ')';
}

std::string geometry::to_string(const circle& value) {
    std::string text = '<' + to_string(value.center) + ',';
    detail::append_float(text, value.radius);
    return text + '>';
}

} // namespace wharf
