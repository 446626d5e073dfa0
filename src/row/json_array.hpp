// JSON arrays: how SQLite keeps arrays of anything but floating-point numbers.
// Source: RFC 8259.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace wharf::detail {

/// Reads one array, strictly: no trailing commas, no comments, no objects, nothing around it but white
/// space.
class json_array_reader {
public:
    enum class token : std::uint8_t { number, string, boolean, null, open, close, end, error };

    explicit json_array_reader(std::string_view text) noexcept : rest_(text) {}
    /// The next element, `open` and `close` for arrays inside of the array, or `end` once the whole text was read.
    /// After `error` or `end` it is not called again.
    [[nodiscard]] token next();
    /// Of a number: its digits; of a boolean: "true" or "false". Valid until the next call.
    [[nodiscard]] std::string_view literal() const noexcept { return literal_; }
    /// Of a string: its characters as UTF-8. Valid until the next call.
    [[nodiscard]] const std::string& string() const noexcept { return string_; }

private:
    void skip_space() noexcept;
    [[nodiscard]] bool skip(char c) noexcept;
    [[nodiscard]] token element();
    [[nodiscard]] token word(std::string_view spelling, token kind) noexcept;
    [[nodiscard]] token number() noexcept;
    [[nodiscard]] bool quoted();
    [[nodiscard]] bool escape();
    [[nodiscard]] bool hex4(std::uint32_t& code) noexcept;

    std::string_view rest_;
    std::string_view literal_{};
    std::string string_{};
    std::size_t depth_{0};
    bool first_{true}; // nothing was read since the array was opened
};

/// Appends `text` in quotes. It is taken to be UTF-8.
void append_json_string(std::string& out, std::string_view text);

} // namespace wharf::detail
