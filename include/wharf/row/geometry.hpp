// PostgreSQL's geometric types, in a plane of double coordinates.
#pragma once

#include "wharf/row/codec.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wharf::geometry {

struct point {
    double x{0};
    double y{0};
    bool operator==(const point&) const = default;
};

/// All points of a*x + b*y + c = 0. PostgreSQL refuses one whose a and b are both 0.
struct line {
    double a{0};
    double b{1};
    double c{0};
    bool operator==(const line&) const = default;
};

/// The part of a line between two points; PostgreSQL's lseg.
struct segment {
    std::array<point, 2> ends{};
    bool operator==(const segment&) const = default;
};

/// PostgreSQL turns its corners so that `high` is the upper right and `low` the lower left one.
struct box {
    point high{};
    point low{};
    bool operator==(const box&) const = default;
};

class path {
public:
    path() = default;
    explicit path(std::vector<point> corners, bool ends_where_it_starts = false)
        : points(std::move(corners)), closed(ends_where_it_starts) {}
    bool operator==(const path&) const = default;

    std::vector<point> points{}; ///< PostgreSQL wants one at least
    bool closed{false};
};

class polygon {
public:
    polygon() = default;
    explicit polygon(std::vector<point> corners) : points(std::move(corners)) {}
    bool operator==(const polygon&) const = default;

    std::vector<point> points{}; ///< PostgreSQL wants one at least
};

struct circle {
    point center{};
    double radius{0};
    bool operator==(const circle&) const = default;
};

/// As PostgreSQL writes them: "(1,2)", "{1,2,3}", "[(1,2),(3,4)]", "(3,4),(1,2)", "[(1,2),(3,4)]" or, closed,
/// "((1,2),(3,4))", "((1,2),(3,4))", "<(1,2),3>".
[[nodiscard]] std::string to_string(const point& value);
[[nodiscard]] std::string to_string(const line& value);
[[nodiscard]] std::string to_string(const segment& value);
[[nodiscard]] std::string to_string(const box& value);
[[nodiscard]] std::string to_string(const path& value);
[[nodiscard]] std::string to_string(const polygon& value);
[[nodiscard]] std::string to_string(const circle& value);

} // namespace wharf::geometry

namespace wharf {

namespace detail {

/// Reads the type, and its text as PostgreSQL writes it.
template <class Shape, type_oid Type>
struct shape_codec {
    static constexpr type_oid type = Type;
    static void encode(const Shape& value, std::string& out);
    static void decode(const cell_view& cell, Shape& out);
};

extern template struct shape_codec<geometry::point, type_oid::point>;
extern template struct shape_codec<geometry::line, type_oid::line>;
extern template struct shape_codec<geometry::segment, type_oid::lseg>;
extern template struct shape_codec<geometry::box, type_oid::box>;
extern template struct shape_codec<geometry::path, type_oid::path>;
extern template struct shape_codec<geometry::polygon, type_oid::polygon>;
extern template struct shape_codec<geometry::circle, type_oid::circle>;

} // namespace detail

// On SQLite text.
// clang-format off
template <> struct codec<geometry::point> : detail::shape_codec<geometry::point, type_oid::point> {};
template <> struct codec<geometry::line> : detail::shape_codec<geometry::line, type_oid::line> {};
template <> struct codec<geometry::segment> : detail::shape_codec<geometry::segment, type_oid::lseg> {};
template <> struct codec<geometry::box> : detail::shape_codec<geometry::box, type_oid::box> {};
template <> struct codec<geometry::path> : detail::shape_codec<geometry::path, type_oid::path> {};
template <> struct codec<geometry::polygon> : detail::shape_codec<geometry::polygon, type_oid::polygon> {};
template <> struct codec<geometry::circle> : detail::shape_codec<geometry::circle, type_oid::circle> {};
// clang-format on

} // namespace wharf
