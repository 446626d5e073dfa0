// IEEE 754 numbers of 16 bits.
#pragma once

#include <bit>
#include <cstdint>

namespace wharf::detail {

/// Exact.
[[nodiscard]] constexpr float half_to_float(std::uint16_t half) noexcept {
    const std::uint32_t sign = (half & 0x8000U) << 16;
    const std::uint32_t exponent = half >> 10 & 0x1FU;
    std::uint32_t fraction = half & 0x3FFU;
    if (exponent == 0x1F) return std::bit_cast<float>(sign | 0x7F800000U | fraction << 13);
    if (exponent != 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
    if (fraction == 0) return std::bit_cast<float>(sign);
    std::uint32_t shift = 0; // a number too small for the exponent of a half has one as a float
    for (; (fraction & 0x400U) == 0; fraction <<= 1)
        ++shift;
    return std::bit_cast<float>(sign | (113 - shift) << 23 | (fraction & 0x3FFU) << 13);
}

/// Rounded to the nearest, ties to even; what is too large becomes infinite.
[[nodiscard]] constexpr std::uint16_t float_to_half(float value) noexcept {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t sign = bits >> 16 & 0x8000U;
    const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
    const auto with_sign = [sign](std::uint32_t half) { return static_cast<std::uint16_t>(sign | half); };
    if (magnitude > 0x7F800000U) return with_sign(0x7E00U);  // not a number
    if (magnitude >= 0x477FF000U) return with_sign(0x7C00U); // from 65520 on
    std::uint32_t fraction = 0;
    std::uint32_t dropped = 13;
    if (magnitude >= 0x38800000U) { // 2^-14
        fraction = magnitude - (112U << 23);
    } else {
        const std::uint32_t exponent = magnitude >> 23;
        if (exponent < 102) return with_sign(0); // below half of the smallest
        fraction = (magnitude & 0x7FFFFFU) | 0x800000U;
        dropped = 126 - exponent;
    }
    const std::uint32_t kept = fraction >> dropped;
    const std::uint32_t rest = fraction & ((1U << dropped) - 1);
    const std::uint32_t half = 1U << (dropped - 1);
    const bool up = rest > half || (rest == half && (kept & 1U) != 0);
    return with_sign(kept + (up ? 1 : 0));
}

} // namespace wharf::detail
