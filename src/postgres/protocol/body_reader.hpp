// A cursor over the body of one received message. Every step is checked against the bytes that remain; a step too far
// throws protocol_violation, which names the message.
#pragma once

#include "postgres/protocol/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace wharf::postgres::protocol {

/// Throws protocol_violation: "MESSAGE: WHY".
[[noreturn]] void throw_violation(std::string_view message, std::string_view why);

class body_reader {
public:
    /// `message` is its protocol name, for errors; both arguments must outlive the reader.
    body_reader(std::string_view message, bytes_view body) noexcept : message_(message), rest_(body) {}

    [[nodiscard]] char character() { return static_cast<char>(*take(1)); }
    [[nodiscard]] std::int16_t int16() { return load_big_endian<std::int16_t>(take(2)); }
    [[nodiscard]] std::int32_t int32() { return load_big_endian<std::int32_t>(take(4)); }
    [[nodiscard]] std::uint32_t uint32() { return load_big_endian<std::uint32_t>(take(4)); }

    /// A count of things that follow; negative is a violation.
    [[nodiscard]] std::size_t count16();
    /// The same, unsigned: 0 to 65,535 (numbers of parameters).
    [[nodiscard]] std::size_t unsigned_count16() { return load_big_endian<std::uint16_t>(take(2)); }

    /// Bytes up to a NUL, which is skipped. A body that ends without one is a violation.
    [[nodiscard]] std::string_view string();
    [[nodiscard]] bytes_view bytes(std::size_t size) { return {take(size), size}; }
    [[nodiscard]] bytes_view rest() noexcept;

    [[nodiscard]] std::size_t remaining() const noexcept { return rest_.size(); }
    /// Throws when bytes are left over.
    void finish() const {
        if (!rest_.empty()) fail("has bytes after its end");
    }
    [[noreturn]] void fail(std::string_view why) const { throw_violation(message_, why); }

private:
    const std::byte* take(std::size_t size) {
        if (size > rest_.size()) fail("ends too early");
        const std::byte* start = rest_.data();
        rest_ = rest_.subspan(size);
        return start;
    }

    std::string_view message_;
    bytes_view rest_;
};

} // namespace wharf::postgres::protocol
