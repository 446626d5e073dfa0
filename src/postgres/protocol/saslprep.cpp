#include "postgres/protocol/saslprep.hpp"

#include "postgres/protocol/unicode/normalize.hpp"
#include "postgres/protocol/unicode/tables.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace wharf::postgres::protocol {
namespace {

using unicode::range;

template <std::size_t Size>
bool is_in(const std::array<range, Size>& table, char32_t character) {
    const auto found = std::ranges::lower_bound(table, character, {}, &range::last);
    return found != table.end() && character >= found->first;
}

std::size_t length_of(unsigned char first) {
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first < 0xe0) return 2;
    if (first >= 0xe0 && first < 0xf0) return 3;
    return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

std::optional<std::u32string> decode_utf8(std::string_view text) {
    std::u32string result;
    for (std::size_t at = 0; at < text.size();) {
        const auto first = static_cast<unsigned char>(text[at]);
        const std::size_t length = length_of(first);
        if (length == 0 || length > text.size() - at) return std::nullopt;
        char32_t character = length == 1 ? first : first & (0xffU >> (length + 1));
        for (std::size_t i = 1; i < length; ++i) {
            const auto next = static_cast<unsigned char>(text[at + i]);
            if ((next & 0xc0U) != 0x80) return std::nullopt;
            character = character << 6U | (next & 0x3fU);
        }
        const bool overlong = (length == 3 && character < 0x800) || (length == 4 && character < 0x10000);
        if (overlong || character > 0x10ffff || (character >= 0xd800 && character < 0xe000)) return std::nullopt;
        result += character;
        at += length;
    }
    return result;
}

std::string encode_utf8(const std::u32string& text) {
    std::string result;
    const auto more = [&](char32_t bits) { result += static_cast<char>(0x80U | (bits & 0x3fU)); };
    for (const char32_t character : text) {
        if (character < 0x80) {
            result += static_cast<char>(character);
        } else if (character < 0x800) {
            result += static_cast<char>(0xc0U | character >> 6U);
            more(character);
        } else if (character < 0x10000) {
            result += static_cast<char>(0xe0U | character >> 12U);
            more(character >> 6U);
            more(character);
        } else {
            result += static_cast<char>(0xf0U | character >> 18U);
            more(character >> 12U);
            more(character >> 6U);
            more(character);
        }
    }
    return result;
}

std::u32string mapped(const std::u32string& text) {
    std::u32string result;
    for (const char32_t character : text) {
        if (is_in(unicode::spaces, character))
            result += U' ';
        else if (!is_in(unicode::nothing, character))
            result += character;
    }
    return result;
}

// One direction of writing only; where it is from right to left, also at both ends. Source: RFC 3454, section 6.
bool has_one_direction(const std::u32string& text) {
    const auto from_right = [](char32_t character) { return is_in(unicode::right_to_left, character); };
    const auto from_left = [](char32_t character) { return is_in(unicode::left_to_right, character); };
    if (std::ranges::none_of(text, from_right)) return true;
    return std::ranges::none_of(text, from_left) && from_right(text.front()) && from_right(text.back());
}

bool is_allowed(const std::u32string& text) {
    return !text.empty() && has_one_direction(text) && std::ranges::none_of(text, [](char32_t character) {
        return is_in(unicode::prohibited, character) || is_in(unicode::unassigned, character);
    });
}

} // namespace

std::string saslprep(std::string_view password) {
    const bool is_ascii = std::ranges::all_of(password, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    const auto decoded = is_ascii ? std::nullopt : decode_utf8(password);
    if (!decoded) return std::string(password);
    const std::u32string text = mapped(*decoded);
    return is_allowed(text) ? encode_utf8(unicode::normalize_nfkc(text)) : std::string(password);
}

} // namespace wharf::postgres::protocol
