#include "orm/alike.hpp"

#include <locale.h>
#include <string_view>
#include <wctype.h>

namespace wharf::orm {
namespace {

/// The letters of Unicode, whatever the locale of the program is.
locale_t unicode() noexcept {
    static const locale_t made = [] {
        const locale_t found = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", locale_t{});
        return found != locale_t{} ? found : ::newlocale(LC_CTYPE_MASK, "C", locale_t{});
    }();
    return made;
}

/// A character of UTF-8, and how many bytes it has; one byte where it is none.
struct character {
    wint_t code;
    std::size_t size;
};

character first_of(std::string_view text) noexcept {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (size == 1 || size > text.size()) return {lead, 1};
    wint_t code = lead & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
        const auto next = static_cast<unsigned char>(text[i]);
        if ((next & 0xC0U) != 0x80) return {lead, 1};
        code = code << 6 | (next & 0x3FU);
    }
    return {code, size};
}

std::string in_small_letters(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const char c = text.front();
        if (static_cast<unsigned char>(c) < 0x80) {
            out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
            text.remove_prefix(1);
            continue;
        }
        const auto [code, size] = first_of(text);
        const wint_t small = size == 1 || unicode() == locale_t{} ? code : ::towlower_l(code, unicode());
        if (small < 0x80) { // the sign for Kelvin is a k
            out += static_cast<char>(small);
        } else {
            for (const int shift : {16, 8, 0}) // these are compared and shown to nobody
                out += static_cast<char>(small >> shift & 0xFFU);
        }
        text.remove_prefix(size);
    }
    return out;
}

} // namespace

bool has_likes(type_oid wire) noexcept {
    return wire == type_oid::text || wire == type_oid::numeric;
}

std::string coarse_bytes(const cell_view& cell) {
    if (cell.type == type_oid::numeric) {
        std::string out(cell.bytes);
        constexpr std::size_t scale = 6; // behind digits, weight and sign, two bytes each
        if (out.size() >= scale + 2) out[scale] = out[scale + 1] = 0;
        return out;
    }
    return in_small_letters(cell.bytes.substr(0, cell.bytes.find_last_not_of(' ') + 1));
}

} // namespace wharf::orm
