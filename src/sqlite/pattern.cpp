#include "sqlite/pattern.hpp"

#include <cstddef>

namespace wharf::sqlite {
namespace {

char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Behind the character that begins at `at`.
std::size_t next_character(std::string_view text, std::size_t at) noexcept {
    const auto first = static_cast<unsigned char>(text[at]);
    const std::size_t most = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
    const auto end = at + most;
    for (++at; at < end && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U; ++at) {
    }
    return at;
}

} // namespace

bool matches(std::string_view text, std::string_view pattern, bool any_case) noexcept {
    constexpr auto none = std::string_view::npos;
    std::size_t at = 0;
    std::size_t wanted = 0;
    std::size_t behind_any = none; // of the last % met; what stands in front of it need not be looked at again
    std::size_t resume = 0;        // where what follows it was tried last
    while (at < text.size()) {
        if (wanted < pattern.size()) {
            const char sign = pattern[wanted];
            if (sign == '%') {
                behind_any = ++wanted;
                resume = at;
                continue;
            }
            if (sign == '_') {
                at = next_character(text, at);
                ++wanted;
                continue;
            }
            const auto literal = sign == '\\' ? wanted + 1 : wanted;
            const bool same = literal < pattern.size() && (text[at] == pattern[literal] ||
                                                           (any_case && lower(text[at]) == lower(pattern[literal])));
            if (same) {
                ++at;
                wanted = literal + 1;
                continue;
            }
        }
        if (behind_any == none) return false;
        resume = next_character(text, resume);
        at = resume;
        wanted = behind_any;
    }
    while (wanted < pattern.size() && pattern[wanted] == '%')
        ++wanted;
    return wanted == pattern.size();
}

} // namespace wharf::sqlite
