// Opening a database, and bringing it back to that state.
#include "sqlite/database.hpp"

#include "sqlite/functions.hpp"
#include "sqlite/quoted.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/base/error.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <string>
#include <system_error>
#include <thread>

namespace wharf::sqlite {
namespace {

// How often a running statement looks whether it is to stop: about every 100 microseconds.
constexpr int steps_between_looks = 4'000;

/// Whether the file or the disk would have to be another for opening to succeed.
bool lasts(const database_error& error) noexcept {
    const auto code = error.sqlstate();
    return code == "XX001" || code == "42501" || code == "53100";
}

/// A quota, or a limit on the size of files, is as final as a full disk, of which SQLite alone has an error of its own.
bool is_out_of_space(int reason) noexcept {
    return reason == ENOSPC || reason == EDQUOT || reason == EFBIG;
}

/// SQLite says "unable to open database file" whatever the reason.
std::string cannot_open_because(const settings& options, int reason) {
    const std::filesystem::path path(options.path);
    std::error_code ignored;
    const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    if (!std::filesystem::exists(folder, ignored))
        return "the folder " + folder.string() + " does not exist; SQLite makes files, but no folders";
    if (std::filesystem::is_directory(path, ignored)) return path.string() + " is a folder";
    if ((options.open_flags & SQLITE_OPEN_CREATE) == 0 && !std::filesystem::exists(path, ignored))
        return "there is no file " + path.string() + ", and this mode makes none";
    return "unable to open the file" + (reason == 0 ? "" : ": " + std::generic_category().message(reason));
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
    static int on_progress(void* self) noexcept {
        auto& running = *static_cast<database*>(self);
        if (running.looks_left_ > 0) {
            --running.looks_left_;
            if (running.looks_left_ == 0) return 1;
        }
        return running.stopped() ? 1 : 0;
    }
    /// Sees what a statement is going to do when it is prepared; forbids nothing.
    static int on_prepare(void* self, int action, const char* name, const char* argument, const char*,
                          const char*) noexcept {
        switch (action) {
        case SQLITE_INSERT:
        case SQLITE_UPDATE:
        case SQLITE_DELETE:
            return static_cast<database*>(self)->note_written(name);
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
    try {
        open();
        configure();
    } catch (const database_error& error) {
        const int reason = sqlite3_system_errno(handle_);
        const bool unopened = error.sqlstate() == "58P01";
        const auto why = unopened ? cannot_open_because(options_, reason) : std::string(error.message());
        const bool no_space = error.sqlstate() == "58030" && is_out_of_space(reason);
        const bool passes = unopened ? reason == EMFILE || reason == ENFILE : !lasts(error) && !no_space;
        shut(false);
        throw connect_failed("cannot open " + options_.description + ": " + why, passes);
    }
}

void database::open() {
    counted_.emplace(options_.description.c_str());
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
    switch_journal(options_.busy_timeout);
    settings_of_new_.remember(*this);
    sqlite3_set_authorizer(handle_, callbacks::on_prepare, this);
}

void database::apply_settings() {
    execute(options_.foreign_keys ? "PRAGMA foreign_keys = ON" : "PRAGMA foreign_keys = OFF");
    execute(("PRAGMA synchronous = " + options_.synchronous).c_str());
}

void database::switch_journal(duration patience) {
    if (options_.in_memory()) {
        execute("PRAGMA journal_mode = MEMORY");
        return;
    }
    // The mode is kept in the file, so as a rule it is there already. Switching needs the file alone, and SQLite does
    // not always call the busy handler for that.
    const auto give_up = clock::now() + patience;
    for (;;) {
        const auto mode = query("PRAGMA journal_mode");
        if (!mode.empty() && mode[0][0] == options_.journal_mode) return;
        if ((options_.open_flags & SQLITE_OPEN_READONLY) != 0) return;
        try {
            const auto now = query(("PRAGMA journal_mode = " + options_.journal_mode).c_str());
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
    settings_of_new_.restore(*this);
    switch_journal(duration::zero());
    detach_databases();
    drop_temporary_objects();
    sqlite3_busy_handler(handle_, callbacks::on_busy, this); // PRAGMA busy_timeout replaces it
    session_changed_ = false;
}

void database::detach_databases() {
    for (const auto& row : query("SELECT name FROM pragma_database_list WHERE name NOT IN ('main', 'temp')"))
        execute(("DETACH " + quoted_name(row[0])).c_str());
}

void database::drop_temporary_objects() {
    // Views first; indexes and triggers go with their tables, and triggers on permanent tables are named as such.
    const auto objects = query("SELECT type, name FROM sqlite_temp_schema WHERE type IN ('view', 'trigger', 'table') "
                               "AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY type DESC");
    for (const auto& object : objects)
        execute(("DROP " + object[0] + " IF EXISTS temp." + quoted_name(object[1])).c_str());
}

} // namespace wharf::sqlite
