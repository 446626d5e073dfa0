#include "sqlite/keyword.hpp"

#include <algorithm>
#include <array>

namespace wharf::sqlite {
namespace {

constexpr std::string_view space = " \t\r\n\f";

bool is_letter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/// Text behind white space and comments.
std::string_view skip_blank(std::string_view sql) {
    for (;;) {
        sql.remove_prefix(std::min(sql.find_first_not_of(space), sql.size()));
        std::size_t end = 0;
        if (sql.starts_with("--"))
            end = sql.find('\n');
        else if (sql.starts_with("/*"))
            end = sql.find("*/", 2) == std::string_view::npos ? sql.size() : sql.find("*/", 2) + 2;
        else
            return sql;
        sql.remove_prefix(std::min(end, sql.size()));
    }
}

std::string take_word(std::string_view& sql) {
    sql = skip_blank(sql);
    const auto end = static_cast<std::size_t>(std::ranges::find_if_not(sql, is_letter) - sql.begin());
    std::string word(sql.substr(0, end));
    for (char& c : word)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    sql.remove_prefix(end);
    return word;
}

} // namespace

std::string first_keyword(std::string_view sql) {
    return take_word(sql);
}

bool is_blank(std::string_view sql) {
    for (sql = skip_blank(sql); !sql.empty() && sql.front() == ';'; sql = skip_blank(sql))
        sql.remove_prefix(1);
    return sql.empty();
}

bool ends_transaction(std::string_view sql) {
    const auto first = take_word(sql);
    if (first == "COMMIT" || first == "END") return true;
    if (first != "ROLLBACK") return false;
    auto second = take_word(sql);
    if (second == "TRANSACTION") second = take_word(sql);
    return second != "TO";
}

bool may_run_in_transaction(std::string_view sql) {
    constexpr std::array<std::string_view, 10> outside{"BEGIN",   "COMMIT", "END",    "ROLLBACK", "SAVEPOINT",
                                                       "RELEASE", "PRAGMA", "VACUUM", "ATTACH",   "DETACH"};
    return std::ranges::find(outside, first_keyword(sql)) == outside.end();
}

} // namespace wharf::sqlite
