// col<&User::name>: a column in a query.
//
//   col<&User::age> >= 18 && (col<&User::name>.like("A%") || col<&User::email> == std::nullopt)
//   col<&Post::author> == user                       a relation: an entity, a key, std::nullopt
//   session.select<User>().order_by(col<&User::age>.desc(), col<&User::name>)
//
// Values are copied, as the column's own type: an integer out of its range throws conversion_error. `== std::nullopt`
// is IS NULL; `== optional` is true for NULL on both sides; anything else is SQL's comparison, which is never true of
// NULL. A mistake in the types is one static assertion inside the operator.
#pragma once

#include "wharf/orm/bound_value.hpp"
#include "wharf/orm/describe.hpp"
#include "wharf/orm/entity.hpp"
#include "wharf/orm/predicate.hpp"
#include "wharf/orm/typed_key.hpp"

#include <concepts>
#include <initializer_list>
#include <optional>
#include <ranges>
#include <string_view>
#include <type_traits>

namespace wharf {

namespace orm {

struct operand;
struct column_marker;
struct relation_marker;

/// The types of the two ways in which a mapped member is in a query.
template <class E>
concept column_like = std::is_base_of_v<column_marker, E>;
template <class E>
concept relation_like = std::is_base_of_v<relation_marker, E>;
template <class E>
concept query_operand = std::is_base_of_v<operand, E>;

template <class T>
inline constexpr bool is_entity = false;
template <class T>
inline constexpr bool is_entity<entity<T>> = true;

/// Whether a class's mapping has a column for a member; of a class without a mapping describe() complains.
template <class T>
consteval bool maps_column(const char* member) {
    if constexpr (mapped<T>) {
        const auto& map = mapping<T>;
        for (std::size_t i = 0; i != map.column_count; ++i)
            if (detail::same(map.columns[i].spelling_, member)) return true;
        for (std::size_t i = 0; i != map.relation_count; ++i)
            for (std::size_t j = 0; j != map.relations[i].member_count_; ++j)
                if (detail::same(map.relations[i].members_[j].spelling_, member)) return true;
        return false;
    } else {
        return true;
    }
}
template <class T>
consteval bool maps_relation(const char* member) {
    if constexpr (mapped<T>) {
        const auto& map = mapping<T>;
        for (std::size_t i = 0; i != map.relation_count; ++i)
            if (detail::same(map.relations[i].spelling_, member)) return true;
        return false;
    } else {
        return true;
    }
}

template <sql::comparison Op, class Left, class Right>
predicate compare_columns(const Left& left, const Right& right) {
    using column = bare<typename Left::value_type>;
    using other = bare<typename Right::value_type>;
    static_assert(std::same_as<column, other> || (plain_integer<column> && plain_integer<other>) ||
                      (std::floating_point<column> && std::floating_point<other>),
                  "wharf: these two columns cannot be compared; their types do not match");
    return predicate(sql::compare(Op, left.node(), right.node()));
}

template <sql::comparison Op, class Left, class Given>
predicate compare_value(const Left& left, const Given& given) {
    using column = bare<typename Left::value_type>;
    constexpr bool equality = Op == sql::comparison::equal || Op == sql::comparison::not_equal;
    constexpr bool negated = Op == sql::comparison::not_equal;
    static_assert(equality || !(is_optional<Given> || std::same_as<Given, std::nullopt_t>),
                  "wharf: std::optional and std::nullopt are only compared with == and !=");
    if constexpr (std::same_as<Given, std::nullopt_t>) {
        static_assert(operations_of<typename Left::value_type>.nullable,
                      "wharf: this column is never null; only a std::optional member is compared with std::nullopt");
        return predicate(sql::is_null(left.node(), negated));
    } else {
        constexpr auto how = fit<column, bare<Given>>();
        static_assert(how != value_fit::floating_into_integer,
                      "wharf: a floating-point value is not compared with an integer column; round it first");
        static_assert(how != value_fit::no,
                      "wharf: this value cannot be compared with this column; the types do not match");
        if constexpr (how == value_fit::fits && is_optional<Given>)
            return predicate(sql::identical(
                left.node(), given.has_value() ? bind<column>(*given) : null_value(operations_of<column>.type),
                negated));
        else if constexpr (how == value_fit::fits)
            return predicate(sql::compare(Op, left.node(), bind<column>(given)));
        else
            return always();
    }
}

template <sql::comparison Op, class Left, class Given>
predicate compare_relation(const Left& left, const Given& given) {
    constexpr bool negated = Op == sql::comparison::not_equal;
    static_assert(negated || Op == sql::comparison::equal, "wharf: a relation is only compared with == and !=");
    const auto equal = left.refers_to(given);
    if constexpr (negated)
        return !equal;
    else
        return equal;
}

/// The comparison that is true when this one is with its sides exchanged.
[[nodiscard]] constexpr sql::comparison exchanged(sql::comparison op) noexcept {
    switch (op) {
    case sql::comparison::less:
        return sql::comparison::greater;
    case sql::comparison::less_equal:
        return sql::comparison::greater_equal;
    case sql::comparison::greater:
        return sql::comparison::less;
    case sql::comparison::greater_equal:
        return sql::comparison::less_equal;
    default:
        return op;
    }
}

template <sql::comparison Op, class Left, class Right>
predicate compare(const Left& left, const Right& right) {
    if constexpr (!query_operand<Left>)
        return compare<exchanged(Op)>(right, left);
    else if constexpr (relation_like<Left>)
        return compare_relation<Op>(left, right);
    else if constexpr (column_like<Right>)
        return compare_columns<Op>(left, right);
    else
        return compare_value<Op>(left, right);
}

/// What can be compared. The operators are friends, so that no other comparison in the namespace meets them.
struct operand {
    // clang-format off
    template <class Left, class Right>
    [[nodiscard]] friend predicate operator==(const Left& left, const Right& right) requires(query_operand<Left> || query_operand<Right>) { return compare<sql::comparison::equal>(left, right); }
    template <class Left, class Right>
    [[nodiscard]] friend predicate operator!=(const Left& left, const Right& right) requires(query_operand<Left> || query_operand<Right>) { return compare<sql::comparison::not_equal>(left, right); }
    template <class Left, class Right>
    [[nodiscard]] friend predicate operator<(const Left& left, const Right& right) requires(query_operand<Left> || query_operand<Right>) { return compare<sql::comparison::less>(left, right); }
    template <class Left, class Right>
    [[nodiscard]] friend predicate operator<=(const Left& left, const Right& right) requires(query_operand<Left> || query_operand<Right>) { return compare<sql::comparison::less_equal>(left, right); }
    template <class Left, class Right>
    [[nodiscard]] friend predicate operator>(const Left& left, const Right& right) requires(query_operand<Left> || query_operand<Right>) { return compare<sql::comparison::greater>(left, right); }
    template <class Left, class Right>
    [[nodiscard]] friend predicate operator>=(const Left& left, const Right& right) requires(query_operand<Left> || query_operand<Right>) { return compare<sql::comparison::greater_equal>(left, right); }
    // clang-format on
};
struct column_marker : operand {};
struct relation_marker : operand {};

/// Adds one value of an in() to its list, or all values of a range.
template <class Column, class Given>
void add_to_list(const Given& given, parameters& list) {
    constexpr auto how = fit<Column, Given>();
    if constexpr (how == value_fit::no && std::ranges::input_range<const Given>) {
        for (const auto& each : given)
            add_to_list<Column>(each, list);
    } else {
        static_assert(!is_optional<Given>, "wharf: in() takes values, and NULL is none; test for it with is_null()");
        static_assert(how != value_fit::floating_into_integer,
                      "wharf: a floating-point value is not compared with an integer column; round it first");
        static_assert(is_optional<Given> || how != value_fit::no,
                      "wharf: this value cannot be compared with this column; the types do not match");
        if constexpr (how == value_fit::fits) encode_as<Column>(given, list);
    }
}

/// A mapped member that is a column.
template <auto Member>
class column_expression : public column_marker {
public:
    using value_type = value_of<Member>;

