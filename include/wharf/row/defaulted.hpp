// defaulted<T>: a value that may be left to the server's default.
//
//   struct Account {
//       std::int64_t id{};
//       wharf::defaulted<bool> active{};          // column ... DEFAULT true
//   };
//   session.add(Account{});                       // active is true after the flush
//   session.add(Account{.active = false});        // false is stored, and so is nullptr
#pragma once

#include "wharf/row/codec.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

namespace wharf {

namespace detail {
template <class T>
inline constexpr bool is_std_optional = false;
template <class T>
inline constexpr bool is_std_optional<std::optional<T>> = true;
} // namespace detail

/// Unset, NULL, or a value. What is unset is not written: the INSERT of its row leaves the column to its default, which
/// comes back into the member. As a parameter of a statement it is NULL.
template <class T>
class defaulted {
    static_assert(!detail::is_std_optional<T>,
                  "wharf: a defaulted<T> can be NULL by itself; write defaulted<T>, not defaulted<std::optional<T>>");

public:
    using value_type = T;

    /// Unset.
    defaulted() noexcept = default;
    template <class Given>
        requires(std::same_as<Given, std::nullptr_t> || std::same_as<Given, std::nullopt_t>)
    explicit(false) defaulted(Given /*null*/) noexcept : state_(state::null) {}
    template <class Given = T>
        requires(std::convertible_to<Given, T> && !std::same_as<std::remove_cvref_t<Given>, defaulted> &&
                 !std::same_as<std::remove_cvref_t<Given>, std::nullptr_t>)
    explicit(false) defaulted(Given&& value) : value_(std::forward<Given>(value)), state_(state::value) {}
    /// NULL where it is empty.
    explicit(false) defaulted(std::optional<T> value) : state_(value ? state::value : state::null) {
        if (value) value_ = std::move(*value);
    }

    [[nodiscard]] bool is_unset() const noexcept { return state_ == state::unset; }
    [[nodiscard]] bool is_null() const noexcept { return state_ == state::null; }
    [[nodiscard]] bool has_value() const noexcept { return state_ == state::value; }
    /// Throws std::bad_optional_access when there is none.
    [[nodiscard]] const T& value() const {
        if (!has_value()) throw std::bad_optional_access();
        return value_;
    }
    [[nodiscard]] T value_or(T otherwise) const { return has_value() ? value_ : std::move(otherwise); }
    /// Precondition: has_value().
    [[nodiscard]] const T& operator*() const noexcept { return value_; }
    [[nodiscard]] T& operator*() noexcept { return value_; }
    [[nodiscard]] const T* operator->() const noexcept { return &value_; }
    [[nodiscard]] T* operator->() noexcept { return &value_; }

    /// Unset again.
    void reset() { *this = defaulted(); }
    /// Makes it a value, whatever it was, and gives that.
    T& emplace() noexcept {
        state_ = state::value;
        return value_;
    }

    friend bool operator==(const defaulted& left, const defaulted& right)
        requires std::equality_comparable<T>
    {
        return left.state_ == right.state_ && (!left.has_value() || left.value_ == right.value_);
    }
    template <class Other>
        requires(!std::same_as<Other, defaulted> && std::convertible_to<const Other&, T>)
    friend bool operator==(const defaulted& left, const Other& right) {
        return left.has_value() && left.value_ == right;
    }
    friend bool operator==(const defaulted& left, std::nullopt_t /*null*/) noexcept { return left.is_null(); }

private:
    enum class state : std::uint8_t { unset, null, value };

    T value_{};
    state state_{state::unset};
};

template <class T>
inline constexpr bool is_defaulted = false;
template <class T>
inline constexpr bool is_defaulted<defaulted<T>> = true;

template <class T>
    requires(encodable<T> || decodable<T>) && (!nullable<T>)
struct codec<defaulted<T>> {
    static constexpr type_oid type = codec<T>::type;
    static constexpr bool nullable = true;
    static constexpr bool exact = exact_codec<T>;
    static bool is_null(const defaulted<T>& value) noexcept { return !value.has_value(); }
    static void set_null(defaulted<T>& out) { out = defaulted<T>(std::nullopt); }
    static bool is_unset(const defaulted<T>& value) noexcept { return value.is_unset(); }
    static void encode(const defaulted<T>& value, std::string& out)
        requires encodable<T>
    {
        codec<T>::encode(*value, out);
    }
    static void decode(const cell_view& cell, defaulted<T>& out)
        requires decodable<T>
    {
        codec<T>::decode(cell, out.emplace());
    }
};

} // namespace wharf
