// A point in time or one of the two infinities that PostgreSQL's dates and timestamps know.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>

namespace wharf {

/// -infinity, a T, or infinity, in that order. A default one is T{}.
template <class T>
class unbounded {
public:
    unbounded() = default;
    explicit(false) unbounded(T value) : value_(value) {}
    [[nodiscard]] static unbounded infinity() noexcept { return unbounded(1); }
    [[nodiscard]] static unbounded minus_infinity() noexcept { return unbounded(-1); }

    [[nodiscard]] bool is_finite() const noexcept { return sign_ == 0; }
    [[nodiscard]] bool is_infinity() const noexcept { return sign_ > 0; }
    [[nodiscard]] bool is_minus_infinity() const noexcept { return sign_ < 0; }
    /// Nothing where it is not finite.
    [[nodiscard]] std::optional<T> value() const { return is_finite() ? std::optional<T>(value_) : std::nullopt; }

    // An infinity keeps T{} as its value, so comparing members in order is right.
    auto operator<=>(const unbounded&) const = default;

private:
    explicit unbounded(int sign) noexcept : sign_(static_cast<std::int8_t>(sign)) {}

    std::int8_t sign_{0};
    T value_{};
};

} // namespace wharf
