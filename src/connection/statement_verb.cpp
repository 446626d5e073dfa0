#include "connection/statement_verb.hpp"

#include <algorithm>
#include <array>

namespace wharf {
namespace {

bool is_space(char c) noexcept {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

void skip_line_comment(std::string_view& sql) noexcept {
    sql.remove_prefix(std::min(sql.find('\n'), sql.size()));
}

// Comments of this kind nest.
void skip_block_comment(std::string_view& sql) noexcept {
    int depth = 0;
    do {
        if (sql.starts_with("/*")) {
            ++depth;
            sql.remove_prefix(2);
        } else if (sql.starts_with("*/")) {
            --depth;
            sql.remove_prefix(2);
        } else if (!sql.empty()) {
            sql.remove_prefix(1);
        }
    } while (depth > 0 && !sql.empty());
}

// The next word in small letters, cut to the longest that matters.
struct word {
    std::array<char, 12> letters{};
    std::size_t size{0};
    [[nodiscard]] bool is(std::string_view other) const noexcept {
        return std::string_view(letters.data(), size) == other;
    }
};

// White space and comments, and the characters of `more`.
void skip_blank(std::string_view& sql, std::string_view more = {}) noexcept {
    for (;;) {
        while (!sql.empty() && (is_space(sql.front()) || more.find(sql.front()) != std::string_view::npos))
            sql.remove_prefix(1);
        if (sql.starts_with("--"))
            skip_line_comment(sql);
        else if (sql.starts_with("/*"))
            skip_block_comment(sql);
        else
            break;
    }
}

word next_word(std::string_view& sql) noexcept {
    skip_blank(sql, "(");
    word result;
    while (!sql.empty()) {
        const char letter = static_cast<char>(sql.front() | 0x20);
        if (letter < 'a' || letter > 'z') break;
        if (result.size < result.letters.size()) result.letters[result.size++] = letter;
        sql.remove_prefix(1);
    }
    return result;
}

// Takes away a name or a text in quotes, or a list in parentheses, with all that is in it.
void skip_enclosed(std::string_view& sql) noexcept {
    int depth = 0;
    do {
        const char first = sql.front();
        if (first == '"' || first == '\'') {
            const auto end = sql.find(first, 1);
            sql.remove_prefix(end == std::string_view::npos ? sql.size() - 1 : end);
        } else if (first == '(') {
            ++depth;
        } else if (first == ')') {
            --depth;
        }
        sql.remove_prefix(1);
    } while (depth > 0 && !sql.empty());
}

} // namespace

statement_verb verb_of(std::string_view sql) noexcept {
    const word first = next_word(sql);
    if (first.is("select") || first.is("values") || first.is("table") || first.is("show")) return statement_verb::read;
    if (first.is("call") || first.is("do")) return statement_verb::procedure;
    if (first.is("begin") || first.is("start")) return statement_verb::begin;
    if (first.is("commit") || first.is("end"))
        return next_word(sql).is("prepared") ? statement_verb::other : statement_verb::commit;
    if (first.is("prepare")) return next_word(sql).is("transaction") ? statement_verb::commit : statement_verb::other;
    if (first.is("savepoint")) return statement_verb::savepoint;
    if (first.is("release")) return statement_verb::release;
    if (first.is("abort")) return statement_verb::rollback;
    if (first.is("rollback")) {
        word second = next_word(sql);
        if (second.is("work") || second.is("transaction")) second = next_word(sql);
        if (second.is("to")) return statement_verb::rollback_to;
        return second.is("prepared") ? statement_verb::other : statement_verb::rollback;
    }
    return statement_verb::other;
}

bool is_copy_statement(std::string_view sql) noexcept {
    return next_word(sql).is("copy");
}

bool copies_from_stdin(std::string_view sql) noexcept {
    if (!next_word(sql).is("copy")) return false;
    for (;;) {
        skip_blank(sql);
        if (sql.empty()) return false;
        if (const bool enclosed = sql.front() == '(' || sql.front() == '"' || sql.front() == '\''; enclosed) {
            skip_enclosed(sql);
            continue;
        }
        const word next = next_word(sql);
        if (next.is("from")) return next_word(sql).is("stdin");
        if (next.is("to")) return false;
        if (next.size == 0) sql.remove_prefix(1); // of a name, or between names
    }
}

} // namespace wharf
