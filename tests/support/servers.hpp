// The servers that the driver is tested against besides the one of the test run: see servers/README.md.
//
//   wharf_pgtest(x_pgtest SOURCES ... SERVERS postgres18 pgpool)         # ctest starts these two, once a run
//
//   wharf::test::database database(wharf::test::servers::postgres18());  // a database on PostgreSQL 18
//   wharf::test::database database;                                      // on the server of the run, PostgreSQL 15
//   database.tls_url(wharf::test::servers::pgpool())                     // ... and the way to it through Pgpool
//
// A test that was started by hand starts what it asks for by itself. Each throws std::runtime_error with the reason
// when there is no such server.
#pragma once

#include "support/throwaway_postgres/throwaway_postgres.hpp"

#include <string>

namespace wharf::test::servers {

/// PostgreSQL 18, with pgvector and all of contrib.
const support::postgres_address& postgres18();
/// The directory of its programs: for a support::throwaway_postgres of one's own.
std::string postgres18_binaries();

/// In front of every database of the server of the test run (PostgreSQL 15).
const support::postgres_address& pgbouncer_session();
const support::postgres_address& pgbouncer_transaction();
const support::postgres_address& pgpool();

} // namespace wharf::test::servers
