// Strings of bits: PostgreSQL's bit and varbit.
//
//   const auto flags = wharf::bit_string::parse("10110").value();
#pragma once

#include "wharf/row/codec.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wharf {

/// Any number of bits, the first one first.
class bit_string {
public:
    bit_string() = default;
    /// That many bits, all 0.
    explicit bit_string(std::size_t size) : bytes_((size + 7) / 8), size_(size) {}
    /// Reads "10110": zeros and ones only.
    [[nodiscard]] static std::optional<bit_string> parse(std::string_view text);

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    /// Precondition, as for set(): index < size().
    [[nodiscard]] bool operator[](std::size_t index) const noexcept {
        return (bytes_[index / 8] & (0x80U >> index % 8)) != 0;
    }
    void set(std::size_t index, bool value = true) noexcept {
        const auto bit = static_cast<std::uint8_t>(0x80U >> index % 8);
        auto& byte = bytes_[index / 8];
        byte = static_cast<std::uint8_t>(value ? byte | bit : byte & ~bit);
    }
    void push_back(bool value) {
        if (size_ % 8 == 0) bytes_.push_back(0);
        set(size_++, value);
    }

    bool operator==(const bit_string&) const = default;

private:
    friend struct codec<bit_string>;

    std::vector<std::uint8_t> bytes_{}; // the first bit is the highest of the first byte; the rest of the last one is 0
    std::size_t size_{0};
};

[[nodiscard]] std::string to_string(const bit_string& value);

/// Reads bit and varbit. The server checks the length against that of the column. On SQLite text.
template <>
struct codec<bit_string> {
    static constexpr type_oid type = type_oid::varbit;
    static void encode(const bit_string& value, std::string& out);
    static void decode(const cell_view& cell, bit_string& out);
};

} // namespace wharf
