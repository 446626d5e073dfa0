// A transaction that SQL has ended behind its session's back.
#include "wharf/orm/errors.hpp"
#include "wharf/orm/session.hpp"
#include "wharf/row/codecs.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace ended_by_sql {

struct note {
    std::int64_t id{};
    std::string title{};
};
constexpr auto wharf_mapping(wharf::type<note>) {
    return wharf::table<note>("notes", wharf::primary_key<&note::id>().generated(), wharf::column<&note::title>());
}

TEST(transaction_that_sqlite_has_rolled_back, is_a_failure_until_the_session_rolls_back) {
    wharf::engine engine("sqlite://", {.pool_size = 1});
    wharf::session session(engine);
    session.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY AUTOINCREMENT, "
                    "title text UNIQUE ON CONFLICT ROLLBACK)");
    auto kept = session.add(note{.title = "kept"});
    session.commit();
    kept->title = "changed";
    auto added = session.add(note{.title = "added"});
    session.flush();
    EXPECT_THROW(session.execute("INSERT INTO notes(title) VALUES ('added')"), wharf::unique_violation);
    EXPECT_THROW(session.commit(), wharf::transaction_failed);
    EXPECT_THROW(session.flush(), wharf::transaction_failed);
    session.rollback();
    EXPECT_EQ(kept.read()->title, "kept");
    EXPECT_FALSE(session.contains(added));
    EXPECT_FALSE(session.is_modified());
    EXPECT_EQ(session.select<note>().count(), 1);
    kept->title = "after all";
    session.commit();
    EXPECT_EQ(session.query_sql<std::string>("SELECT title FROM notes").one(), "after all");
}

} // namespace ended_by_sql
