// Settings of a connection are not left to its next borrower.
#include "unit/sqlite/fixture.hpp"

#include <utility>

namespace wharf::testing {
namespace {

struct setting {
    const char* name;
    const char* changed;
};

class sqlite_reset : public sqlite_file, public ::testing::WithParamInterface<setting> {};

std::string printed(driver& on, const std::string& pragma) {
    const auto found = execute(on, "PRAGMA " + pragma);
    if (found.empty()) return {};
    auto cell = found[0].next();
    return std::string(cell.bytes);
}

TEST_P(sqlite_reset, puts_a_setting_back) {
    auto db = open(*make());
    const std::string name = GetParam().name;
    const auto before = printed(*db, name);
    execute(*db, "PRAGMA " + name + " = " + GetParam().changed);
    EXPECT_NE(printed(*db, name), before) << "nothing was changed";
    db->reset_before_next();
    EXPECT_EQ(printed(*db, name), before);
}

INSTANTIATE_TEST_SUITE_P(all, sqlite_reset,
                         ::testing::Values(setting{"analysis_limit", "7"}, setting{"automatic_index", "0"},
                                           setting{"cache_size", "77"}, setting{"cache_spill", "0"},
                                           setting{"cell_size_check", "1"}, setting{"checkpoint_fullfsync", "1"},
                                           setting{"foreign_keys", "0"}, setting{"fullfsync", "1"},
                                           setting{"ignore_check_constraints", "1"}, setting{"journal_mode", "delete"},
                                           setting{"journal_size_limit", "9000"}, setting{"legacy_alter_table", "1"},
                                           setting{"locking_mode", "exclusive"}, setting{"max_page_count", "5000"},
                                           setting{"mmap_size", "65536"}, setting{"query_only", "1"},
                                           setting{"read_uncommitted", "1"}, setting{"reverse_unordered_selects", "1"},
                                           setting{"synchronous", "0"}, setting{"temp_store", "2"},
                                           setting{"threads", "2"}, setting{"trusted_schema", "0"},
                                           setting{"wal_autocheckpoint", "5"}, setting{"writable_schema", "1"}),
                         [](const auto& shown) { return std::string(shown.param.name); });

TEST_F(sqlite_reset, puts_back_what_cannot_be_read_or_differs_between_builds) {
    auto db = open(*make());
    for (const std::string name : {"secure_delete", "recursive_triggers", "busy_timeout"}) {
        const auto before = printed(*db, name);
        execute(*db, "PRAGMA " + name + (before.back() == '\0' ? " = 1" : " = 0"));
        db->reset_before_next();
        EXPECT_EQ(printed(*db, name), before) << name;
    }
    execute(*db, "PRAGMA case_sensitive_like = ON");
    db->reset_before_next();
    EXPECT_EQ(value_of<int>(*db, "SELECT 'A' LIKE 'a'"), 1);
}

TEST_F(sqlite_reset, full_by_a_limit_of_the_last_borrower_is_over) {
    auto db = open(*make());
    execute(*db, "CREATE TABLE t(b BLOB)");
    execute(*db, "PRAGMA max_page_count = 3");
    const auto full = error_of(*db, "INSERT INTO t VALUES (zeroblob(100000))");
    EXPECT_EQ(full.sqlstate(), "53100");
    EXPECT_THAT(std::string(full.hint()), ::testing::HasSubstr("max_page_count"));
    db->reset_before_next();
    execute(*db, "INSERT INTO t VALUES (zeroblob(100000))");
}

} // namespace
} // namespace wharf::testing