    [[nodiscard]] sql::expression node() const {
        static_assert(maps_column<owner_of<Member>>(detail::member_spelling<Member>()),
                      "wharf: this member is no column; the mapping of its class does not name it");
        return member_column(describe<owner_of<Member>>(), tag_of_member<Member>);
    }

    /// Whether it is one of the values, or of those in a range; with none, nothing is.
    template <class... Given>
    [[nodiscard]] predicate in(const Given&... given) const {
        parameters list;
        (add_to_list<bare<value_type>>(given, list), ...);
        return predicate(sql::in_list(node(), std::move(list)));
    }
    [[nodiscard]] predicate is_null() const {
        static_assert(operations_of<value_type>.nullable, "wharf: this column is never null");
        return predicate(sql::is_null(node()));
    }

    /// `%` is any text, `_` any character, a backslash makes the next one mean itself. Case counts. Throws usage_error
    /// for a pattern that ends in a backslash by itself.
    [[nodiscard]] predicate like(std::string_view pattern) const {
        static_assert(operations_of<value_type>.type == type_oid::text,
                      "wharf: only a text column is matched with a pattern");
        return predicate(sql::like(node(), pattern));
    }
    /// The same, ASCII letters matching in either case; other letters as they are, whatever the locale.
    [[nodiscard]] predicate ilike(std::string_view pattern) const {
        static_assert(operations_of<value_type>.type == type_oid::text,
                      "wharf: only a text column is matched with a pattern");
        return predicate(sql::ilike(node(), pattern));
    }
    /// Like like(), for text in which no character means anything else.
    [[nodiscard]] predicate starts_with(std::string_view text) const { return like(sql::escape_pattern(text) + '%'); }
    [[nodiscard]] predicate ends_with(std::string_view text) const { return like('%' + sql::escape_pattern(text)); }
    [[nodiscard]] predicate contains(std::string_view text) const {
        return like('%' + sql::escape_pattern(text) + '%');
    }

