// The exact text of every statement, for both backends.
#include "sql/change.hpp"
#include "sql/guard.hpp"
#include "sql/insert.hpp"
#include "sql/lookup.hpp"
#include "wharf/row/codecs.hpp"
#include "wharf/row/encode.hpp"

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
constexpr std::array<std::string_view, 1> by_id{"id"};
constexpr two_columns id_and_time{{{"id", type_oid::int8}, {"made_at", type_oid::timestamptz}}};

template <class... T>
parameters values(const T&... all) {
    parameters out;
    encode_parameters(out, all...);
    return out;
}

TEST(insert_row, on_postgres_casts_integers_and_answers_what_differs) {
    EXPECT_EQ(
        insert_row(backend::postgres, "users", name_and_age),
        R"(WITH wharf_rows AS (INSERT INTO "users" ("name", "age") VALUES ($1, $2::integer) RETURNING 1 AS )"
        R"(wharf_row, NOT (pg_catalog.record_image_eq(ROW(COALESCE("name", NULL)), ROW(COALESCE($1, CASE WHEN )"
        R"(FALSE THEN "name" END))) AND "age" IS NOT DISTINCT FROM $2::integer) AS wharf_differs, "name" AS w1, )"
        R"("age" AS w2) SELECT wharf_row, wharf_differs, CASE WHEN wharf_differs THEN w1 END, CASE WHEN )"
        R"(wharf_differs THEN w2 END FROM wharf_rows WHERE wharf_differs UNION ALL SELECT NULL, NULL, NULL, NULL )"
        R"(FROM (SELECT CASE WHEN count(*) <> 1 THEN ('wharf.row_count:' || count(*) || '/' || 1)::int ELSE 0 END )"
        R"(AS wrong FROM wharf_rows) AS wharf_guard WHERE wrong <> 0)");
}

TEST(insert_row, on_sqlite_is_plain) {
    EXPECT_EQ(insert_row(backend::sqlite, "users", name_and_age),
              R"(INSERT INTO "users" ("name", "age") VALUES ($1, $2))");
    EXPECT_EQ(insert_row(backend::sqlite, "users", name_and_age, id_and_time),
              R"(INSERT INTO "users" ("name", "age") VALUES ($1, $2) RETURNING "id", "made_at")");
}

TEST(insert_row, without_columns_inserts_defaults) {
    EXPECT_EQ(insert_row(backend::sqlite, "users", {}, id), R"(INSERT INTO "users" DEFAULT VALUES RETURNING "id")");
    EXPECT_THAT(insert_row(backend::postgres, "users", {}, id),
                ::testing::StartsWith(
                    R"(WITH wharf_rows AS (INSERT INTO "users" DEFAULT VALUES RETURNING 1 AS wharf_row, NOT (TRUE) AS )"
                    R"(wharf_differs, "id" AS r1))"));
}

