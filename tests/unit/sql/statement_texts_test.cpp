// The exact text of every statement, for both backends.
#include "sql/change.hpp"
#include "sql/guard.hpp"
#include "sql/insert.hpp"
#include "sql/lookup.hpp"

#include <gmock/gmock.h>

#include <array>
#include <string_view>

namespace wharf::sql::testing {
namespace {

using two_columns = std::array<table_column, 2>;
constexpr two_columns name_and_age{{{"name", type_oid::text}, {"age", type_oid::int4}}};
constexpr std::array<table_column, 1> id{{{"id", type_oid::int8}}};
constexpr two_columns order_line{{{"order_id", type_oid::int8}, {"line_no", type_oid::int4}}};
constexpr table_column version{"version", type_oid::int8};
constexpr std::array<std::string_view, 1> returned{"id"};
constexpr std::array<std::string_view, 2> both_returned{"id", "made_at"};

TEST(insert_row, on_postgres_casts_and_checks) {
    EXPECT_EQ(insert_row(backend::postgres, "users", name_and_age),
              R"(WITH wharf_rows AS (INSERT INTO "users" ("name", "age") VALUES ($1::text, $2::integer) RETURNING 1) )"
              R"(SELECT CASE WHEN count(*) = 1 THEN 0 ELSE ('wharf.row_count:' || count(*) || '/' || 1)::int END )"
              R"(FROM wharf_rows)");
    EXPECT_EQ(insert_row(backend::postgres, "app.users", name_and_age, both_returned),
              R"(WITH wharf_rows AS (INSERT INTO "app"."users" ("name", "age") VALUES ($1::text, $2::integer) )"
              R"(RETURNING "id", "made_at") SELECT "id", "made_at" FROM wharf_rows UNION ALL SELECT NULL, NULL FROM )"
              R"((SELECT CASE WHEN count(*) = 1 THEN 0 ELSE ('wharf.row_count:' || count(*) || '/' || 1)::int END )"
              R"(AS wrong FROM wharf_rows) AS wharf_guard WHERE wrong <> 0)");
}

TEST(insert_row, on_sqlite_is_plain) {
    EXPECT_EQ(insert_row(backend::sqlite, "users", name_and_age),
              R"(INSERT INTO "users" ("name", "age") VALUES ($1, $2))");
    EXPECT_EQ(insert_row(backend::sqlite, "users", name_and_age, both_returned),
              R"(INSERT INTO "users" ("name", "age") VALUES ($1, $2) RETURNING "id", "made_at")");
}

TEST(insert_row, without_columns_inserts_defaults) {
    EXPECT_EQ(insert_row(backend::sqlite, "users", {}, returned),
              R"(INSERT INTO "users" DEFAULT VALUES RETURNING "id")");
    EXPECT_THAT(insert_row(backend::postgres, "users", {}, returned),
                ::testing::StartsWith(R"(WITH wharf_rows AS (INSERT INTO "users" DEFAULT VALUES RETURNING "id"))"));
}

TEST(insert_rows, unnests_in_order_and_checks) {
    EXPECT_EQ(insert_rows("users", name_and_age, returned),
              R"(WITH wharf_rows AS (INSERT INTO "users" ("name", "age") SELECT c1, c2 FROM )"
              R"(unnest($1::text[], $2::integer[]) WITH ORDINALITY AS given(c1, c2, ordinal) ORDER BY ordinal )"
              R"(RETURNING "id") SELECT "id" FROM wharf_rows UNION ALL SELECT NULL FROM (SELECT CASE WHEN count(*) = )"
              R"(cardinality($1::text[]) THEN 0 ELSE ('wharf.row_count:' || count(*) || '/' || )"
              R"(cardinality($1::text[]))::int END AS wrong FROM wharf_rows) AS wharf_guard WHERE wrong <> 0)");
}

TEST(insert_rows, array_columns_do_not_fit) {
    EXPECT_TRUE(fit_arrays(name_and_age));
    constexpr std::array<table_column, 1> embedding{{{"embedding", type_oid::float4_array}}};
    EXPECT_FALSE(fit_arrays(embedding));
}

TEST(next_keys, the_sequence_is_looked_up_once) {
    EXPECT_EQ(next_keys("users", "id"),
              R"(SELECT pg_catalog.nextval((SELECT pg_catalog.pg_get_serial_sequence('"users"', 'id'))"
              R"(::pg_catalog.regclass)) FROM pg_catalog.generate_series(1, $1::int4))");
    EXPECT_THAT(next_keys("it's", "id"), ::testing::HasSubstr(R"('"it''s"')"));
}

TEST(update_row, by_key_is_guarded_on_postgres) {
    EXPECT_EQ(
        update_row(backend::postgres, "users", name_and_age, {.key = id}),
        R"(WITH wharf_rows AS (UPDATE "users" SET "name" = $1::text, "age" = $2::integer WHERE "id" = $3::bigint )"
        R"(RETURNING 1) SELECT CASE WHEN count(*) = 1 THEN 0 ELSE ('wharf.row_count:' || count(*) || '/' || 1)::int )"
        R"(END FROM wharf_rows)");
    EXPECT_EQ(update_row(backend::sqlite, "users", name_and_age, {.key = id}),
              R"(UPDATE "users" SET "name" = $1, "age" = $2 WHERE "id" = $3)");
}

TEST(update_row, with_a_version_raises_and_tests_it) {
    EXPECT_EQ(update_row(backend::sqlite, "users", name_and_age, {.key = order_line, .version = &version}),
              R"(UPDATE "users" SET "name" = $1, "age" = $2, "version" = "version" + 1 )"
              R"(WHERE "order_id" = $3 AND "line_no" = $4 AND "version" = $5)");
    EXPECT_EQ(update_row(backend::sqlite, "users", {}, {.key = id, .version = &version}),
              R"(UPDATE "users" SET "version" = "version" + 1 WHERE "id" = $1 AND "version" = $2)");
}

TEST(update_rows, joins_the_arrays) {
    EXPECT_EQ(update_rows("users", name_and_age, {.key = id, .version = &version}),
              R"(WITH wharf_rows AS (UPDATE "users" AS changed SET "name" = given.c1, "age" = given.c2, )"
              R"("version" = changed."version" + 1 FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::bigint[]) )"
              R"(AS given(c1, c2, c3, c4) WHERE changed."id" = given.c3 AND changed."version" = given.c4 RETURNING 1) )"
              R"(SELECT CASE WHEN count(*) = cardinality($1::text[]) THEN 0 ELSE ('wharf.row_count:' || count(*) || )"
              R"('/' || cardinality($1::text[]))::int END FROM wharf_rows)");
}

TEST(delete_row, is_guarded_on_postgres) {
    EXPECT_EQ(delete_row(backend::postgres, "users", {.key = id}),
              R"(WITH wharf_rows AS (DELETE FROM "users" WHERE "id" = $1::bigint RETURNING 1) SELECT CASE WHEN )"
              R"(count(*) = 1 THEN 0 ELSE ('wharf.row_count:' || count(*) || '/' || 1)::int END FROM wharf_rows)");
    EXPECT_EQ(delete_row(backend::sqlite, "lines", {.key = order_line, .version = &version}),
              R"(DELETE FROM "lines" WHERE "order_id" = $1 AND "line_no" = $2 AND "version" = $3)");
}

TEST(delete_rows, one_column_is_an_array_several_are_joined) {
    EXPECT_THAT(delete_rows("users", {.key = id}),
                ::testing::StartsWith(
                    R"(WITH wharf_rows AS (DELETE FROM "users" WHERE "id" = ANY($1::bigint[]) RETURNING 1) SELECT )"
                    R"(CASE WHEN count(*) = cardinality($1::bigint[]) THEN 0)"));
    EXPECT_THAT(delete_rows("lines", {.key = order_line}),
                ::testing::StartsWith(
                    R"(WITH wharf_rows AS (DELETE FROM "lines" AS changed USING unnest($1::bigint[], $2::integer[]) )"
                    R"(AS given(c1, c2) WHERE changed."order_id" = given.c1 AND changed."line_no" = given.c2 )"
                    R"(RETURNING 1) SELECT CASE)"));
}

TEST(select_by, names_columns_key_order_and_lock) {
    constexpr std::array<std::string_view, 2> columns{"id", "name"};
    EXPECT_EQ(select_by(backend::postgres, "users", columns, id, {}, row_lock::update),
              R"(SELECT "id", "name" FROM "users" WHERE "id" = $1::bigint FOR UPDATE)");
    EXPECT_EQ(select_by(backend::sqlite, "users", columns, order_line, columns, row_lock::update),
              R"(SELECT "id", "name" FROM "users" WHERE "order_id" = $1 AND "line_no" = $2 ORDER BY "id", "name")");
}

TEST(select_by_any, is_an_array_on_postgres_and_a_list_on_sqlite) {
    constexpr std::array<std::string_view, 1> columns{"name"};
    EXPECT_EQ(select_by_any(backend::postgres, "users", columns, id, 3, returned),
              R"(SELECT "name" FROM "users" WHERE "id" = ANY($1::bigint[]) ORDER BY "id")");
    EXPECT_EQ(select_by_any(backend::postgres, "lines", columns, order_line, 3),
              R"(SELECT "name" FROM "lines" WHERE ("order_id", "line_no") IN (SELECT * FROM )"
              R"(unnest($1::bigint[], $2::integer[])))");
    EXPECT_EQ(select_by_any(backend::sqlite, "users", columns, id, 3, returned),
              R"(SELECT "name" FROM "users" WHERE "id" IN ($1, $2, $3) ORDER BY "id")");
    EXPECT_EQ(select_by_any(backend::sqlite, "lines", columns, order_line, 2),
              R"(SELECT "name" FROM "lines" WHERE ("order_id", "line_no") IN (VALUES ($1, $2), ($3, $4)))");
}

database_error failure(std::string_view sqlstate, std::string_view message) {
    diagnostic fields;
    fields.sqlstate = std::string(sqlstate);
    fields.message = std::string(message);
    return database_error(fields);
}

TEST(read_guard, a_report_of_a_guard_is_told_from_other_errors) {
    const auto report = read_guard(failure("22P02", R"(invalid input syntax for type integer: "wharf.row_count:2/3")"));
    ASSERT_TRUE(report);
    EXPECT_EQ(report->matched, 2U);
    EXPECT_EQ(report->expected, 3U);
    EXPECT_TRUE(read_guard(failure("22P02", "ungültige Eingabesyntax für Typ integer: »wharf.row_count:0/1«")));
    EXPECT_FALSE(read_guard(failure("22P02", R"(invalid input syntax for type integer: "abc")")));
    EXPECT_FALSE(read_guard(failure("22012", "division by zero")));
    EXPECT_FALSE(read_guard(failure("22P02", R"("wharf.row_count:")")));
}

} // namespace
} // namespace wharf::sql::testing
