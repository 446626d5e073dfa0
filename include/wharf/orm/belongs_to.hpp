// belongs_to<T>: the side of a relation that holds the foreign key.
//
//   struct Profile {
//       std::int64_t id{};
//       wharf::belongs_to<User> user{};                      // column user_id, NOT NULL
//       wharf::belongs_to<std::optional<User>> reviewer{};   // column reviewer_id, nullable
//   };
//
// T needs only to be declared where it is a member.
#pragma once

#include "wharf/orm/reference_base.hpp"
#include "wharf/orm/typed_key.hpp"

#include <concepts>
#include <optional>
#include <type_traits>

namespace wharf {

namespace orm::detail {
template <class T>
struct bare {
    using type = T;
};
template <class T>
struct bare<std::optional<T>> {
    using type = T;
};
} // namespace orm::detail

template <class T>
class belongs_to : public orm::reference_base {
public:
    using target_type = typename orm::detail::bare<T>::type;
    static constexpr bool is_nullable = !std::is_same_v<T, target_type>;

    belongs_to() noexcept = default;
    explicit(false) belongs_to(entity<target_type> target) { set(std::move(target), {}); }
    /// A new object, added together with the one that refers to it.
    explicit(false) belongs_to(std::type_identity_t<target_type>&& target) {
        set(entity<target_type>(std::move(target)), {});
    }
    explicit(false) belongs_to(std::nullptr_t) noexcept
        requires is_nullable
    {}
    explicit(false) belongs_to(std::nullopt_t) noexcept
        requires is_nullable
    {}

    /// The key of the row referred to, never loaded: a T{} key, or an empty optional, when there is none (yet).
    template <class Target = target_type>
    [[nodiscard]] auto key() const {
        using key_type = typename orm::key_of_mapped<Target>::type;
        const auto& found = foreign_key();
        if constexpr (is_nullable) {
            return found.is_set() ? std::optional<key_type>(orm::read_typed_key<key_type>(describe<Target>(), found))
                                  : std::nullopt;
        } else {
            return found.is_set() ? orm::read_typed_key<key_type>(describe<Target>(), found) : key_type{};
        }
    }
    /// Refers to the row with this key; nothing is loaded.
    template <class Target = target_type>
    void set_key(const typename orm::key_of_mapped<Target>::type& key) {
        assign({}, orm::make_typed_key(describe<Target>(), key));
    }

    /// Whether it refers to something; never loads.
    [[nodiscard]] bool has_value() const noexcept { return is_set(); }
    [[nodiscard]] explicit operator bool() const noexcept
        requires is_nullable
    {
        return is_set();
    }
    template <std::same_as<bool> Bool>
    [[nodiscard]] explicit operator Bool() const
        requires(!is_nullable)
    {
        static_assert(
            sizeof(Bool) == 0,
            "wharf: a belongs_to<T> always refers to a row, so there is nothing to test; one that may be empty "
            "is a belongs_to<std::optional<T>>, and has_value() tells whether a new object has its reference");
        return false;
    }

    [[nodiscard]] entity<target_type> get() { return entity<target_type>(known_object()); }
    [[nodiscard]] entity<const target_type> get() const { return entity<const target_type>(known_object()); }
    explicit(false) operator entity<target_type>() { return get(); }
    explicit(false) operator entity<const target_type>() const { return get(); }
    // What these return lives as long as the session or another handle keeps it: at least as long as this member's row.
    target_type* operator->() { return &**this; }
    const target_type* operator->() const { return &**this; }
    target_type& operator*() { return *const_cast<entity<target_type>&>(handle()); }
    const target_type& operator*() const { return *handle(); }

private:
    /// The member's own handle: what is behind it does not go with a temporary.
    [[nodiscard]] const entity<target_type>& handle() const {
        return static_cast<const entity<target_type>&>(object());
    }

private:
    /// Whoever asks for the object knows its class, which the library may have to load.
    [[nodiscard]] orm::entity_base known_object() const {
        static_cast<void>(describe<target_type>());
        return object();
    }
};

} // namespace wharf
