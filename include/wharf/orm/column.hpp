// How a mapping describes its columns: column<&User::email>().unique(), columns<&User::name, &User::age>(),
// primary_key<&User::id>().generated().
//
// A description is a plain value, the same type for all columns, so that a class with forty columns costs the compiler
// little more than one with four. Only the primary key keeps its members in its type: key_of<T> is made of them.
#pragma once

#include "wharf/orm/member.hpp"
#include "wharf/row/codecs.hpp"
#include "wharf/row/operations.hpp"

#include <cstddef>
#include <string_view>

namespace wharf {

namespace orm {

/// The types of a primary key's members, in order.
template <class... Types>
struct key_list {};

template <class T>
inline constexpr bool is_relation = false;
template <class T>
inline constexpr bool is_relation<belongs_to<T>> = true;
template <class T>
inline constexpr bool is_relation<has_many<T>> = true;

/// One column of a mapping.
struct column_entry {
    static constexpr std::size_t column_count = 1;
    static constexpr std::size_t relation_count = 0;
    using key_part = key_list<>;
    using target = void; // of a relation

    std::string_view name_{}; ///< empty: that of the member
    const char* spelling_{nullptr};
    tag member_{nullptr};
    const char* owner_{nullptr};
    const type_operations* type_{nullptr};
    member_place place_{};
    std::string_view server_default_{};
    std::size_t position_{0}; ///< among the entries of its table
    bool key_{false};
    bool generated_{false};
    bool unique_{false};
    bool indexed_{false};
    bool version_{false};
    bool server_computed_{false};
    bool last_writer_wins_{false};
    bool not_null_{false};

    /// No two rows have the same value.
    [[nodiscard]] consteval column_entry unique() const {
        auto copy = *this;
        copy.unique_ = true;
        return copy;
    }
    [[nodiscard]] consteval column_entry indexed() const {
        auto copy = *this;
        copy.indexed_ = true;
        return copy;
    }
    /// The counter of optimistic locking: an integer that each UPDATE checks and raises.
    [[nodiscard]] consteval column_entry version() const {
        auto copy = *this;
        copy.version_ = true;
        return copy;
    }
    /// The server has the last word: it comes back from every INSERT and UPDATE, and a change by something that runs
    /// after them (an AFTER trigger, a rule) is not taken for one of somebody else.
    [[nodiscard]] consteval column_entry server_computed() const {
        auto copy = *this;
        copy.server_computed_ = true;
        return copy;
    }
    /// An UPDATE writes it whatever others have made of it since it was read.
    [[nodiscard]] consteval column_entry last_writer_wins() const {
        auto copy = *this;
        copy.last_writer_wins_ = true;
        return copy;
    }
    /// create_tables has the server refuse NULL: for a wharf::defaulted<T>, which could hold it.
    [[nodiscard]] consteval column_entry not_null() const {
        auto copy = *this;
        copy.not_null_ = true;
        return copy;
    }
    /// What the server fills in where an INSERT leaves the column out; `sql` is a literal, written into the CREATE
    /// TABLE as it is. wharf leaves it out where the member is a wharf::defaulted<T> and unset. A plain member always
    /// sends its value, and the default is for those who insert without wharf.
    [[nodiscard]] consteval column_entry server_default(std::string_view sql) const {
        auto copy = *this;
        copy.server_default_ = sql;
        return copy;
    }
};

/// Several columns of a mapping.
template <std::size_t Count>
struct column_entries {
    static constexpr std::size_t column_count = Count;
    static constexpr std::size_t relation_count = 0;
    using key_part = key_list<>;
    using target = void;

    column_entry entries_[Count];
};

template <auto... Members>
struct key_entry {
    static constexpr std::size_t column_count = sizeof...(Members);
    static constexpr std::size_t relation_count = 0;
    using key_part = key_list<value_of<Members>...>;
    using target = void;

    column_entry entries_[sizeof...(Members)];

    /// The database makes the key where it is unset (equal to T{}).
    [[nodiscard]] consteval key_entry generated() const {
        auto copy = *this;
        for (auto& entry : copy.entries_)
            entry.generated_ = true;
        return copy;
    }
};

template <auto Member>
consteval column_entry make_column(std::string_view name) {
    static_assert(std::is_member_object_pointer_v<decltype(Member)>,
                  "wharf: a column is named by a pointer to a data member, like &User::name");
    static_assert(
        !is_relation<value_of<Member>>,
        "wharf: this member is a relation; map it with relation<&T::member>(), not with column<&T::member>()");
    if constexpr (!is_relation<value_of<Member>>) {
        static_assert(encodable<value_of<Member>> && decodable<value_of<Member>>,
                      "wharf: this member's type has no codec; specialise wharf::codec for it");
        if constexpr (encodable<value_of<Member>> && decodable<value_of<Member>>)
            return {.name_ = name,
                    .spelling_ = detail::member_spelling<Member>(),
                    .member_ = tag_of_member<Member>,
                    .owner_ = detail::class_spelling<owner_of<Member>>(),
                    .type_ = &operations_of<value_of<Member>>,
                    .place_ = place_of<void, Member>()};
    }
    return {};
}

template <auto Member>
consteval column_entry make_key_column(std::string_view name) {
    static_assert(
        !is_defaulted<value_of<Member>>,
        "wharf: a member of the primary key is no defaulted<T>; a key that the database makes is .generated()");
    auto made = make_column<Member>(name);
    made.key_ = true;
    return made;
}

/// What column<>() returns: a column that can still become the primary key.
template <auto Member>
struct single_column : column_entry {
    [[nodiscard]] consteval key_entry<Member> primary_key() const {
        static_cast<void>(make_key_column<Member>({})); // refuses what cannot be a key
        key_entry<Member> key{{*this}};
        key.entries_[0].key_ = true;
        return key;
    }
};

} // namespace orm

/// Maps a member to the column of its name.
template <auto Member>
[[nodiscard]] consteval orm::single_column<Member> column() {
    return {orm::make_column<Member>({})};
}

/// Maps a member to the column `name`, a literal.
template <auto Member>
[[nodiscard]] consteval orm::single_column<Member> column(std::string_view name) {
    return {orm::make_column<Member>(name)};
}

/// Maps members to columns of their names.
template <auto... Members>
[[nodiscard]] consteval orm::column_entries<sizeof...(Members)> columns() {
    return {{orm::make_column<Members>({})...}};
}

/// Maps members to the columns of the primary key, in this order.
template <auto... Members>
[[nodiscard]] consteval orm::key_entry<Members...> primary_key() {
    return {{orm::make_key_column<Members>({})...}};
}

} // namespace wharf
