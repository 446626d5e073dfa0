// Big-endian integers in byte strings, and views of text as bytes.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

namespace wharf::postgres::protocol {

using bytes_view = std::span<const std::byte>;

template <std::integral Integer>
[[nodiscard]] inline Integer to_network_order(Integer value) noexcept {
    using bits = std::make_unsigned_t<Integer>;
    if constexpr (std::endian::native == std::endian::big || sizeof(Integer) == 1) return value;
    if constexpr (sizeof(Integer) == 2) return static_cast<Integer>(__builtin_bswap16(static_cast<bits>(value)));
    if constexpr (sizeof(Integer) == 4) return static_cast<Integer>(__builtin_bswap32(static_cast<bits>(value)));
    if constexpr (sizeof(Integer) == 8) return static_cast<Integer>(__builtin_bswap64(static_cast<bits>(value)));
}

/// Reads sizeof(Integer) bytes at `from`, which need not be aligned.
template <std::integral Integer>
[[nodiscard]] inline Integer load_big_endian(const std::byte* from) noexcept {
    Integer value;
    std::memcpy(&value, from, sizeof value);
    return to_network_order(value);
}

template <std::integral Integer>
inline void store_big_endian(std::byte* to, Integer value) noexcept {
    value = to_network_order(value);
    std::memcpy(to, &value, sizeof value);
}

[[nodiscard]] inline bytes_view as_bytes(std::string_view text) noexcept {
    return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

[[nodiscard]] inline std::string_view as_text(bytes_view bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

} // namespace wharf::postgres::protocol
