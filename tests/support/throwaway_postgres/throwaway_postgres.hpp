// A PostgreSQL server that lives as long as an object: made in a temporary directory, on a free port of 127.0.0.1 and
// on a Unix socket, removed by the destructor and also when the process ends in any other way.
//
//   wharf::support::throwaway_postgres server;
//   connect(server.socket_url());
//
// Users and databases: see `serve`, the script that does the work.
#pragma once

#include "support/throwaway_postgres/keeper.hpp"

#include <string>
#include <string_view>

namespace wharf::support {

/// Where a server is, and how to get in.
struct postgres_address {
    std::string user{};
    std::string password{};
    std::string socket_directory{};
    std::string port{};
    std::string ca_path{};
    std::string log_path{};

    /// From lines of the form key=value. Throws std::runtime_error when a key is missing.
    static postgres_address parse(std::string_view lines);

    /// Through the Unix socket, where no password is asked for.
    [[nodiscard]] std::string socket_url(std::string_view database = "wharf_test") const;
    /// TCP without TLS, with the password (SCRAM-SHA-256).
    [[nodiscard]] std::string tcp_url(std::string_view database = "wharf_test") const;
    /// TCP with TLS, the server's certificate verified against `ca_path`.
    [[nodiscard]] std::string tls_url(std::string_view database = "wharf_test") const;
};

enum class shutdown { fast, immediate, kill };

class throwaway_postgres {
public:
    /// `settings`: lines for postgresql.conf; `binaries`: the directory of another PostgreSQL's `postgres`.
    /// Throws std::runtime_error with the reason when no server can be started.
    explicit throwaway_postgres(std::string_view settings = {}, std::string_view binaries = {});

    [[nodiscard]] const postgres_address& address() const noexcept { return address_; }
    [[nodiscard]] std::string socket_url(std::string_view database = "wharf_test") const {
        return address_.socket_url(database);
    }
    [[nodiscard]] std::string tcp_url(std::string_view database = "wharf_test") const {
        return address_.tcp_url(database);
    }
    [[nodiscard]] std::string tls_url(std::string_view database = "wharf_test") const {
        return address_.tls_url(database);
    }

    /// The data stay; `start` brings the server back on the same port. Both throw std::runtime_error on failure.
    void stop(shutdown how = shutdown::fast);
    void start();
    void restart(shutdown how = shutdown::fast) {
        stop(how);
        start();
    }

private:
    keeper keeper_;
    postgres_address address_;
};

} // namespace wharf::support
