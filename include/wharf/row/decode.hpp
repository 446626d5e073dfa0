// Rows into C++ values: one value, a tuple by position, or a plain struct by the names of its members.
#pragma once

#include "wharf/row/codec.hpp"
#include "wharf/row/operations.hpp"
#include "wharf/row/reflect.hpp"
#include "wharf/row/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace wharf {

template <class T>
concept plain_struct = std::is_aggregate_v<T> && std::is_class_v<T> && std::default_initializable<T>;

/// A plain struct whose members are read from the columns of the same names. Up to 32 members.
template <class T>
concept row_struct = !decodable<T> && plain_struct<T>;

template <class T>
concept row_value = decodable<T> || row_struct<T>;

/// Asks for a plain struct whose members are read from the columns in their order, whatever their names:
/// query<by_position<Struct>>(...) gives Structs.
template <plain_struct T>
struct by_position {
    by_position() = delete;
};

namespace detail {

template <class... T>
struct row_of {
    using type = std::tuple<T...>;
};
template <class T>
struct row_of<T> {
    using type = T;
};
template <class T>
struct row_of<by_position<T>> {
    using type = T;
};

struct erased_field {
    void* target;
    const type_operations* operations;
};

/// Reads the cells of a row, in order, into as many fields. What it throws names the column.
void decode_fields(row_view row, std::span<const erased_field> fields);
/// Throws conversion_error unless the result has that many columns.
void expect_columns(const result_shape& shape, std::size_t count);
/// The same for a struct that is read by position; names both lists.
void expect_members(const result_shape& shape, std::span<const std::string_view> members);
/// For each column the member of the same name. Throws conversion_error naming columns without a member, members
/// without a column, and columns that occur twice.
[[nodiscard]] std::vector<std::uint8_t> match_members(const result_shape& shape,
                                                      std::span<const std::string_view> members);

} // namespace detail

/// What a row of these columns is read into: the one type itself, or a tuple.
template <class... T>
using row_of = typename detail::row_of<T...>::type;

/// Reads a cell that is known to belong to `column`; throws conversion_error with the column's name.
void decode_cell(const cell_view& cell, std::string_view column, void* out, const type_operations& operations);
template <decodable T>
void decode_cell(const cell_view& cell, std::string_view column, T& out) {
    decode_cell(cell, column, &out, operations_of<T>);
}

/// Reads the next cell of a row; the same.
template <decodable T>
void decode_next(row_view& row, T& out) {
    const auto& column = row.shape().columns[row.position()];
    decode_cell(row.next(), column.name, &out, operations_of<T>);
}

/// Reads the rows of one result. The columns are checked once, when it is made; the result's shape must outlive it.
template <class... T>
class row_reader {
    static_assert((decodable<T> && ...), "wharf: a column cannot be read into one of these types; specialise "
                                         "wharf::codec<T>, or derive it from wharf::wraps<&T::member>");

public:
    explicit row_reader(const result_shape& shape) { detail::expect_columns(shape, sizeof...(T)); }
    void read(row_view row, row_of<T...>& out) const {
        if constexpr (sizeof...(T) == 1) {
            const detail::erased_field field{&out, &operations_of<T...>};
            detail::decode_fields(row, {&field, 1});
        } else {
            std::apply(
                [row](T&... values) {
                    const std::array<detail::erased_field, sizeof...(T)> fields{{{&values, &operations_of<T>}...}};
                    detail::decode_fields(row, fields);
                },
                out);
        }
    }
};

namespace detail {

template <plain_struct T>
struct struct_fields {
    static constexpr auto count = member_count<T>;
    static_assert(count > 0 && count <= most_members, "wharf: a struct that is read from a row has 1 to 32 members");

    static std::array<erased_field, count> of(T& out) {
        return std::apply(
            []<class... Member>(Member&... members) {
                static_assert((decodable<Member> && ...),
                              "wharf: a member of this struct cannot be read from a column; "
                              "specialise wharf::codec for its type");
                return std::array<erased_field, count>{{{&members, &operations_of<Member>}...}};
            },
            tie_members<count>(out));
    }
};

} // namespace detail

template <row_struct T>
class row_reader<T> {
    using fields = detail::struct_fields<T>;

public:
    explicit row_reader(const result_shape& shape) : members_(detail::match_members(shape, detail::member_names<T>)) {}
    void read(row_view row, T& out) const {
        const auto by_member = fields::of(out);
        std::array<detail::erased_field, fields::count> in_order;
        for (std::size_t column = 0; column < fields::count; ++column)
            in_order[column] = by_member[members_[column]];
        detail::decode_fields(row, in_order);
    }

private:
    std::vector<std::uint8_t> members_; // by column
};

template <class T>
class row_reader<by_position<T>> {
public:
    explicit row_reader(const result_shape& shape) { detail::expect_members(shape, detail::member_names<T>); }
    void read(row_view row, T& out) const { detail::decode_fields(row, detail::struct_fields<T>::of(out)); }
};

/// Reads one row. For many rows of a result a row_reader checks the columns only once.
template <class... T>
    requires(sizeof...(T) > 0)
[[nodiscard]] row_of<T...> decode_row(row_view row) {
    row_of<T...> out{};
    row_reader<T...>(row.shape()).read(row, out);
    return out;
}

} // namespace wharf
