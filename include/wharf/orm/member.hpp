// Members and classes without their types: tags to compare them by, functions to reach them.
#pragma once

#include "wharf/orm/descriptor.hpp"

#include <cstddef>
#include <string_view>
#include <type_traits>

namespace wharf {

/// Names a class in the declaration of its mapping: `constexpr auto wharf_mapping(wharf::type<User>)`.
template <class T>
struct type {};

template <class T>
class belongs_to;
template <class T>
class has_many;

namespace orm {

template <class T>
struct member_traits;
template <class Owner, class Value>
struct member_traits<Value Owner::*> {
    using owner = Owner;
    using value = Value;
};

template <auto Member>
using owner_of = typename member_traits<decltype(Member)>::owner;
template <auto Member>
using value_of = typename member_traits<decltype(Member)>::value;

namespace detail {
// Variables, since the linker may not merge them; never read or written.
template <class T>
inline char class_mark{};
template <auto Member>
inline char member_mark{};

/// Room for an object that is never made: constants may point to its members, which tells where they lie in every
/// object of the class. A function for each member would tell it too, at several times the cost to compile.
template <class T>
union blueprint {
    char none;
    T object;

    constexpr blueprint() noexcept : none() {}
    constexpr ~blueprint() {}
};
template <class T>
inline constexpr blueprint<T> blueprint_of{};

/// Contains the member's name; see member_name().
template <auto Member>
constexpr const char* member_spelling() {
    return __PRETTY_FUNCTION__;
}
template <class T>
constexpr const char* class_spelling() {
    return __PRETTY_FUNCTION__;
}

/// Whether two spellings are equal: what compile-time checks compare instead of tags, since under -fsanitize=undefined
/// GCC 12 does not take it for a constant whether the addresses of two inline variables differ. By the built-in
/// function, which the compilers fold: char by char it would double what a mapping costs to compile.
constexpr bool same(const char* left, const char* right) {
    return __builtin_strcmp(left, right) == 0;
}
} // namespace detail

/// Where a member lies in the objects of its class.
struct member_place {
    const void* object{nullptr}; ///< a blueprint
    const void* member{nullptr}; ///< in it

    [[nodiscard]] std::size_t offset() const noexcept {
        return static_cast<std::size_t>(static_cast<const char*>(member) - static_cast<const char*>(object));
    }
};

/// The place of a member, or of the base `Part` that it has.
template <class Part, auto Member>
consteval member_place place_of() {
    const auto& blueprint = detail::blueprint_of<owner_of<Member>>;
    const Part* part = __builtin_addressof(blueprint.object.*Member); // no lookup of an operator
    return {&blueprint, part};
}

/// The tag of a class, const or not. It may be incomplete.
template <class T>
inline constexpr tag tag_of = &detail::class_mark<std::remove_cv_t<T>>;

/// The tag of a member.
template <auto Member>
inline constexpr tag tag_of_member = &detail::member_mark<Member>;

/// The name of a member: the last identifier in what the compiler calls `member_spelling<&User::name>()`.
[[nodiscard]] std::string_view member_name(std::string_view spelling) noexcept;
/// The name of a class, with its namespaces, from its spelling.
[[nodiscard]] std::string_view class_name(std::string_view spelling) noexcept;

} // namespace orm
} // namespace wharf
