#include "rows.hpp"

namespace bench {

void prepare_tables(const server_place& where, bool quick) {
    libpq client(where);
    client.query("CREATE TABLE people (id integer PRIMARY KEY, name text NOT NULL)");
    client.query("INSERT INTO people SELECT n, 'person ' || n FROM generate_series(1, 100000) n");
    client.query("CREATE TABLE measurements (id bigint, value double precision, label text, taken timestamptz)");
    const std::string count = quick ? "100000" : "1000000";
    client.query(("INSERT INTO measurements SELECT n, n * 0.5, 'measurement ' || n, "
                  "timestamptz '2026-01-01 00:00:00+00' + n * interval '1 second' FROM generate_series(1, " +
                  count + ") n")
                     .c_str());
    client.query("CREATE UNLOGGED TABLE target (id bigint, value double precision, label text, taken timestamptz)");
    client.query("VACUUM (ANALYZE, FREEZE) people");
    client.query("VACUUM (ANALYZE, FREEZE) measurements");
}

} // namespace bench
