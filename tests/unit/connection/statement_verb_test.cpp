#include "connection/statement_verb.hpp"

#include <gtest/gtest.h>

namespace wharf {
namespace {

TEST(statement_verb, is_told_by_the_first_words) {
    using enum statement_verb;
    EXPECT_EQ(verb_of("SELECT 1"), read);
    EXPECT_EQ(verb_of("  (values (1))"), read);
    EXPECT_EQ(verb_of("-- why\n/* a /* nested */ b */ select 1"), read);
    EXPECT_EQ(verb_of("selecting"), other);
    EXPECT_EQ(verb_of("WITH x AS (INSERT INTO t VALUES (1)) SELECT 1"), other);
    EXPECT_EQ(verb_of("INSERT INTO t VALUES (1)"), other);
    EXPECT_EQ(verb_of("BEGIN ISOLATION LEVEL SERIALIZABLE"), begin);
    EXPECT_EQ(verb_of("start transaction"), begin);
    EXPECT_EQ(verb_of("CALL p()"), procedure);
    EXPECT_EQ(verb_of("do $$ begin commit; end $$"), procedure);
    EXPECT_EQ(verb_of("COMMIT"), commit);
    EXPECT_EQ(verb_of("commit;"), commit);
    EXPECT_EQ(verb_of("END"), commit);
    EXPECT_EQ(verb_of("PREPARE TRANSACTION 'x'"), commit);
    EXPECT_EQ(verb_of("PREPARE s AS SELECT 1"), other);
    EXPECT_EQ(verb_of("COMMIT PREPARED 'x'"), other);
    EXPECT_EQ(verb_of("ROLLBACK"), rollback);
    EXPECT_EQ(verb_of("ABORT"), rollback);
    EXPECT_EQ(verb_of("ROLLBACK TO SAVEPOINT a"), rollback_to);
    EXPECT_EQ(verb_of("ROLLBACK WORK TO a"), rollback_to);
    EXPECT_EQ(verb_of("SAVEPOINT a"), savepoint);
    EXPECT_EQ(verb_of("ROLLBACK PREPARED 'x'"), other);
    EXPECT_EQ(verb_of(""), other);
    EXPECT_EQ(verb_of("/* not ended"), other);
    EXPECT_EQ(verb_of("--"), other);
}

TEST(statement_verb, copy_that_wants_data_is_told_from_others) {
    for (const std::string_view text :
         {"COPY t FROM STDIN", "copy public.t(a, b) from stdin with (format csv)",
          "/* x */ COPY \"from stdin\" FROM\nSTDIN", "COPY t (\"from\", \"stdin\") FROM /* here */ STDIN WHERE true",
          "COPY fromage FROM STDIN"})
        EXPECT_TRUE(copies_from_stdin(text)) << text;
    for (const std::string_view text :
         {"COPY t TO STDOUT", "COPY (SELECT * FROM stdin) TO STDOUT", "COPY t FROM '/stdin'",
          "COPY t (a) FROM PROGRAM 'stdin'", "SELECT * FROM stdin", "COPY \"t FROM STDIN", "COPY", "COPY (",
          "COPY t FROM", ""})
        EXPECT_FALSE(copies_from_stdin(text)) << text;
}

} // namespace
} // namespace wharf
