#include "sqlite/foreign_key_error.hpp"

#include "sqlite/foreign_key.hpp"
#include "sqlite/quoted.hpp"
#include "wharf/base/database_error.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wharf::sqlite {
namespace {

// Two million steps, or some hundred thousand rows: what an error message is worth.
constexpr int most_looks = 500;

/// Limits what reading may take while it lives.
class limited {
public:
    explicit limited(database& on) noexcept : on_(on) { on_.limit_looks(most_looks); }
    limited(const limited&) = delete;
    limited& operator=(const limited&) = delete;
    ~limited() { on_.limit_looks(0); }

private:
    database& on_;
};

/// A place to come back to, whatever happens in between.
class attempt {
public:
    explicit attempt(database& on) : on_(on), inside_(on.in_transaction()) {
        on_.execute(inside_ ? "SAVEPOINT wharf_foreign_key" : "BEGIN IMMEDIATE");
        on_.execute("PRAGMA defer_foreign_keys = ON");
    }
    attempt(const attempt&) = delete;
    attempt& operator=(const attempt&) = delete;
    ~attempt() {
        const auto run = [this](const char* sql) { sqlite3_exec(on_.handle(), sql, nullptr, nullptr, nullptr); };
        run(inside_ ? "ROLLBACK TO wharf_foreign_key" : "ROLLBACK");
        if (inside_) run("RELEASE wharf_foreign_key");
        // It was off: where it is on, nothing fails before the COMMIT, RESTRICT included.
        run("PRAGMA defer_foreign_keys = OFF");
    }

private:
    database& on_;
    bool inside_;
};

struct broken_key {
    const foreign_key* key;
    std::string row{};                  ///< its rowid; empty where the table has none
    std::optional<std::string> value{}; ///< of the key, as SQL's literals
};

/// Rows of the tables, of which each refers to nothing.
std::vector<broken_key> look(database& on, const std::vector<foreign_key>& keys) {
    std::vector<broken_key> found;
    std::string table;
    for (const auto& each : keys) {
        if (each.table == std::exchange(table, each.table)) continue;
        for (const auto& said : on.query(("PRAGMA main.foreign_key_check(" + quoted_name(table) + ")").c_str())) {
            const auto key = std::ranges::find_if(
                keys, [&](const foreign_key& known) { return known.table == said[0] && known.number == said[3]; });
            if (key != keys.end()) found.push_back({&*key, said[1]});
        }
    }
    return found;
}

std::optional<std::string> value_of(database& on, const broken_key& broken) {
    if (broken.row.empty()) return std::nullopt;
    std::string columns;
    for (const auto& name : broken.key->from)
        columns.append(columns.empty() ? "" : " || ', ' || ").append("quote(" + quoted_name(name) + ")");
    const auto rows =
        on.query(("SELECT " + columns + " FROM main." + quoted_name(broken.key->table) + " WHERE rowid = " + broken.row)
                     .c_str());
    if (rows.empty()) return std::nullopt;
    return rows[0][0];
}

bool is_same(const broken_key& left, const broken_key& right) {
    return left.key == right.key && left.row == right.row;
}

std::string listed(const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names)
        text.append(text.empty() ? "" : ", ").append(name);
    return text;
}

diagnostic plain(std::string_view sql) {
    diagnostic fields;
    fields.severity = "ERROR";
    fields.sqlstate = "23503";
    fields.message = "a foreign key was broken, and SQLite does not say which";
    fields.hint = "PRAGMA foreign_key_check finds rows that refer to nothing.";
    fields.statement = sql;
    return fields;
}

void name_key(diagnostic& fields, const foreign_key& key) {
    fields.hint.clear();
    fields.table = key.table;
    fields.constraint = key.constraint;
    fields.column = listed(key.from);
}

/// A row that refers to nothing.
void blame_child(diagnostic& fields, const broken_key& broken) {
    const auto& key = *broken.key;
    name_key(fields, key);
    fields.message =
        "insert or update on table \"" + key.table + "\" violates foreign key constraint \"" + key.constraint + "\"";
    if (broken.value)
        fields.detail =
            "Key (" + listed(key.from) + ")=(" + *broken.value + ") is not present in table \"" + key.parent + "\".";
}

/// A row that others refer to.
void blame_parent(diagnostic& fields, const foreign_key& key, const std::optional<std::string>& value) {
    name_key(fields, key);
    fields.message = "update or delete on table \"" + key.parent + "\" violates foreign key constraint \"" +
                     key.constraint + "\" on table \"" + key.table + "\"";
    if (value)
        fields.detail =
            "Key (" + listed(key.to) + ")=(" + *value + ") is still referenced from table \"" + key.table + "\".";
}

std::vector<foreign_key> keys_between(database& on, const std::vector<std::string>& written) {
    auto keys = foreign_keys_of(on);
    const auto is_written = [&](const std::string& table) {
        return std::ranges::any_of(
            written, [&](const std::string& name) { return sqlite3_stricmp(name.c_str(), table.c_str()) == 0; });
    };
    std::erase_if(keys, [&](const foreign_key& key) { return !is_written(key.table) && !is_written(key.parent); });
    return keys;
}

void find_out(diagnostic& fields, database& on, statement& failed, std::string_view sql) {
    const auto written = on.tables_written_by(sql);
    const auto keys = keys_between(on, written);
    std::vector<broken_key> before;
    std::vector<broken_key> after;
    {
        attempt again(on);
        {
            const limited reading(on);
            before = look(on, keys);
        }
        sqlite3_reset(failed.handle());
        while (failed.step() == SQLITE_ROW) {
        }
        sqlite3_reset(failed.handle());
        const limited reading(on);
        after = look(on, keys);
        std::erase_if(after, [&](const broken_key& now) {
            return std::ranges::any_of(before, [&](const broken_key& then) { return is_same(now, then); });
        });
        if (!after.empty()) after.front().value = value_of(on, after.front());
    }
    if (after.empty()) return;
    const auto& blamed = after.front();
    // A row that refers to the same without this statement has lost what it refers to.
    if (blamed.value && value_of(on, blamed) == blamed.value)
        blame_parent(fields, *blamed.key, blamed.value);
    else
        blame_child(fields, blamed);
}

} // namespace

std::exception_ptr foreign_key_error(database& on, statement& failed, std::string_view sql) {
    if (!failed.writes()) return foreign_key_error(on, sql); // a COMMIT, or the RELEASE that is one
    auto fields = plain(sql);
    try {
        find_out(fields, on, failed, sql);
    } catch (const database_error&) {
        // Too much to read, or no time: it stays unknown.
    }
    return make_database_error(std::move(fields));
}

std::exception_ptr foreign_key_error(database& on, std::string_view commit) {
    auto fields = plain(commit);
    try {
        const limited reading(on);
        const auto keys = foreign_keys_of(on);
        auto found = look(on, keys);
        if (!found.empty()) {
            found.front().value = value_of(on, found.front());
            blame_child(fields, found.front());
        }
    } catch (const database_error&) {
        // Likewise.
    }
    return make_database_error(std::move(fields));
}

} // namespace wharf::sqlite
