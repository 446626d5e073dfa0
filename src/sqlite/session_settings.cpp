#include "sqlite/session_settings.hpp"

#include "sqlite/database.hpp"

#include <array>
#include <string_view>

namespace wharf::sqlite {
namespace {

// Those that can be read. query_only first: it stands in the way of others. What is not here belongs to the file
// (journal_mode, which database::reset() sees to, user_version, auto_vacuum, ...), to the whole process
// (soft_heap_limit, hard_heap_limit, temp_store_directory), or ends with the transaction (defer_foreign_keys).
constexpr std::array<std::string_view, 29> readable{"query_only",
                                                    "analysis_limit",
                                                    "automatic_index",
                                                    "cache_size",
                                                    "cache_spill",
                                                    "cell_size_check",
                                                    "checkpoint_fullfsync",
                                                    "count_changes",
                                                    "empty_result_callbacks",
                                                    "foreign_keys",
                                                    "full_column_names",
                                                    "fullfsync",
                                                    "ignore_check_constraints",
                                                    "journal_size_limit",
                                                    "legacy_alter_table",
                                                    "locking_mode",
                                                    "max_page_count",
                                                    "mmap_size",
                                                    "read_uncommitted",
                                                    "recursive_triggers",
                                                    "reverse_unordered_selects",
                                                    "secure_delete",
                                                    "short_column_names",
                                                    "synchronous",
                                                    "temp_store",
                                                    "threads",
                                                    "trusted_schema",
                                                    "wal_autocheckpoint",
                                                    "writable_schema"};

} // namespace

void session_settings::remember(database& from) {
    statements_.clear();
    for (const auto name : readable) {
        std::string sql("PRAGMA ");
        sql += name;
        const auto rows = from.query(sql.c_str());
        if (rows.empty() || rows.front().empty()) continue; // this build of SQLite does not have it
        auto value = rows.front().front();
        if (name == "secure_delete" && value == "2") value = "FAST";
        statements_.push_back(std::string(sql).append(" = ").append(value));
        // Its number is a size in pages, and whether it is on: the size alone would be read as a truth value.
        if (name == "cache_spill") statements_.push_back(sql.append(value == "0" ? " = OFF" : " = ON"));
    }
}

void session_settings::restore(database& to) const {
    for (const auto& sql : statements_)
        to.execute(sql.c_str());
    to.execute("PRAGMA case_sensitive_like = OFF"); // cannot be read, and is off in a new connection
}

} // namespace wharf::sqlite
