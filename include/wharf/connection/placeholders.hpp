// Finds the placeholders $1, $2, ... in the text of a statement, at compile time or at run time.
//
// Not a placeholder is what stands in 'text', E'text', U&'text', $tag$text$tag$, "identifier", -- comment and
// /* comment /* nested */ */, nor the end of an identifier: price$1. Text that ends inside one of these ends there; the
// server says what is wrong with it.
// Source: PostgreSQL, src/backend/parser/scan.l, with standard_conforming_strings on, as is the default.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace wharf {

/// The most parameters that a statement can have.
inline constexpr std::uint32_t most_placeholders = 65'535;

class placeholder_scanner {
public:
    constexpr explicit placeholder_scanner(std::string_view sql) noexcept : rest_(sql) {}

    /// The number of the next placeholder; most_placeholders + 1 for every one that is higher. Nothing at the end.
    [[nodiscard]] constexpr std::optional<std::uint32_t> next() noexcept {
        while (!rest_.empty()) {
            const char c = rest_.front();
            if (c == '$' && rest_.size() > 1 && is_digit(rest_[1])) return take_number();
            if (c == '$')
                skip_dollar_quote();
            else if (c == '\'')
                skip_quoted('\'');
            else if (c == '"')
                skip_quoted('"');
            else if (rest_.starts_with("--"))
                skip_line();
            else if (rest_.starts_with("/*"))
                skip_comment();
            else if (begins_word(c))
                skip_word();
            else if (is_digit(c))
                skip_while([](char in) { return is_digit(in) || begins_word(in) || in == '.'; });
            else
                rest_.remove_prefix(1);
        }
        return std::nullopt;
    }

private:
    static constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
    // Whatever is not ASCII is a letter.
    static constexpr bool begins_word(char c) noexcept {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
    }
    static constexpr bool is_space(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }
    static constexpr bool ends_line(char c) noexcept { return c == '\n' || c == '\r'; }

    constexpr std::size_t skip_while(bool (*belongs)(char)) noexcept {
        std::size_t size = 0;
        while (size < rest_.size() && belongs(rest_[size]))
            ++size;
        rest_.remove_prefix(size);
        return size;
    }

    constexpr std::uint32_t take_number() noexcept {
        rest_.remove_prefix(1);
        std::uint32_t number = 0;
        for (; !rest_.empty() && is_digit(rest_.front()); rest_.remove_prefix(1))
            if (number <= most_placeholders) number = number * 10 + static_cast<std::uint32_t>(rest_.front() - '0');
        return number <= most_placeholders ? number : most_placeholders + 1;
    }

    // $$...$$ or $tag$...$tag$; else the $ means nothing.
    constexpr void skip_dollar_quote() noexcept {
        std::size_t size = 1;
        while (size < rest_.size() && (begins_word(rest_[size]) || (size > 1 && is_digit(rest_[size]))))
            ++size;
        if (size == rest_.size() || rest_[size] != '$') return rest_.remove_prefix(size);
        const auto quote = rest_.substr(0, size + 1);
        rest_.remove_prefix(quote.size());
        const auto end = rest_.find(quote);
        rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + quote.size());
    }

    // A quote that is doubled ends one part and begins the next, which comes to the same.
    constexpr void skip_quoted(char quote) noexcept {
        rest_.remove_prefix(1);
        const auto end = rest_.find(quote);
        rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    }

    // E'...': here a backslash takes the next character along. Parts on lines of their own belong together.
    constexpr void skip_escaped() noexcept {
        do {
            rest_.remove_prefix(1);
            while (!rest_.empty() && rest_.front() != '\'')
                rest_.remove_prefix(rest_.front() == '\\' && rest_.size() > 1 ? 2 : 1);
            if (!rest_.empty()) rest_.remove_prefix(1);
        } while (rest_.starts_with('\'') || continues());
    }

    // Whether only white space with the end of a line in it, and comments behind that, stand before another part.
    constexpr bool continues() noexcept {
        const auto before = rest_;
        skip_while([](char c) { return is_space(c) && !ends_line(c); });
        if (!rest_.empty() && ends_line(rest_.front())) {
            skip_while(is_space);
            while (rest_.starts_with("--")) {
                skip_line();
                skip_while(is_space);
            }
            if (rest_.starts_with('\'')) return true;
        }
        rest_ = before;
        return false;
    }

    constexpr void skip_line() noexcept {
        skip_while([](char c) { return !ends_line(c); });
    }

    constexpr void skip_comment() noexcept {
        std::size_t depth = 0;
        do {
            if (rest_.starts_with("/*")) {
                ++depth;
                rest_.remove_prefix(2);
            } else if (rest_.starts_with("*/")) {
                --depth;
                rest_.remove_prefix(2);
            } else if (!rest_.empty()) {
                rest_.remove_prefix(1);
            }
        } while (depth > 0 && !rest_.empty());
    }

    constexpr void skip_word() noexcept {
        const char first = rest_.front();
        const auto size = skip_while([](char c) { return begins_word(c) || is_digit(c) || c == '$'; });
        if (size == 1 && (first == 'e' || first == 'E') && rest_.starts_with('\'')) skip_escaped();
    }

    std::string_view rest_;
};

/// The highest number among the placeholders, which is how many values the statement takes. 0: it has none.
[[nodiscard]] constexpr std::uint32_t count_placeholders(std::string_view sql) noexcept {
    placeholder_scanner scanner(sql);
    std::uint32_t highest = 0;
    while (const auto number = scanner.next())
        if (*number > highest) highest = *number;
    return highest;
}

} // namespace wharf
