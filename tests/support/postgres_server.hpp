// PostgreSQL for tests: the server of the test run, and databases of one's own on it.
//
//   class session_pgtest : public ::testing::Test {
//       wharf::test::database database_;                 // empty, its own while the object lives
//       ... database_.url()
//   };
//
// A test that stops or kills its server starts one of its own: wharf::support::throwaway_postgres.
#pragma once

#include "support/throwaway_postgres/throwaway_postgres.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace wharf::test {

/// The server that ctest started (described by the file that WHARF_TEST_SERVER names), or one for this process when the
/// test was started by hand.
const support::postgres_address& postgres_server();

/// An empty database on a server, by default that of the test run, for as long as the object lives; no other test uses
/// it meanwhile, and whoever stays connected is disconnected before the next one does. Throws std::runtime_error with
/// the server's message.
class database {
public:
    database() : database(postgres_server()) {}
    /// `server` outlives the object.
    explicit database(const support::postgres_address& server);
    database(const database&) = delete;
    database& operator=(const database&) = delete;

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] const support::postgres_address& server() const noexcept { return *server_; }
    /// Through the Unix socket.
    [[nodiscard]] std::string url() const { return url(*server_); }
    [[nodiscard]] std::string tcp_url() const { return tcp_url(*server_); }
    [[nodiscard]] std::string tls_url() const { return tls_url(*server_); }
    /// Through a pooler in front of the server.
    [[nodiscard]] std::string url(const support::postgres_address& pooler) const { return pooler.socket_url(name_); }
    [[nodiscard]] std::string tcp_url(const support::postgres_address& pooler) const { return pooler.tcp_url(name_); }
    [[nodiscard]] std::string tls_url(const support::postgres_address& pooler) const { return pooler.tls_url(name_); }

    /// Through a connection of its own, by libpq: what a test does behind wharf's back. Several statements may be
    /// given.
    void execute(std::string_view sql) const;
    /// The first column of the first row as text; empty when there is none or it is NULL.
    [[nodiscard]] std::string value(std::string_view sql) const;
    /// Connections to this database as the server counts them, without the one that asks.
    [[nodiscard]] std::int64_t connections() const;

private:
    const support::postgres_address* server_;
    std::string name_;
    std::shared_ptr<void> keeper_; // the connection that holds the lock; type-erased, shared by nobody
};

} // namespace wharf::test
