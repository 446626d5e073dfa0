#include "vector/checked_text.hpp"

#include "wharf/base/error.hpp"

namespace wharf {
namespace {

bool continues(std::string_view text, std::size_t at) noexcept {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
}

/// The size of the character at `at`; 0: there is none. Source: RFC 3629.
std::size_t character_at(std::string_view text, std::size_t at) noexcept {
    const auto first = static_cast<unsigned char>(text[at]);
    if (first < 0x80) return 1;
    if (first < 0xC2 || first > 0xF4) return 0;
    const std::size_t size = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    for (std::size_t i = 1; i < size; ++i)
        if (!continues(text, at + i)) return 0;
    const auto second = static_cast<unsigned char>(text[at + 1]);
    const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
    const bool surrogate = first == 0xED && second > 0x9F;
    const bool too_large = first == 0xF4 && second > 0x8F;
    return overlong || surrogate || too_large ? 0 : size;
}

} // namespace

std::size_t find_bad_utf8(std::string_view text) noexcept {
    for (std::size_t at = 0; at < text.size();) {
        const auto size = character_at(text, at);
        if (size == 0) return at;
        at += size;
    }
    return std::string_view::npos;
}

void require_text(std::string_view text, std::string_view what) {
    if (text.find('\0') != std::string_view::npos)
        throw usage_error(std::string(what) + " contains a NUL character, which not every database stores in text");
    if (const auto at = find_bad_utf8(text); at != std::string_view::npos)
        throw usage_error(std::string(what) + " is not UTF-8: the byte at index " + std::to_string(at) +
                          " does not belong to a character");
}

void append_json_text(std::string& out, std::string_view text) {
    require_text(text, "metadata text");
    constexpr std::string_view digits = "0123456789abcdef";
    out += '"';
    for (const char letter : text) {
        const auto code = static_cast<unsigned char>(letter);
        if (letter == '"' || letter == '\\') {
            out += '\\';
            out += letter;
        } else if (code < 0x20) {
            out += "\\u00";
            out += digits[code >> 4];
            out += digits[code & 15];
        } else {
            out += letter;
        }
    }
    out += '"';
}

} // namespace wharf
