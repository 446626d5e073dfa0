#include "sqlite/errors.hpp"

#include "wharf/base/database_error.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <string>
#include <system_error>

namespace wharf::sqlite {
namespace {

struct by_code {
    int code;
    std::string_view sqlstate;
};

// Extended codes stand before the primary code that they belong to.
constexpr std::array<by_code, 25> codes{{
    {SQLITE_CONSTRAINT_UNIQUE, "23505"},
    {SQLITE_CONSTRAINT_PRIMARYKEY, "23505"},
    {SQLITE_CONSTRAINT_ROWID, "23505"},
    {SQLITE_CONSTRAINT_FOREIGNKEY, "23503"},
    {SQLITE_CONSTRAINT_NOTNULL, "23502"},
    {SQLITE_CONSTRAINT_CHECK, "23514"},
    {SQLITE_CONSTRAINT_DATATYPE, "42804"},
    {SQLITE_CONSTRAINT_TRIGGER, "P0001"}, // RAISE() in a trigger, as RAISE EXCEPTION in PL/pgSQL
    {SQLITE_CONSTRAINT, "23000"},
    {SQLITE_BUSY_SNAPSHOT, "40001"},
    {SQLITE_BUSY, "55P03"},
    {SQLITE_LOCKED, "55P03"},
    {SQLITE_INTERRUPT, "57014"},
    {SQLITE_READONLY, "42501"},
    {SQLITE_PERM, "42501"},
    {SQLITE_AUTH, "42501"},
    {SQLITE_FULL, "53100"},
    {SQLITE_NOMEM, "53200"},
    {SQLITE_TOOBIG, "54000"},
    {SQLITE_MISMATCH, "42804"},
    {SQLITE_IOERR, "58030"},
    {SQLITE_CANTOPEN, "58P01"},
    {SQLITE_CORRUPT, "XX001"},
    {SQLITE_NOTADB, "XX001"},
    {SQLITE_RANGE, "42P02"},
}};

struct by_message {
    std::string_view part;
    std::string_view sqlstate;
};

// SQLITE_ERROR says what happened only in its message.
constexpr std::array<by_message, 26> messages{{
    {"syntax error", "42601"},
    {"incomplete input", "42601"},
    {"unrecognized token", "42601"},
    {" values for ", "42601"}, // "2 values for 3 columns"
    {"values were supplied", "42601"},
    {"no such table", "42P01"},
    {"no such view", "42P01"},
    {"no such column", "42703"},
    {"has no column named", "42703"},
    {"unknown column", "42703"},
    {"no such function", "42883"},
    {"wrong number of arguments", "42883"},
    {"no such index", "42704"},
    {"no such collation", "42704"},
    {"already exists", "42P07"},
    {"already another table or index", "42P07"},
    {"duplicate column name", "42701"},
    {"ambiguous column name", "42702"},
    {"ON CONFLICT clause does not match", "42P10"},
    {"no such savepoint", "3B001"},
    {"within a transaction", "25001"},
    {"from within a transaction", "25001"},
    {"no transaction is active", "25P01"},
    {"integer overflow", "22003"},
    {"malformed JSON", "22P02"},
    {"too many", "54000"},
}};

std::string_view sqlstate_of(int code, std::string_view message) {
    const auto* found = std::ranges::find(codes, code, &by_code::code);
    if (found == codes.end()) found = std::ranges::find(codes, code & 0xFF, &by_code::code);
    if (found != codes.end()) return found->sqlstate;
    for (const auto& known : messages)
        if (message.find(known.part) != std::string_view::npos) return known.sqlstate;
    return (code & 0xFF) == SQLITE_ERROR ? "42000" : "XX000";
}

/// "users.email, users.name" behind the colon: the table, and the columns without it.
void name_columns(diagnostic& fields, std::string_view names) {
    if (names.starts_with("index '")) {
        names.remove_prefix(7);
        fields.constraint = names.substr(0, names.rfind('\''));
        return;
    }
    const auto point = names.find('.');
    if (point == std::string_view::npos) return;
    fields.table = names.substr(0, point);
    const std::string prefix = fields.table + '.';
    while (names.starts_with(prefix)) {
        names.remove_prefix(prefix.size());
        const auto end = std::min(names.find(", " + prefix), names.size());
        if (!fields.column.empty()) fields.column += ", ";
        fields.column += names.substr(0, end);
        names.remove_prefix(std::min(end + 2, names.size()));
    }
}

void name_what_failed(diagnostic& fields, int code) {
    const std::string_view message = fields.message;
    const auto behind = [message](std::string_view mark) {
        const auto at = message.find(mark);
        return at == std::string_view::npos ? std::string_view() : message.substr(at + mark.size());
    };
    switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
    case SQLITE_CONSTRAINT_NOTNULL:
        name_columns(fields, behind("constraint failed: "));
        break;
    case SQLITE_CONSTRAINT_CHECK:
        fields.constraint = behind("constraint failed: ");
        break;
    default:
        if (fields.sqlstate == "42P01") fields.table = behind("no such table: ");
        if (fields.sqlstate == "42703") fields.column = behind("no such column: ");
        if (const auto column = behind("has no column named "); !column.empty()) {
            fields.column = column;
            if (message.starts_with("table ")) fields.table = message.substr(6, message.find(" has no column") - 6);
        }
        break;
    }
}

/// Characters from 1, of an offset in bytes.
int position_of(std::string_view sql, int offset) {
    if (offset < 0 || static_cast<std::size_t>(offset) > sql.size()) return 0;
    const auto before = sql.substr(0, static_cast<std::size_t>(offset));
    return 1 + static_cast<int>(std::ranges::count_if(
                   before, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

/// SQLite's own words where they say too little: what was in the way, and what can be done about it.
void say_more(diagnostic& fields, sqlite3* handle, int code) {
    const auto add_reason = [&] {
        if (const int reason = sqlite3_system_errno(handle); reason != 0)
            fields.message += ": " + std::generic_category().message(reason);
    };
    if (code == SQLITE_BUSY_SNAPSHOT) {
        fields.message = "another transaction has changed the database since this one read from it, so that it cannot "
                         "write any more";
        fields.hint = "Begin a transaction that reads before it writes with {.immediate = true}, or run it again from "
                      "its beginning, as run_transaction() does.";
        return;
    }
    switch (code & 0xFF) {
    case SQLITE_BUSY:
        fields.message = "the database is locked: a connection of another process or pool has kept it for longer than "
                         "busy_timeout";
        fields.hint = "Make the transactions of the other shorter, or raise busy_timeout in the URL.";
        break;
    case SQLITE_LOCKED:
        fields.hint = "A stream of rows on this connection still reads the table.";
        break;
    case SQLITE_READONLY:
        fields.hint = "The URL says mode=ro, or the file or its folder cannot be written by this user.";
        break;
    case SQLITE_FULL:
        fields.hint = "The disk is full, or the file has as many pages as PRAGMA max_page_count allows.";
        break;
    case SQLITE_NOTADB:
        fields.hint = "The file is of another kind, or encrypted.";
        break;
    case SQLITE_CORRUPT:
        fields.hint = "The file is damaged; PRAGMA integrity_check says where.";
        break;
    case SQLITE_MISMATCH:
        fields.message = "an INTEGER PRIMARY KEY holds integers only: " + fields.message;
        break;
    case SQLITE_INTERRUPT:
        fields.message = "the statement was interrupted";
        break;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        add_reason();
        break;
    default:
        break;
    }
}

} // namespace

std::exception_ptr make_error(sqlite3* handle, int code, std::string_view sql) {
    diagnostic fields;
    fields.severity = "ERROR";
    fields.message = sqlite3_errmsg(handle);
    fields.sqlstate = is_foreign_key_failure(handle, code) ? "23503" : sqlstate_of(code, fields.message);
    fields.statement = sql;
    fields.position = position_of(sql, sqlite3_error_offset(handle));
    name_what_failed(fields, code);
    say_more(fields, handle, code);
    return make_database_error(std::move(fields));
}

std::exception_ptr make_error(std::string_view sqlstate, std::string_view message, std::string_view sql) {
    diagnostic fields;
    fields.severity = "ERROR";
    fields.sqlstate = sqlstate;
    fields.message = message;
    fields.statement = sql;
    return make_database_error(std::move(fields));
}

bool is_foreign_key_failure(sqlite3* handle, int code) noexcept {
    if (code == SQLITE_CONSTRAINT_FOREIGNKEY) return true;
    // ON DELETE RESTRICT is a trigger of SQLite's own.
    return code == SQLITE_CONSTRAINT_TRIGGER &&
           std::string_view(sqlite3_errmsg(handle)) == "FOREIGN KEY constraint failed";
}

bool is_fatal(int code) noexcept {
    const int primary = code & 0xFF;
    return primary == SQLITE_IOERR || primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB;
}

} // namespace wharf::sqlite
