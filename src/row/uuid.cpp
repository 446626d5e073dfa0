#include "wharf/row/uuid.hpp"

#include "row/conversion.hpp"
#include "wharf/base/error.hpp"
#include "wharf/row/bytes.hpp"

#include <sys/random.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>

namespace wharf {
namespace {

constexpr std::array<std::size_t, 4> hyphens{8, 13, 18, 23};

int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::array<std::uint8_t, 16> random_bytes() {
    std::array<std::uint8_t, 16> bytes{};
    std::size_t filled = 0;
    while (filled < bytes.size()) {
        const auto got = ::getrandom(bytes.data() + filled, bytes.size() - filled, 0);
        if (got < 0) {
            if (errno == EINTR) continue;
            throw error(std::string("no random numbers for a uuid: ") + std::strerror(errno));
        }
        filled += static_cast<std::size_t>(got);
    }
    return bytes;
}

void set_version(uuid& value, unsigned version) noexcept {
    value.bytes[6] = static_cast<std::uint8_t>((value.bytes[6] & 0x0F) | (version << 4));
    value.bytes[8] = static_cast<std::uint8_t>((value.bytes[8] & 0x3F) | 0x80);
}

/// Milliseconds since 1970 and 12 bits of their fraction; each call gives more than every one before.
std::uint64_t next_moment() noexcept {
    static std::atomic<std::uint64_t> last{0};
    const auto now = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
            .count());
    const auto moment = (now / 1'000'000 << 12) | (now % 1'000'000 * 4096 / 1'000'000);
    auto previous = last.load(std::memory_order_relaxed);
    std::uint64_t next = 0;
    do {
        next = moment > previous ? moment : previous + 1;
    } while (!last.compare_exchange_weak(previous, next, std::memory_order_relaxed));
    return next;
}

} // namespace

std::optional<uuid> uuid::parse(std::string_view text) noexcept {
    if (text.size() >= 2 && text.front() == '{' && text.back() == '}') text = text.substr(1, text.size() - 2);
    const bool hyphenated = text.size() == 36;
    if (!hyphenated && text.size() != 32) return std::nullopt;
    if (hyphenated) {
        for (const auto at : hyphens)
            if (text[at] != '-') return std::nullopt;
    }
    uuid value;
    std::size_t digits = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (hyphenated && (at == 8 || at == 13 || at == 18 || at == 23)) continue;
        const auto digit = hex_digit(text[at]);
        if (digit < 0) return std::nullopt;
        auto& byte = value.bytes[digits / 2];
        byte = static_cast<std::uint8_t>(byte << 4 | digit);
        ++digits;
    }
    return value;
}

uuid uuid::random() {
    uuid value{random_bytes()};
    set_version(value, 4);
    return value;
}

uuid uuid::ordered() {
    uuid value{random_bytes()};
    const auto moment = next_moment();
    const auto milliseconds = moment >> 12;
    for (std::size_t i = 0; i < 6; ++i)
        value.bytes[i] = static_cast<std::uint8_t>(milliseconds >> (40 - 8 * i));
    value.bytes[6] = static_cast<std::uint8_t>(moment >> 8 & 0x0F);
    value.bytes[7] = static_cast<std::uint8_t>(moment);
    set_version(value, 7);
    return value;
}

std::string to_string(const uuid& value) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(36);
    for (const auto byte : value.bytes) {
        if (text.size() == 8 || text.size() == 13 || text.size() == 18 || text.size() == 23) text.push_back('-');
        text.push_back(digits[byte >> 4]);
        text.push_back(digits[byte & 0x0F]);
    }
    return text;
}

void codec<uuid>::encode(const uuid& value, std::string& out) {
    out.append(reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size());
}

void codec<uuid>::decode(const cell_view& cell, uuid& out) {
    if (detail::is_text(cell)) {
        const auto value = uuid::parse(cell.bytes);
        if (!value) detail::refuse_text(cell, "wharf::uuid");
        out = *value;
        return;
    }
    if (cell.type != type_oid::uuid && cell.type != type_oid::bytea) detail::refuse_type(cell, "wharf::uuid");
    detail::expect_size(cell, out.bytes.size());
    std::memcpy(out.bytes.data(), cell.bytes.data(), out.bytes.size());
}

} // namespace wharf

std::size_t std::hash<wharf::uuid>::operator()(const wharf::uuid& value) const noexcept {
    // The end of both versions is random; the start tells apart those that are made by hand.
    std::uint64_t halves[2];
    std::memcpy(halves, value.bytes.data(), sizeof halves);
    return static_cast<std::size_t>(halves[1] ^ (halves[0] * 0x9E3779B97F4A7C15U));
}