    [[nodiscard]] ordering asc() const { return {node(), false}; }
    [[nodiscard]] ordering desc() const { return {node(), true}; }
};

/// A mapped belongs_to: compared with an entity, a key, std::nullopt.
template <auto Member>
class relation_expression : public relation_marker {
    using traits = relation_traits<value_of<Member>>;
    using target = typename traits::target;
    using owner = owner_of<Member>;

public:
    template <class Given>
    [[nodiscard]] predicate refers_to(const Given& given) const {
        static_assert(traits::kind == relation_kind::belongs_to,
                      "wharf: a has_many is not compared; compare the belongs_to of its target");
        static_assert(maps_relation<owner>(detail::member_spelling<Member>()),
                      "wharf: this member is no relation; the mapping of its class does not name it");
        const auto& type = describe<owner>();
        constexpr auto member = tag_of_member<Member>;
        if constexpr (std::same_as<Given, std::nullopt_t> || std::same_as<Given, std::nullptr_t>) {
            static_assert(traits::nullable,
                          "wharf: this relation is never null; it would be a belongs_to<std::optional<T>>");
            return refers_to_nothing(type, member);
        } else if constexpr (is_entity<Given>) {
            static_assert(std::same_as<std::remove_const_t<typename Given::element_type>, target>,
                          "wharf: this relation points to another class than that of the entity");
            if constexpr (traits::nullable) {
                if (!given) return refers_to_nothing(type, member);
            }
            if (!given) throw_null_entity();
            return orm::refers_to(type, member, key_for_comparison(*given.state()));
        } else if constexpr (std::same_as<Given, value_of<Member>>) {
            return orm::refers_to(type, member, given.foreign_key());
        } else {
            return orm::refers_to(type, member, typed_key(given));
        }
    }

    /// Whether it is one of the keys, or of those in a range; with none, nothing is.
    template <class... Given>
    [[nodiscard]] predicate in(const Given&... given) const {
        static_assert(!detail::is_tuple<key_of<target>>, "wharf: in() is for keys of one column");
        parameters list;
        (add_to_list<bare<key_of<target>>>(given, list), ...);
        return predicate(sql::in_list(foreign_key_column(describe<owner>(), tag_of_member<Member>), std::move(list)));
    }
    [[nodiscard]] predicate is_null() const { return refers_to(std::nullopt); }

private:
    template <class Given>
    static key_value typed_key(const Given& given) {
        using key = key_of<target>;
        if constexpr (detail::is_tuple<key>) {
            static_assert(std::convertible_to<const Given&, key>,
                          "wharf: this relation is compared with a key of its target, which is a tuple");
            if constexpr (std::convertible_to<const Given&, key>) return make_typed_key<key>(describe<target>(), given);
        } else {
            static_assert(
                fit<key, Given>() == value_fit::fits,
                "wharf: this relation is compared with an entity of its target or with its key; this is neither");
            if constexpr (fit<key, Given>() == value_fit::fits)
                return make_typed_key<key>(describe<target>(), as<key>(given));
        }
        return {};
    }
};

template <auto Member>
consteval auto make_col() {
    static_assert(std::is_member_object_pointer_v<decltype(Member)>,
                  "wharf: col<> names a data member of a mapped class, like col<&User::name>");
    if constexpr (is_relation<value_of<Member>>)
        return relation_expression<Member>();
    else
        return column_expression<Member>();
}

} // namespace orm

/// A member of a mapped class in a query.
template <auto Member>
inline constexpr auto col = orm::make_col<Member>();

} // namespace wharf
