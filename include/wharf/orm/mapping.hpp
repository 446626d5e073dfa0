// Mappings: how a class says where its objects are kept.
//
//   namespace blog {
//   struct Post;
//   struct User {
//       std::int64_t id{};
//       std::string name{};
//       std::optional<std::string> email{};
//       wharf::has_many<Post> posts{};
//   };
//   constexpr auto wharf_mapping(wharf::type<User>) {
//       return wharf::table<User>("users", wharf::primary_key<&User::id>().generated(),
//                                 wharf::columns<&User::name>(), wharf::column<&User::email>().unique(),
//                                 wharf::relation<&User::posts>());
//   }
//   }
//
// It is looked for in three places: a specialisation of wharf::mapping<T> (classes of third parties), a static member
// mapping() of the class (private members), a function wharf_mapping(wharf::type<T>) beside the class.
#pragma once

#include "wharf/orm/table.hpp"

#include <concepts>
#include <type_traits>

namespace wharf {

namespace orm {
struct unmapped {
    using mapped_class = void;
};

template <class T>
consteval auto find_mapping() {
    if constexpr (requires { T::mapping(); })
        return T::mapping();
    else if constexpr (requires { wharf_mapping(type<T>{}); })
        return wharf_mapping(type<T>{});
    else
        return unmapped{};
}
} // namespace orm

/// The mapping of a class. Specialise it only for classes whose namespace is not yours.
template <class T>
inline constexpr auto mapping = orm::find_mapping<T>();

/// A class with a mapping. T may be const, and must be complete.
template <class T>
concept mapped = std::is_class_v<T> && !std::same_as<const orm::unmapped, decltype(mapping<std::remove_cv_t<T>>)>;

namespace orm {
/// Fails to compile, with one sentence, where something is wrong with the mapping of T.
template <class T>
consteval bool check_mapping() {
    static_assert(mapped<T>,
                  "wharf: this class has no mapping; write constexpr auto wharf_mapping(wharf::type<T>) beside it");
    if constexpr (mapped<T>) {
        constexpr bool own = std::same_as<typename std::remove_cv_t<decltype(mapping<T>)>::mapped_class, T>;
        static_assert(own, "wharf: this class inherits mapping() from its base; give it a mapping of its own");
        if constexpr (own) {
            constexpr auto fault = mapping<T>.fault;
            if constexpr (fault != mapping_fault::none) {
                static_assert(fault != mapping_fault::no_primary_key,
                              "wharf: this mapping has no primary key; add primary_key<&T::member>()");
                static_assert(fault != mapping_fault::member_named_twice, "wharf: this mapping names a member twice");
                static_assert(fault != mapping_fault::member_of_another_class,
                              "wharf: this mapping names a member of another class");
                static_assert(fault != mapping_fault::two_versions,
                              "wharf: this mapping has two version columns; a row has one version");
                static_assert(fault != mapping_fault::version_not_integer,
                              "wharf: a version column is an integer that cannot be null");
                static_assert(
                    fault != mapping_fault::inverse_elsewhere,
                    "wharf: an inverse in this mapping is not a member of the class that its relation points to");
                static_assert(fault != mapping_fault::unique_of_unmapped,
                              "wharf: unique_together() in this mapping names a member that is neither a column nor a "
                              "belongs_to of it");
                static_assert(fault != mapping_fault::column_of_collection,
                              "wharf: a has_many has no column; its foreign key belongs to the other class");
            }
            static_assert(std::is_default_constructible_v<T>,
                          "wharf: a mapped class needs a default constructor, since rows are read into new objects");
            return fault == mapping_fault::none && std::is_default_constructible_v<T>;
        }
    }
    return false;
}

/// What is wrong, as far as the mappings tell, with the has_many of the class `owner` that point to the class `target`:
/// each has one belongs_to as its other side.
constexpr mapping_fault fault_of_other_side(const relation_entry* relations, std::size_t count, const char* owner,
                                            const relation_entry* of_target, std::size_t target_count,
                                            const char* target) {
    for (std::size_t i = 0; i != count; ++i) {
        const auto& collection = relations[i];
        if (collection.kind_ != relation_kind::has_many || !detail::same(collection.target_class_, target)) continue;
        std::size_t found = 0;
        for (std::size_t j = 0; j != target_count; ++j) {
            const auto& reference = of_target[j];
            if (reference.kind_ == relation_kind::belongs_to && detail::same(reference.target_class_, owner) &&
                (collection.inverse_spelling_ == nullptr ||
                 detail::same(reference.spelling_, collection.inverse_spelling_)))
                ++found;
        }
        if (found == 0) return mapping_fault::no_other_side;
        if (found != 1) return mapping_fault::several_other_sides;
    }
    return mapping_fault::none;
}
/// Fails to compile, with one sentence, where there is such a fault between T and Target.
template <class T, class Target>
consteval bool check_other_side() {
    constexpr auto fault = fault_of_other_side(mapping<T>.relations, mapping<T>.relation_count,
                                               detail::class_spelling<T>(), mapping<Target>.relations,
                                               mapping<Target>.relation_count, detail::class_spelling<Target>());
    static_assert(fault != mapping_fault::no_other_side,
                  "wharf: a has_many of this mapping has no other side; map a belongs_to of its target that points "
                  "back");
    static_assert(fault != mapping_fault::several_other_sides,
                  "wharf: a has_many of this mapping could be the other side of several relations; name one with "
                  ".inverse<&Target::member>()");
    return fault == mapping_fault::none;
}

template <class T, bool Sound>
struct key_in_mapping {
    using type = void;
};
template <class T>
struct key_in_mapping<T, true> {
    using type = typename std::remove_cv_t<decltype(mapping<T>)>::key;
};
template <class T>
struct key_of_mapped : key_in_mapping<T, check_mapping<T>()> {};
} // namespace orm

/// The type of the primary key: that of its member, or a tuple of several.
template <class T>
using key_of = typename orm::key_of_mapped<std::remove_cv_t<T>>::type;

} // namespace wharf
