// Conditions and orderings of typed queries, as values without the types that they were made from.
#pragma once

#include "wharf/orm/descriptor.hpp"
#include "wharf/orm/key_value.hpp"
#include "wharf/row/type_operations.hpp"
#include "wharf/sql/expression.hpp"

#include <concepts>
#include <string_view>
#include <utility>

namespace wharf {

/// A condition on rows: made by comparing columns, joined with && and ||, turned round with !. Cheap to copy.
class predicate {
public:
    explicit predicate(sql::expression condition) noexcept : condition_(std::move(condition)) {}
    [[nodiscard]] const sql::expression& condition() const noexcept { return condition_; }

    [[nodiscard]] friend predicate operator&&(const predicate& left, const predicate& right) {
        return predicate(sql::both(left.condition_, right.condition_));
    }
    [[nodiscard]] friend predicate operator||(const predicate& left, const predicate& right) {
        return predicate(sql::either(left.condition_, right.condition_));
    }
    [[nodiscard]] friend predicate operator!(const predicate& negated) {
        return predicate(sql::negate(negated.condition_));
    }
    /// Not there: a condition is on rows, and no statement has read any.
    template <std::same_as<bool> Bool>
    explicit operator Bool() const {
        static_assert(sizeof(Bool) == 0,
                      "wharf: a condition on rows is not a bool; where() takes it. To test an object that is in memory "
                      "compare its member, like user->age == 5");
        return false;
    }
    // Two plain values were compared on one side.
    template <std::same_as<bool> Bool>
    friend predicate operator&&(const predicate&, Bool) = delete;
    template <std::same_as<bool> Bool>
    friend predicate operator&&(Bool, const predicate&) = delete;
    template <std::same_as<bool> Bool>
    friend predicate operator||(const predicate&, Bool) = delete;
    template <std::same_as<bool> Bool>
    friend predicate operator||(Bool, const predicate&) = delete;

private:
    sql::expression condition_;
};

/// True of every row: the start of a chain that is put together at run time.
[[nodiscard]] inline predicate always() {
    return predicate(sql::constant(true));
}

/// A column to sort by, and how.
class ordering {
public:
    ordering(sql::expression by, bool descending) noexcept : by_(std::move(by)), descending_(descending) {}
    [[nodiscard]] const sql::expression& by() const noexcept { return by_; }
    [[nodiscard]] bool descending() const noexcept { return descending_; }

private:
    sql::expression by_;
    bool descending_;
};

namespace orm {

struct object_state;

// The compiled part of col<>.

/// The column that maps a member. Precondition: one does.
[[nodiscard]] sql::expression member_column(const class_descriptor& type, tag member);
/// The column of a relation whose target has a key of one column.
[[nodiscard]] sql::expression foreign_key_column(const class_descriptor& type, tag relation);
/// NULL of a type.
[[nodiscard]] sql::expression null_value(type_oid type);
/// The relation's foreign key equals a key; an unset key: is NULL.
[[nodiscard]] predicate refers_to(const class_descriptor& type, tag relation, const key_value& key);
/// The relation's foreign key is NULL.
[[nodiscard]] predicate refers_to_nothing(const class_descriptor& type, tag relation);
/// The key of an object's row; made of its members where it has no row yet. Throws usage_error when the database is
/// still to make it.
[[nodiscard]] key_value key_for_comparison(object_state& object);

} // namespace orm
} // namespace wharf
