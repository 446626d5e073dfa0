#include "connection/statement_traces.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace {

using wharf::leaves_traces;

TEST(statement_traces, statements_that_others_cannot_feel__leave_none) {
    for (const std::string_view sql : {
             "SELECT 1",
             "select id, name FROM users WHERE id = $1 AND name IN ($2, $3)",
             "SELECT count(*), max(id), coalesce(name, 'pg_advisory_lock(1)') FROM users",
             "INSERT INTO users (id, name) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET name = $2",
             "INSERT INTO \"public\".\"users\" (\"id\") SELECT * FROM unnest($1::int8[])",
             "WITH u AS (UPDATE users SET name = $1 RETURNING 1) SELECT 1/(count(*) = 1)::int FROM u",
             "SELECT * FROM (VALUES (1), (2)) AS v(n)",
             "UPDATE users SET price = $1::numeric(10, 2) WHERE id = $2",
             "DELETE FROM users WHERE EXISTS (SELECT 1 FROM gone)",
             "-- LISTEN\n/* CREATE TEMP /* TABLE */ */ SELECT 'it''s', E'\\'f(', $q$ f(1) $q$",
             "SELECT pg_catalog.pg_notify($1, $2)",
             "SELECT pg_catalog.record_image_eq(ROW(a), ROW(b)) FROM t WHERE array_ndims(c) = 1",
             "SELECT pg_advisory_xact_lock(hashtext($1))",
             "BEGIN ISOLATION LEVEL SERIALIZABLE",
             "ROLLBACK TO SAVEPOINT wharf_1",
             "SET search_path = app",
             "",
         })
        EXPECT_FALSE(leaves_traces(sql)) << sql;
}

TEST(statement_traces, statements_that_others_may_feel__leave_some) {
    for (const std::string_view sql : {
             "SELECT pg_advisory_lock(1)",
             "SELECT pg_catalog.pg_try_advisory_lock(1)",
             "SELECT my_own_function()",
             "SELECT \"My own\" (1)",
             "INSERT INTO t SELECT f(x) FROM y",
             "INSERT INTO t (a) VALUES (f(1))",
             "LISTEN news",
             "CREATE TEMP TABLE t(n int)",
             "CREATE TEMPORARY TABLE t(n int)",
             "SELECT 1 INTO TEMP t",
             "SELECT 1 INTO pg_temp.t",
             "DO $$ BEGIN END $$",
             "CALL p()",
             "COPY t FROM STDIN",
             "PREPARE p AS SELECT 1",
         })
        EXPECT_TRUE(leaves_traces(sql)) << sql;
}

} // namespace
