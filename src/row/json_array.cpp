#include "row/json_array.hpp"

#include <algorithm>

namespace wharf::detail {
namespace {

void append_utf8(std::string& out, std::uint32_t code) {
    const auto byte = [&out](std::uint32_t value) { out.push_back(static_cast<char>(value)); };
    if (code < 0x80) {
        byte(code);
    } else if (code < 0x800) {
        byte(0xC0 | code >> 6);
        byte(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        byte(0xE0 | code >> 12);
        byte(0x80 | (code >> 6 & 0x3F));
        byte(0x80 | (code & 0x3F));
    } else {
        byte(0xF0 | code >> 18);
        byte(0x80 | (code >> 12 & 0x3F));
        byte(0x80 | (code >> 6 & 0x3F));
        byte(0x80 | (code & 0x3F));
    }
}

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

} // namespace

void json_array_reader::skip_space() noexcept {
    const auto first = rest_.find_first_not_of(" \t\r\n");
    rest_.remove_prefix(std::min(first, rest_.size()));
}

bool json_array_reader::skip(char c) noexcept {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
}

json_array_reader::token json_array_reader::next() {
    skip_space();
    if (depth_ == 0) {
        if (!skip('[')) return token::error;
        depth_ = 1;
        skip_space();
    }
    if (skip(']')) {
        first_ = false;
        if (--depth_ > 0) return token::close;
        skip_space();
        return rest_.empty() ? token::end : token::error;
    }
    if (!first_) {
        if (!skip(',')) return token::error;
        skip_space();
    }
    first_ = false;
    if (!skip('[')) return element();
    ++depth_;
    first_ = true;
    return token::open;
}

json_array_reader::token json_array_reader::element() {
    if (rest_.empty()) return token::error;
    switch (rest_.front()) {
    case '"':
        return quoted() ? token::string : token::error;
    case 't':
        return word("true", token::boolean);
    case 'f':
        return word("false", token::boolean);
    case 'n':
        return word("null", token::null);
    default:
        return number();
    }
}

json_array_reader::token json_array_reader::word(std::string_view spelling, token kind) noexcept {
    if (!rest_.starts_with(spelling)) return token::error;
    literal_ = rest_.substr(0, spelling.size());
    rest_.remove_prefix(spelling.size());
    return kind;
}

json_array_reader::token json_array_reader::number() noexcept {
    const auto start = rest_;
    const auto digits = [this] {
        const auto count = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
        rest_.remove_prefix(count);
        return count;
    };
    static_cast<void>(skip('-'));
    const bool leading_zero = !rest_.empty() && rest_.front() == '0';
    const auto whole = digits();
    if (whole == 0 || (leading_zero && whole > 1)) return token::error;
    if (skip('.') && digits() == 0) return token::error;
    if (skip('e') || skip('E')) {
        if (!skip('-')) static_cast<void>(skip('+'));
        if (rest_.empty() || !is_digit(rest_.front())) return token::error;
        digits();
    }
    literal_ = start.substr(0, start.size() - rest_.size());
    return token::number;
}

bool json_array_reader::quoted() {
    rest_.remove_prefix(1);
    string_.clear();
    while (!rest_.empty()) {
        const char c = rest_.front();
        rest_.remove_prefix(1);
        if (c == '"') return true;
        if (static_cast<unsigned char>(c) < 0x20) return false;
        if (c != '\\')
            string_.push_back(c);
        else if (!escape())
            return false;
    }
    return false;
}

bool json_array_reader::escape() {
    constexpr std::string_view names = "\"\\/bfnrt";
    constexpr std::string_view values = "\"\\/\b\f\n\r\t";
    if (rest_.empty()) return false;
    const char c = rest_.front();
    rest_.remove_prefix(1);
    const auto known = names.find(c);
    if (known != std::string_view::npos) {
        string_.push_back(values[known]);
        return true;
    }
    std::uint32_t code = 0;
    if (c != 'u' || !hex4(code)) return false;
    if (code >= 0xDC00 && code < 0xE000) return false;
    if (code >= 0xD800 && code < 0xDC00) {
        std::uint32_t low = 0;
        if (!skip('\\') || !skip('u') || !hex4(low) || low < 0xDC00 || low >= 0xE000) return false;
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    append_utf8(string_, code);
    return true;
}

bool json_array_reader::hex4(std::uint32_t& code) noexcept {
    if (rest_.size() < 4) return false;
    for (const char c : rest_.substr(0, 4)) {
        const char lower = static_cast<char>(c | 0x20);
        if (is_digit(c))
            code = code << 4 | static_cast<std::uint32_t>(c - '0');
        else if (lower >= 'a' && lower <= 'f')
            code = code << 4 | static_cast<std::uint32_t>(lower - 'a' + 10);
        else
            return false;
    }
    rest_.remove_prefix(4);
    return true;
}

void append_json_string(std::string& out, std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    out.push_back('"');
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (byte < 0x20) {
            out.append("\\u00");
            out.push_back(digits[byte >> 4]);
            out.push_back(digits[byte & 0x0F]);
        } else {
            out.push_back(c);
        }
    }
    out.push_back('"');
}

} // namespace wharf::detail
