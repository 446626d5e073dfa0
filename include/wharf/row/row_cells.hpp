// Rows that are written: the cells of a tuple, of a plain struct, or of a single value.
#pragma once

#include "wharf/row/codec.hpp"
#include "wharf/row/codecs.hpp"
#include "wharf/row/reflect.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace wharf {

namespace detail {

template <class Row>
concept tuple_row = !encodable<Row> && requires { std::tuple_size<Row>::value; };

template <class Row>
concept struct_row = !encodable<Row> && !tuple_row<Row> && std::is_aggregate_v<Row> && std::is_class_v<Row>;

template <class... Cell>
struct cell_types {
    static_assert((encodable<Cell> && ...),
                  "wharf: a value in these rows cannot be written to the database; specialise "
                  "wharf::codec for its type");
    static constexpr std::size_t count = sizeof...(Cell);
    static constexpr std::array<type_oid, count> types{codec<Cell>::type...};
};

template <class Tuple>
struct cells_of_tuple;
template <class... Cell>
struct cells_of_tuple<std::tuple<Cell...>> {
    using type = cell_types<std::remove_cvref_t<Cell>...>;
};
template <class First, class Second>
struct cells_of_tuple<std::pair<First, Second>> {
    using type = cell_types<std::remove_cvref_t<First>, std::remove_cvref_t<Second>>;
};

} // namespace detail

/// What can be written as a row: a std::tuple or std::pair, a plain struct of up to 32 members, or one value.
template <class Row>
concept writable_row = encodable<Row> || detail::tuple_row<Row> || detail::struct_row<Row>;

/// The cells of a Row, in order: `count`, their `types`, the `names` of a struct's members (else none), and
/// visit(row, f), which calls f(cell...).
template <writable_row Row>
struct row_cells : detail::cell_types<Row> {
    static constexpr std::span<const std::string_view> names{};
    template <class Visit>
    static decltype(auto) visit(const Row& row, Visit&& use) {
        return std::forward<Visit>(use)(row);
    }
};

template <detail::tuple_row Row>
struct row_cells<Row> : detail::cells_of_tuple<Row>::type {
    static constexpr std::span<const std::string_view> names{};
    template <class Visit>
    static decltype(auto) visit(const Row& row, Visit&& use) {
        return std::apply(std::forward<Visit>(use), row);
    }
};

template <detail::struct_row Row>
struct row_cells<Row>
    : detail::cells_of_tuple<decltype(detail::tie_members<detail::member_count<Row>>(std::declval<Row&>()))>::type {
    static_assert(detail::member_count<Row> > 0 && detail::member_count<Row> <= detail::most_members,
                  "wharf: a struct that is written as a row has 1 to 32 members");
    static constexpr std::span<const std::string_view> names{detail::member_names<Row>};
    template <class Visit>
    static decltype(auto) visit(const Row& row, Visit&& use) {
        return std::apply(std::forward<Visit>(use), detail::tie_members<detail::member_count<Row>>(row));
    }
};

} // namespace wharf
