// SQLite as a backend: every connection is a handle of libsqlite3 on the same file.
//
// Connections are opened in WAL mode with foreign keys on. Placeholders are $1, $2, ... and bound by number. The first
// write of a transaction takes the write gate, which the connections of one connector pass on in the order in which
// they asked; so they wait for each other without SQLITE_BUSY, and only writers of other connectors or processes are
// met with the busy time-out. A batch runs on a thread that may block (io::offload), as one piece.
//
// A group of several statements outside a transaction is a transaction of its own, as on PostgreSQL.
// What SQLite keeps of PostgreSQL's types: integers for bool and integers, reals for floats, text for text, json, uuid,
// dates and timestamps (ISO 8601, UTC), blobs for bytea, for arrays see row/arrays.hpp, and for all others text as
// PostgreSQL writes it.
#pragma once

#include "wharf/base/url.hpp"
#include "wharf/connection/driver.hpp"

#include <memory>

namespace wharf::sqlite {

/// Parameters of the URL: busy_timeout in milliseconds [5000], mode = rwc | rw | ro [rwc], synchronous = off | normal |
/// full | extra [full], journal_mode = wal | delete | truncate | persist | memory [wal], foreign_keys = on | off [on].
/// Throws configuration_error for other values, or a URL of another backend. No I/O.
/// A database in memory belongs to its one connection: connection_limit() is 1, and closing that loses the data.
[[nodiscard]] std::shared_ptr<connector> make_connector(const database_url& url);

} // namespace wharf::sqlite
