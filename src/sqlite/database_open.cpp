// Opening a database, and bringing it back to that state.
#include "sqlite/database.hpp"

#include "connection/identifiers.hpp"
#include "sqlite/functions.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/base/error.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace wharf::sqlite {
namespace {

// How often a running statement looks whether it is to stop: about every 100 microseconds.
constexpr int steps_between_looks = 4'000;

// What PRAGMA can change for a connection, as it is when it is new. foreign_keys and synchronous depend on settings.
constexpr std::array<const char*, 11> defaults{
    "PRAGMA query_only = OFF",          "PRAGMA recursive_triggers = OFF",
    "PRAGMA case_sensitive_like = OFF", "PRAGMA ignore_check_constraints = OFF",
    "PRAGMA read_uncommitted = OFF",    "PRAGMA legacy_alter_table = OFF",
    "PRAGMA writable_schema = OFF",     "PRAGMA reverse_unordered_selects = OFF",
    "PRAGMA locking_mode = NORMAL",     "PRAGMA cache_size = -2000",
    "PRAGMA automatic_index = ON"};

std::string quoted(std::string_view identifier) {
    std::string text;
    append_identifier(text, identifier);
    return text;
}

/// Rows of a query of the driver's own, of text in every column.
std::vector<std::vector<std::string>> query(database& from, const char* sql) {
    std::vector<std::vector<std::string>> rows;
    const auto collect = [](void* out, int columns, char** values, char**) {
        auto& row = static_cast<std::vector<std::vector<std::string>>*>(out)->emplace_back();
        for (int column = 0; column < columns; ++column)
            row.emplace_back(values[column] == nullptr ? "" : values[column]);
        return 0;
    };
    const int code = sqlite3_exec(from.handle(), sql, collect, &rows, nullptr);
    if (code != SQLITE_OK) std::rethrow_exception(from.error(code, sql));
    return rows;
}

} // namespace

struct database::callbacks {
    /// Another process, or a connection of another connector, holds a lock.
    static int on_busy(void* self, int attempts) noexcept {
        auto& waiting = *static_cast<database*>(self);
        const auto now = clock::now();
        if (attempts == 0) waiting.busy_since_ = now;
        if (now - waiting.busy_since_ >= waiting.options_.busy_timeout || waiting.stopped()) return 0;
        std::this_thread::sleep_for(std::chrono::milliseconds(std::min(1 + attempts * 2, 20)));
        return 1;
    }
    static int on_progress(void* self) noexcept { return static_cast<const database*>(self)->stopped() ? 1 : 0; }
    /// Sees what a statement is going to do when it is prepared; forbids nothing.
    static int on_prepare(void* self, int action, const char*, const char* argument, const char*,
                          const char*) noexcept {
        switch (action) {
        case SQLITE_PRAGMA:
            if (argument == nullptr) break;
            [[fallthrough]];
        case SQLITE_ATTACH:
        case SQLITE_DETACH:
        case SQLITE_CREATE_TEMP_TABLE:
        case SQLITE_CREATE_TEMP_VIEW:
        case SQLITE_CREATE_TEMP_TRIGGER:
            static_cast<database*>(self)->preparing_session_change_ = true;
            break;
        default:
            break;
        }
        return SQLITE_OK;
    }
};

database::database(settings options, std::shared_ptr<write_gate> gate)
    : options_(std::move(options)), gate_(std::move(gate)) {
    const auto fail = [this](const std::string& why) {
        shut(false);
        throw connect_failed("cannot open " + options_.description + ": " + why);
    };
    try {
        open();
        configure();
    } catch (const database_error& error) {
        fail(std::string(error.message()));
    }
}

void database::open() {
    const char* path = options_.in_memory() ? ":memory:" : options_.path.c_str();
    const int code = sqlite3_open_v2(path, &handle_, options_.open_flags, nullptr);
    if (handle_ == nullptr) throw std::bad_alloc();
    sqlite3_extended_result_codes(handle_, 1);
    if (code != SQLITE_OK) std::rethrow_exception(error(code, ""));
}

void database::configure() {
    // "x" is a column and nothing else: otherwise a misspelt one would silently be a string.
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
    add_functions(handle_);
    sqlite3_progress_handler(handle_, steps_between_looks, callbacks::on_progress, this);
    sqlite3_busy_handler(handle_, callbacks::on_busy, this);
    apply_settings();
    switch_journal();
    sqlite3_set_authorizer(handle_, callbacks::on_prepare, this);
}

void database::apply_settings() {
    execute(options_.foreign_keys ? "PRAGMA foreign_keys = ON" : "PRAGMA foreign_keys = OFF");
    execute(("PRAGMA synchronous = " + options_.synchronous).c_str());
}

void database::switch_journal() {
    if (options_.in_memory()) return;
    // The mode is kept in the file, so as a rule it is there already. Switching needs the file alone, and SQLite does
    // not always call the busy handler for that.
    const auto give_up = clock::now() + options_.busy_timeout;
    for (;;) {
        const auto mode = query(*this, "PRAGMA journal_mode");
        if (!mode.empty() && mode[0][0] == options_.journal_mode) return;
        if ((options_.open_flags & SQLITE_OPEN_READONLY) != 0) return;
        try {
            const auto now = query(*this, ("PRAGMA journal_mode = " + options_.journal_mode).c_str());
            if (!now.empty() && now[0][0] == options_.journal_mode) return;
            throw connect_failed("cannot open " + options_.description + " in journal mode " + options_.journal_mode +
                                 ": SQLite keeps to " + (now.empty() ? "another one" : now[0][0]));
        } catch (const lock_not_available&) {
            if (clock::now() >= give_up) throw;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
}

void database::reset() {
    if (in_transaction()) execute("ROLLBACK");
    leave_gate();
    if (!session_changed_) return;
    for (const char* sql : defaults)
        execute(sql);
    apply_settings();
    detach_databases();
    drop_temporary_objects();
    sqlite3_busy_handler(handle_, callbacks::on_busy, this); // PRAGMA busy_timeout replaces it
    session_changed_ = false;
}

void database::detach_databases() {
    for (const auto& row : query(*this, "SELECT name FROM pragma_database_list WHERE name NOT IN ('main', 'temp')"))
        execute(("DETACH " + quoted(row[0])).c_str());
}

void database::drop_temporary_objects() {
    // Views first; indexes and triggers go with their tables, and triggers on permanent tables are named as such.
    const auto objects =
        query(*this, "SELECT type, name FROM sqlite_temp_schema WHERE type IN ('view', 'trigger', 'table') "
                     "AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY type DESC");
    for (const auto& object : objects)
        execute(("DROP " + object[0] + " IF EXISTS temp." + quoted(object[1])).c_str());
}

} // namespace wharf::sqlite
