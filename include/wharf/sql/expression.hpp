// Expressions of SQL as values, without C++ types: columns, parameters, comparisons. They are made by the typed query
// side and rendered for a dialect; nothing in them is text from a user but the names of columns and tables.
#pragma once

#include "wharf/row/parameters.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace wharf::sql {

struct node;

enum class comparison : std::uint8_t { equal, not_equal, less, less_equal, greater, greater_equal };

/// Immutable and cheap to copy. Any thread may read one.
class expression {
public:
    /// No expression: a statement without a condition.
    expression() noexcept = default;
    explicit expression(std::shared_ptr<const node> root) noexcept : root_(std::move(root)) {}

    [[nodiscard]] explicit operator bool() const noexcept { return root_ != nullptr; }
    [[nodiscard]] const node& root() const noexcept { return *root_; }

private:
    std::shared_ptr<const node> root_{}; // shared by all expressions that contain it
};

enum class node_kind : std::uint8_t {
    column,
    value,    ///< parameters with one entry
    constant, ///< `truth`
    compare,
    identical, ///< equal, NULL being equal to NULL
    is_null,
    in_list, ///< parameters with any number of entries of one type
    like,
    ilike,
    both,
    either,
    negation,
    count_rows,
};

struct node {
    node_kind kind{};
    comparison op{};
    bool negated{false}; ///< of identical, is_null
    bool truth{false};
    bool nullable{true};                  ///< of a column
    type_oid type{type_oid::unspecified}; ///< of a column, where it is known
    std::string table{};
    std::string name{};
    parameters values{};
    std::vector<expression> children{};
};

/// With `nullable` false, rows are not put in an order of their NULLs; decimals (`type` numeric) are compared by value
/// on SQLite, too.
[[nodiscard]] expression column(std::string_view table, std::string_view name, type_oid type = type_oid::unspecified,
                                bool nullable = true);
/// The first of the values.
[[nodiscard]] expression value(parameters one);
/// TRUE or FALSE.
[[nodiscard]] expression constant(bool truth);
[[nodiscard]] expression compare(comparison op, expression left, expression right);
/// IS NOT DISTINCT FROM, or IS DISTINCT FROM when `negated`.
[[nodiscard]] expression identical(expression left, expression right, bool negated = false);
[[nodiscard]] expression is_null(expression tested, bool negated = false);
/// Whether it is one of the values; an empty list is FALSE.
[[nodiscard]] expression in_list(expression tested, parameters values);
/// Case counts on every backend; the pattern's escape character is the backslash. Throws
/// usage_error for a pattern that ends in one that escapes nothing.
[[nodiscard]] expression like(expression tested, std::string_view pattern);
/// The same, ASCII letters matching in either case.
[[nodiscard]] expression ilike(expression tested, std::string_view pattern);
/// `text` with the signs that have a meaning in patterns escaped.
[[nodiscard]] std::string escape_pattern(std::string_view text);
/// AND, OR; where one side is missing or says nothing (TRUE AND x, FALSE OR x), the other side.
[[nodiscard]] expression both(expression left, expression right);
[[nodiscard]] expression either(expression left, expression right);
[[nodiscard]] expression negate(expression negated);
/// count(*)
[[nodiscard]] expression count_rows();

} // namespace wharf::sql
