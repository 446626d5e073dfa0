#include "sqlite/foreign_key.hpp"

#include "sqlite/quoted.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace wharf::sqlite {
namespace {

struct token {
    std::string text{};
    bool bare{false}; // a word without quotes
};

bool is_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

char closing(char opening) noexcept {
    return opening == '[' ? ']' : opening;
}

/// What is in quotes, and behind it.
token take_quoted(std::string_view& sql) {
    const char end = closing(sql.front());
    token taken;
    sql.remove_prefix(1);
    while (!sql.empty()) {
        const char c = sql.front();
        sql.remove_prefix(1);
        if (c == end && (end == ']' || !sql.starts_with(end))) break;
        if (c == end) sql.remove_prefix(1); // doubled
        taken.text += c;
    }
    return taken;
}

std::vector<token> tokens_of(std::string_view sql) {
    std::vector<token> found;
    while (!sql.empty()) {
        const char c = sql.front();
        if (sql.starts_with("--")) {
            sql.remove_prefix(std::min(sql.find('\n'), sql.size()));
        } else if (sql.starts_with("/*")) {
            const auto end = sql.find("*/", 2);
            sql.remove_prefix(end == std::string_view::npos ? sql.size() : end + 2);
        } else if (c == '"' || c == '\'' || c == '`' || c == '[') {
            found.push_back(take_quoted(sql));
        } else if (is_word(c)) {
            const auto end = static_cast<std::size_t>(std::ranges::find_if_not(sql, is_word) - sql.begin());
            found.push_back({std::string(sql.substr(0, end)), true});
            sql.remove_prefix(end);
        } else {
            sql.remove_prefix(1);
        }
    }
    return found;
}

bool same_word(const token& found, std::string_view word) {
    const auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; };
    return found.bare && std::ranges::equal(found.text, word, {}, upper);
}

std::string joined(const std::vector<std::string>& names, std::string_view between) {
    std::string text;
    for (const auto& name : names)
        text.append(text.empty() ? "" : between).append(name);
    return text;
}

/// A foreign key that names no columns of its parent means the primary key.
std::vector<std::string> primary_key_of(database& in, const std::string& table) {
    std::vector<std::string> names;
    const auto sql = "SELECT name FROM pragma_table_info(" + quoted_text(table) + ") WHERE pk > 0 ORDER BY pk";
    for (auto& row : in.query(sql.c_str()))
        names.push_back(std::move(row[0]));
    return names;
}

} // namespace

std::vector<std::string> constraint_names(std::string_view create_table) {
    std::vector<std::string> names;
    const auto tokens = tokens_of(create_table);
    std::string name;
    for (std::size_t at = 0; at < tokens.size(); ++at) {
        if (same_word(tokens[at], "CONSTRAINT") && at + 2 < tokens.size()) {
            const bool of_foreign_key = same_word(tokens[at + 2], "REFERENCES") || same_word(tokens[at + 2], "FOREIGN");
            name = of_foreign_key ? tokens[at + 1].text : std::string();
            ++at; // the name, which may be any word
        } else if (same_word(tokens[at], "REFERENCES")) {
            names.push_back(std::move(name));
            name.clear();
        }
    }
    return names;
}

std::vector<foreign_key> foreign_keys_of(database& in) {
    std::vector<foreign_key> found;
    std::vector<std::string> statements;
    for (auto& row : in.query("SELECT t.name, k.id, k.\"table\", k.\"from\", k.\"to\", t.sql "
                              "FROM sqlite_schema t, pragma_foreign_key_list(t.name) k WHERE t.type = 'table' "
                              "ORDER BY t.name, k.id DESC, k.seq")) {
        if (found.empty() || found.back().table != row[0] || found.back().number != row[1]) {
            auto& made = found.emplace_back();
            made.table = std::move(row[0]);
            made.number = std::move(row[1]);
            made.parent = std::move(row[2]);
            statements.push_back(std::move(row[5]));
        }
        found.back().from.push_back(std::move(row[3]));
        if (!row[4].empty()) found.back().to.push_back(std::move(row[4]));
    }
    // SQLite numbers them from the last one in the statement.
    std::vector<std::string> names;
    std::size_t place = 0;
    for (std::size_t i = 0; i < found.size(); ++i, ++place) {
        auto& key = found[i];
        if (i == 0 || found[i - 1].table != key.table) {
            names = constraint_names(statements[i]);
            place = 0;
        }
        if (place < names.size()) key.constraint = names[place];
        if (key.constraint.empty()) key.constraint = key.table + "_" + joined(key.from, "_") + "_fkey";
        if (key.to.empty()) key.to = primary_key_of(in, key.parent);
    }
    return found;
}

} // namespace wharf::sqlite
