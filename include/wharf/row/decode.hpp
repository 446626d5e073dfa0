// Rows into C++ values: one value, a tuple by position, or a plain struct by the names of its members.
#pragma once

#include "wharf/row/codec.hpp"
#include "wharf/row/operations.hpp"
#include "wharf/row/reflect.hpp"
#include "wharf/row/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
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

/// A field by its distance from the beginning of what a row is read into.
struct placed_field {
    std::ptrdiff_t offset;
    const type_operations* operations;
    std::int32_t number_size{no_number}; ///< of a cell that is read without a call, once the columns are known

    static constexpr std::int32_t no_number = std::numeric_limits<std::int32_t>::min(); // the length of no cell
};
template <class Row, std::size_t Count>
std::array<placed_field, Count> place(const Row& row, const std::array<erased_field, Count>& fields) {
    std::array<placed_field, Count> placed{};
    for (std::size_t i = 0; i < Count; ++i) {
        placed[i].offset = static_cast<const char*>(fields[i].target) - reinterpret_cast<const char*>(&row);
        placed[i].operations = fields[i].operations;
    }
    return placed;
}
/// Finds out which fields hold numbers exactly as their columns do. As many fields as columns, in their order.
void look_at_columns(const result_shape& shape, std::span<placed_field> fields) noexcept;

/// Reads the cells of a row, in order, into as many fields. What it throws names the column.
void decode_fields(row_view row, void* into, std::span<const placed_field> fields);
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
    explicit row_reader(const result_shape& shape) : fields_(fields()) {
        detail::expect_columns(shape, sizeof...(T));
        detail::look_at_columns(shape, fields_);
    }
    void read(row_view row, row_of<T...>& out) const { detail::decode_fields(row, &out, fields_); }

private:
    using placed_fields = std::array<detail::placed_field, sizeof...(T)>;

    static placed_fields fields() {
        if constexpr (sizeof...(T) == 1) {
            return {detail::placed_field{0, &operations_of<T>...}};
        } else {
            std::tuple<T...> row{};
            return std::apply(
                [&row](T&... values) {
                    const std::array<detail::erased_field, sizeof...(T)> fields{{{&values, &operations_of<T>}...}};
                    return detail::place(row, fields);
                },
                row);
        }
    }

    placed_fields fields_;
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
    static std::array<placed_field, count> placed() {
        T row{};
        return place(row, of(row));
    }
};

} // namespace detail

template <row_struct T>
class row_reader<T> {
    using fields = detail::struct_fields<T>;

public:
    explicit row_reader(const result_shape& shape) {
        const auto members = detail::match_members(shape, detail::member_names<T>);
        const auto by_member = fields::placed();
        for (std::size_t column = 0; column < fields::count; ++column)
            by_column_[column] = by_member[members[column]];
        detail::look_at_columns(shape, by_column_);
    }
    void read(row_view row, T& out) const { detail::decode_fields(row, &out, by_column_); }

private:
    std::array<detail::placed_field, fields::count> by_column_{};
};

template <class T>
class row_reader<by_position<T>> {
    using fields = detail::struct_fields<T>;

public:
    explicit row_reader(const result_shape& shape) : fields_(fields::placed()) {
        detail::expect_members(shape, detail::member_names<T>);
        detail::look_at_columns(shape, fields_);
    }
    void read(row_view row, T& out) const { detail::decode_fields(row, &out, fields_); }

private:
    std::array<detail::placed_field, fields::count> fields_;
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
