// unique_together<&Seat::hall, &Seat::number>(): an entry of a mapping. No two rows have the same values of all these
// members, which are columns or a belongs_to; where one of them is NULL the others may be what they like. create_tables
// makes the constraint, and a flush writes what frees such values before what takes them.
#pragma once

#include "wharf/orm/column.hpp"

#include <cstddef>
#include <span>

namespace wharf {

namespace orm {

struct unique_member {
    tag member{nullptr};
    const char* spelling{nullptr};
    const char* owner{nullptr};
};

struct unique_entry {
    static constexpr std::size_t column_count = 0;
    static constexpr std::size_t relation_count = 0;
    using key_part = key_list<>;
    using target = void;

    const unique_member* first{nullptr};
    std::size_t count{0};

    [[nodiscard]] constexpr std::span<const unique_member> members() const noexcept { return {first, count}; }
};

namespace detail {
template <auto... Members>
inline constexpr unique_member unique_members[] = {
    {tag_of_member<Members>, member_spelling<Members>(), class_spelling<owner_of<Members>>()}...};
} // namespace detail

/// How many unique_together() an entry of a mapping is.
template <class Entry>
inline constexpr std::size_t unique_count_of = 0;
template <>
inline constexpr std::size_t unique_count_of<unique_entry> = 1;

} // namespace orm

template <auto... Members>
[[nodiscard]] consteval orm::unique_entry unique_together() {
    static_assert(sizeof...(Members) > 1,
                  "wharf: unique_together() names two members or more; one alone is column<>().unique()");
    return {orm::detail::unique_members<Members...>, sizeof...(Members)};
}

} // namespace wharf