TEST(insert_rows, are_given_as_arrays_of_the_columns_types) {
    EXPECT_THAT(insert_rows("users", name_and_age, id),
                ::testing::StartsWith(
                    R"(WITH wharf_given AS (SELECT * FROM unnest(COALESCE($1, ARRAY(SELECT "name" FROM "users" WHERE )"
                    R"(FALSE)), $2::integer[]) WITH ORDINALITY AS given(c1, c2, n)), wharf_rows AS (INSERT INTO )"
                    R"("users" ("name", "age") SELECT c1, c2 FROM wharf_given ORDER BY n RETURNING "id" AS r1, )"
                    R"("name" AS w1, "age" AS w2) SELECT wharf_row, wharf_differs, r1, )"));
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

TEST(update_row, checks_what_it_overwrites) {
    const std::array<expected_column, 2> expected{
        {{{"name", type_oid::text}, value_test::image}, {{"age", type_oid::int4}, value_test::equal}}};
    const row_address where{.key = id, .expected = expected};
    EXPECT_THAT(
        update_row(backend::postgres, "users", {.set = name_and_age}, where),
        ::testing::StartsWith(
            R"(WITH wharf_rows AS (UPDATE "users" SET "name" = $1, "age" = $2::integer WHERE "id" = $3::bigint AND )"
            R"(pg_catalog.record_image_eq(ROW(COALESCE("name", NULL)), ROW(COALESCE($4, CASE WHEN FALSE THEN "name" )"
            R"(END))) AND "age" IS NOT DISTINCT FROM $5 RETURNING 1 AS wharf_row, )"));
    EXPECT_EQ(update_row(backend::sqlite, "users", {.set = name_and_age}, where),
              R"(UPDATE "users" SET "name" = $1, "age" = $2 WHERE "id" = $3 AND "name" COLLATE BINARY IS $4 )"
              R"(AND "age" COLLATE BINARY IS $5)");
    EXPECT_EQ(update_row(backend::sqlite, "users", {.set = name_and_age}, {.key = id}),
              R"(UPDATE "users" SET "name" = $1, "age" = $2 WHERE "id" = $3)");
}

TEST(update_row, with_a_version_raises_and_tests_it) {
    EXPECT_EQ(update_row(backend::sqlite, "users", {.set = name_and_age}, {.key = order_line, .version = &version}),
              R"(UPDATE "users" SET "name" = $1, "age" = $2, "version" = "version" + 1 )"
              R"(WHERE "order_id" = $3 AND "line_no" = $4 AND "version" = $5)");
    EXPECT_EQ(update_row(backend::sqlite, "users", {}, {.key = id, .version = &version}),
              R"(UPDATE "users" SET "version" = "version" + 1 WHERE "id" = $1 AND "version" = $2)");
    EXPECT_EQ(update_row(backend::postgres, "users", {}, {.key = id, .version = &version}),
              R"(WITH wharf_rows AS (UPDATE "users" SET "version" = "version" + 1 WHERE "id" = $1::bigint AND )"
              R"("version" = $2::bigint RETURNING 1) SELECT CASE WHEN count(*) <> 1 THEN ('wharf.row_count:' || )"
              R"(count(*) || '/' || 1)::int ELSE 0 END FROM wharf_rows)");
}

TEST(update_rows, are_locked_in_the_order_of_their_keys_first) {
    EXPECT_THAT(
        update_rows("users", {.set = name_and_age}, {.key = id, .version = &version}),
        ::testing::StartsWith(
            R"(WITH wharf_given AS (SELECT * FROM unnest(COALESCE($1, ARRAY(SELECT "name" FROM "users" WHERE FALSE)), )"
            R"($2::integer[], $3::bigint[], $4::bigint[]) WITH ORDINALITY AS given(c1, c2, c3, c4, n)), )"
            R"(wharf_locked AS MATERIALIZED (SELECT given.* FROM "users" AS changed JOIN wharf_given AS given ON )"
            R"(changed."id" = )"
            R"(given.c3 ORDER BY changed."id" FOR NO KEY UPDATE OF changed), wharf_rows AS (UPDATE "users" AS changed )"
            R"(SET "name" = given.c1, "age" = given.c2, "version" = changed."version" + 1 FROM wharf_locked AS given )"
            R"(WHERE changed."id" = given.c3 AND changed."version" = given.c4 RETURNING given.n AS wharf_row, )"));
    EXPECT_THAT(update_rows("users", {.set = id}, {.key = id}), ::testing::HasSubstr(" FOR UPDATE OF changed)"));
}

TEST(delete_row, is_guarded_on_postgres) {
    EXPECT_EQ(delete_row(backend::postgres, "users", {.key = id}),
              R"(WITH wharf_rows AS (DELETE FROM "users" WHERE "id" = $1::bigint RETURNING 1) SELECT CASE WHEN )"
              R"(count(*) <> 1 THEN ('wharf.row_count:' || count(*) || '/' || 1)::int ELSE 0 END FROM wharf_rows)");
    EXPECT_EQ(delete_row(backend::sqlite, "lines", {.key = order_line, .version = &version}),
              R"(DELETE FROM "lines" WHERE "order_id" = $1 AND "line_no" = $2 AND "version" = $3)");
}

TEST(delete_rows, are_locked_in_the_order_of_their_keys_first) {
    EXPECT_EQ(
        delete_rows("users", {.key = id}),
        R"(WITH wharf_given AS (SELECT * FROM unnest($1::bigint[]) WITH ORDINALITY AS given(c1, n)), )"
        R"(wharf_locked AS MATERIALIZED (SELECT given.* FROM "users" AS changed JOIN wharf_given AS given ON )"
        R"(changed."id" = given.c1 ORDER BY changed."id" FOR UPDATE OF changed), wharf_rows AS (DELETE FROM )"
        R"("users" AS changed USING wharf_locked AS given WHERE changed."id" = given.c1 RETURNING given.n AS )"
        R"(wharf_row) SELECT CASE WHEN count(*) <> (SELECT count(*) FROM wharf_given) THEN ('wharf.row_count:' || )"
        R"(count(*) || '/' || (SELECT count(*) FROM wharf_given) || ':' || (SELECT string_agg(n::text, ',') FROM )"
        R"((SELECT n FROM wharf_given WHERE n NOT IN (SELECT wharf_row FROM wharf_rows) ORDER BY n LIMIT 20) AS )"
        R"(missing))::int ELSE 0 END FROM wharf_rows)");
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
    const auto ids = values(std::int64_t{1}, std::int64_t{2}, std::int64_t{3});
    const std::array<parameters, 2> lines{ids, values(4, 5, 6)};
    EXPECT_EQ(select_by_any(backend::postgres, "users", columns, id, std::span(&ids, 1), by_id).text,
              R"(SELECT "name" FROM "users" WHERE "id" = ANY($1::bigint[]) ORDER BY "id")");
    EXPECT_EQ(select_by_any(backend::postgres, "lines", columns, order_line, lines).text,
              R"(SELECT "name" FROM "lines" WHERE ("order_id", "line_no") IN (SELECT * FROM )"
              R"(unnest($1::bigint[], $2::integer[])))");
    EXPECT_EQ(select_by_any(backend::sqlite, "users", columns, id, std::span(&ids, 1), by_id).text,
              R"(SELECT "name" FROM "users" WHERE "id" IN (SELECT value FROM json_each($1)) ORDER BY "id")");
    const auto pairs = select_by_any(backend::sqlite, "lines", columns, order_line, lines);
    EXPECT_EQ(pairs.text, R"(SELECT "name" FROM "lines" WHERE ("order_id", "line_no") IN (SELECT )"
                          R"(json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each($1)))");
    ASSERT_EQ(pairs.values.size(), 1U);
    EXPECT_EQ(pairs.values[0].bytes, "[[1,4],[2,5],[3,6]]");
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
    EXPECT_THAT(report->missing, ::testing::IsEmpty());
    const auto several =
        read_guard(failure("22P02", R"(invalid input syntax for type integer: "wharf.row_count:2/4:1,31")"));
    ASSERT_TRUE(several);
    EXPECT_EQ(several->expected, 4U);
    EXPECT_THAT(several->missing, ::testing::ElementsAre(1U, 31U));
    const auto unfit = read_unfit(failure("22P02", R"(invalid input syntax for type integer: "wharf.null:2/9")"));
    ASSERT_TRUE(unfit);
    EXPECT_EQ(unfit->place, 2U);
    EXPECT_TRUE(unfit->null);
    EXPECT_FALSE(read_unfit(failure("22P02", R"(invalid input syntax for type integer: "wharf.row_count:2/9")")));
    EXPECT_TRUE(read_guard(failure("22P02", "ungültige Eingabesyntax für Typ integer: »wharf.row_count:0/1«")));
    EXPECT_FALSE(read_guard(failure("22P02", R"(invalid input syntax for type integer: "abc")")));
    EXPECT_FALSE(read_guard(failure("22012", "division by zero")));
    EXPECT_FALSE(read_guard(failure("22P02", R"("wharf.row_count:")")));
}

} // namespace
} // namespace wharf::sql::testing
