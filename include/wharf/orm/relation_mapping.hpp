// How a mapping describes its relations: relation<&Post::author>(), relation<&User::posts>().inverse<&Post::author>().
// The target of a relation need only be declared.
#pragma once

#include "wharf/orm/column.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace wharf {

namespace orm {

/// What a relation member says about itself by its type.
template <class T>
struct relation_traits;
template <class T>
struct relation_traits<belongs_to<T>> {
    using target = T;
    static constexpr relation_kind kind = relation_kind::belongs_to;
    static constexpr bool nullable = false;
};
template <class T>
struct relation_traits<belongs_to<std::optional<T>>> {
    using target = T;
    static constexpr relation_kind kind = relation_kind::belongs_to;
    static constexpr bool nullable = true;
};
template <class T>
struct relation_traits<has_many<T>> {
    using target = T;
    static constexpr relation_kind kind = relation_kind::has_many;
    static constexpr bool nullable = false;
};

namespace detail {
template <auto... Members>
inline constexpr column_entry foreign_key_columns[] = {make_column<Members>({})...};
} // namespace detail

struct relation_entry {
    static constexpr std::size_t column_count = 0;
    static constexpr std::size_t relation_count = 1;
    using key_part = key_list<>;

    const char* spelling_{nullptr};
    tag member_{nullptr};
    const char* owner_{nullptr};
    tag target_{nullptr};
    const char* target_class_{nullptr};
    relation_kind kind_{};
    bool nullable_{false};
    member_place place_{};                 ///< of its relation_base
    std::string_view column_{};            ///< empty: named after the member
    const column_entry* members_{nullptr}; ///< foreign key kept in members of the class
    std::size_t member_count_{0};
    tag inverse_{nullptr};
    const char* inverse_owner_{nullptr};
    const char* inverse_spelling_{nullptr};
    std::size_t position_{0}; ///< among the entries of its table
};

/// One relation of a mapping; only its target is left in the type.
template <class Target>
struct relation_to : relation_entry {
    using target = Target;

    /// The belongs_to of the target that is the other side. Not needed where exactly one points back.
    template <auto Member>
    [[nodiscard]] consteval relation_to inverse() const {
        static_assert(is_relation<value_of<Member>>,
                      "wharf: the inverse of a relation is a relation member of its target, like &Post::author");
        auto copy = *this;
        copy.inverse_ = tag_of_member<Member>;
        copy.inverse_owner_ = detail::class_spelling<owner_of<Member>>();
        copy.inverse_spelling_ = detail::member_spelling<Member>();
        return copy;
    }
    /// The foreign key's column; `<member>_id` otherwise. Where the target's key has several columns, theirs are named
    /// `<name>_<key column>`.
    [[nodiscard]] consteval relation_to column(std::string_view name) const {
        auto copy = *this;
        copy.column_ = name;
        return copy;
    }
    /// The foreign key is kept in these members, mapped as columns or not, in the order of the target's key.
    template <auto... Members>
    [[nodiscard]] consteval relation_to column() const {
        auto copy = *this;
        copy.members_ = detail::foreign_key_columns<Members...>;
        copy.member_count_ = sizeof...(Members);
        return copy;
    }
    /// The same for members that are part of the primary key.
    template <auto... Members>
    [[nodiscard]] consteval relation_to key() const {
        return column<Members...>();
    }
};

} // namespace orm

/// Maps a belongs_to or has_many member.
template <auto Member>
[[nodiscard]] consteval auto relation() {
    static_assert(orm::is_relation<orm::value_of<Member>>,
                  "wharf: relation<&T::member>() is for members of type belongs_to or has_many; this is neither");
    if constexpr (orm::is_relation<orm::value_of<Member>>) {
        using traits = orm::relation_traits<orm::value_of<Member>>;
        using target = typename traits::target;
        return orm::relation_to<target>{{.spelling_ = orm::detail::member_spelling<Member>(),
                                         .member_ = orm::tag_of_member<Member>,
                                         .owner_ = orm::detail::class_spelling<orm::owner_of<Member>>(),
                                         .target_ = orm::tag_of<target>,
                                         .target_class_ = orm::detail::class_spelling<target>(),
                                         .kind_ = traits::kind,
                                         .nullable_ = traits::nullable,
                                         .place_ = orm::place_of<orm::relation_base, Member>()}};
    } else {
        return orm::relation_to<void>{};
    }
}

} // namespace wharf
