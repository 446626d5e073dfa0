// Big-endian numbers in byte buffers.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>

namespace wharf {

namespace detail {
template <std::size_t Size>
struct unsigned_of_size;
template <>
struct unsigned_of_size<1> {
    using type = std::uint8_t;
};
template <>
struct unsigned_of_size<2> {
    using type = std::uint16_t;
};
template <>
struct unsigned_of_size<4> {
    using type = std::uint32_t;
};
template <>
struct unsigned_of_size<8> {
    using type = std::uint64_t;
};

template <std::unsigned_integral U>
[[nodiscard]] constexpr U swap_bytes(U value) noexcept {
    if constexpr (sizeof(U) == 2)
        return __builtin_bswap16(value);
    else if constexpr (sizeof(U) == 4)
        return __builtin_bswap32(value);
    else if constexpr (sizeof(U) == 8)
        return __builtin_bswap64(value);
    else
        return value;
}
} // namespace detail

template <class Number>
concept wire_number = std::is_arithmetic_v<Number> && !std::same_as<Number, bool>;

/// Reads a big-endian integer or IEEE number. `at` needs no alignment.
template <wire_number Number>
[[nodiscard]] Number load(const char* at) noexcept {
    typename detail::unsigned_of_size<sizeof(Number)>::type bits;
    std::memcpy(&bits, at, sizeof bits);
    if constexpr (std::endian::native == std::endian::little) bits = detail::swap_bytes(bits);
    return std::bit_cast<Number>(bits);
}

/// Writes a big-endian integer or IEEE number.
template <wire_number Number>
void store(char* at, Number value) noexcept {
    auto bits = std::bit_cast<typename detail::unsigned_of_size<sizeof(Number)>::type>(value);
    if constexpr (std::endian::native == std::endian::little) bits = detail::swap_bytes(bits);
    std::memcpy(at, &bits, sizeof bits);
}

/// Appends a big-endian integer or IEEE number.
template <wire_number Number>
void append(std::string& out, Number value) {
    const auto at = out.size();
    out.resize(at + sizeof value);
    store(out.data() + at, value);
}

} // namespace wharf
