// Exact decimal numbers: PostgreSQL's numeric.
//
//   const auto price = wharf::decimal::parse("19.90").value();
//   to_string(price.rounded(1));   // "19.9"
//
// Values to be read, written, compared and rounded. Arithmetic belongs to the database or to a library made for it.
#pragma once

#include "wharf/row/codec.hpp"

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace wharf {

/// A number of up to 131,072 digits before the point and 16,383 behind it, or NaN, or one of the two infinities. It
/// keeps its scale: 1.5 and 1.50 are equal, and written as they are. A default one is 0. Up to 28 digits need no memory
/// of their own.
class decimal {
public:
    static constexpr int most_whole_digits = 131'072;
    static constexpr int most_scale = 16'383;

    decimal() = default;
    template <std::integral Integer>
        requires(!std::same_as<Integer, bool>)
    explicit(false) decimal(Integer value) {
        if constexpr (std::signed_integral<Integer>) {
            const bool negative = value < 0;
            const auto magnitude = static_cast<std::uint64_t>(value);
            assign(negative ? 0 - magnitude : magnitude, negative);
        } else {
            assign(value, false);
        }
    }
    /// The shortest number that rounds to `value`: 0.1 is 0.1.
    explicit decimal(double value);
    explicit decimal(float value);
    [[nodiscard]] static decimal nan() noexcept { return decimal(kind::nan); }
    [[nodiscard]] static decimal infinity() noexcept { return decimal(kind::infinity); }
    [[nodiscard]] static decimal minus_infinity() noexcept { return decimal(kind::minus_infinity); }
    /// Reads "-12.50", "1e-3", "NaN", "Infinity" and "inf" in either case. Anything else, and what has more digits than
    /// allowed, gives nothing.
    [[nodiscard]] static std::optional<decimal> parse(std::string_view text);

    [[nodiscard]] bool is_finite() const noexcept { return kind_ <= kind::negative; }
    [[nodiscard]] bool is_nan() const noexcept { return kind_ == kind::nan; }
    [[nodiscard]] bool is_infinity() const noexcept { return kind_ == kind::infinity; }
    [[nodiscard]] bool is_minus_infinity() const noexcept { return kind_ == kind::minus_infinity; }
    [[nodiscard]] bool is_negative() const noexcept { return kind_ == kind::negative || kind_ == kind::minus_infinity; }
    [[nodiscard]] bool is_zero() const noexcept { return is_finite() && groups_.empty(); }
    /// How many digits are behind the point; 0 where it is not finite.
    [[nodiscard]] int scale() const noexcept { return scale_; }

    [[nodiscard]] decimal operator-() const;
    /// With `scale` digits behind the point, from 0 to most_scale; halves are rounded away from zero, as PostgreSQL's
    /// round() does. Throws conversion_error where `scale` is none, or rounding up needs a digit too many.
    [[nodiscard]] decimal rounded(int scale) const;

    /// Exactly; throws conversion_error where there is a fraction, and beyond the range of the type.
    [[nodiscard]] std::int64_t to_int64() const;
    /// The nearest double; throws conversion_error where the value is finite and the double would not be.
    [[nodiscard]] double to_double() const;

    /// By value, whatever the scale. NaN equals itself and is greater than everything else, as in PostgreSQL.
    [[nodiscard]] std::weak_ordering operator<=>(const decimal& other) const noexcept;
    [[nodiscard]] bool operator==(const decimal& other) const noexcept { return (*this <=> other) == 0; }

private:
    friend struct codec<decimal>;
    friend std::string to_string(const decimal& value);
    friend struct std::hash<decimal>;

    enum class kind : std::uint8_t { positive, negative, nan, infinity, minus_infinity };

    explicit decimal(kind what) noexcept : kind_(what) {}
    void assign(std::uint64_t magnitude, bool negative);
    void assign_digits(std::string_view digits, std::int64_t whole, bool negative);
    void strip() noexcept;

    // The first group counts 10000^weight_; groups from 0 to 9999, none of them 0 at either end. Strings keep a few
    // groups inside themselves.
    std::u16string groups_{};
    std::int32_t weight_{0};
    std::int32_t scale_{0};
    kind kind_{kind::positive};
};

/// As PostgreSQL writes it: "-12.50", "NaN", "Infinity".
[[nodiscard]] std::string to_string(const decimal& value);

/// Reads numeric, every number, and their text. On SQLite text.
template <>
struct codec<decimal> {
    static constexpr type_oid type = type_oid::numeric;
    static constexpr bool exact = true;
    static void encode(const decimal& value, std::string& out);
    static void decode(const cell_view& cell, decimal& out);
};

} // namespace wharf

template <>
struct std::hash<wharf::decimal> {
    [[nodiscard]] std::size_t operator()(const wharf::decimal& value) const noexcept;
};
