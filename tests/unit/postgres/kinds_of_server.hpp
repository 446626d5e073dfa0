// The servers that the driver is made for, and the poolers that stand in between: what a test runs against each of.
#pragma once

#include "connected.hpp"
#include "support/servers.hpp"

#include <memory>
#include <ostream>
#include <string>

namespace wharf::postgres {

struct kind_of_server {
    const char* name;
    const support::postgres_address& (*server)();          ///< where the database is
    const support::postgres_address& (*pooler)(){nullptr}; ///< what stands in front of it
    /// Each transaction may have another session of the server: statements have no names, and what a session keeps
    /// (settings, LISTEN) is lost.
    bool lends_transactions{false};

    friend std::ostream& operator<<(std::ostream& out, const kind_of_server& kind) { return out << kind.name; }
};

inline constexpr kind_of_server postgres15{"postgres15", test::postgres_server};
inline constexpr kind_of_server postgres18{"postgres18", test::servers::postgres18};
inline constexpr kind_of_server pgbouncer_session{"pgbouncer_session", test::postgres_server,
                                                  test::servers::pgbouncer_session};
inline constexpr kind_of_server pgbouncer_transaction{"pgbouncer_transaction", test::postgres_server,
                                                      test::servers::pgbouncer_transaction, true};
inline constexpr kind_of_server pgpool{"pgpool", test::postgres_server, test::servers::pgpool};

inline const auto name_of_kind = [](const auto& information) { return std::string(information.param.name); };

class each_server : public testing::TestWithParam<kind_of_server> {
protected:
    [[nodiscard]] const support::postgres_address& through() const {
        return GetParam().pooler != nullptr ? GetParam().pooler() : database_.server();
    }
    [[nodiscard]] static settings as_it_wants(settings where) {
        if (GetParam().lends_transactions) where.statement_cache_size = 0;
        return where;
    }
    [[nodiscard]] settings by_socket() const { return as_it_wants(socket_settings(database_, through())); }
    [[nodiscard]] settings by_password() const { return as_it_wants(tcp_settings(database_, through())); }
    [[nodiscard]] settings by_tls() const { return as_it_wants(tls_settings(database_, through())); }
    [[nodiscard]] std::unique_ptr<driver> another() const { return connect(by_socket()); }

    test::database database_{GetParam().server()};
    std::unique_ptr<driver> connection_ = another();
};

} // namespace wharf::postgres
