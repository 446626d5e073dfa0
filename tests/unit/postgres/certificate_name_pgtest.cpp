// The same certificates shown to wharf and to libpq: the same verdict, but for the differences that the table names.
#include "scripted_server.hpp"

#include "unit/io/certificates.hpp"
#include "unit/io/name_cases.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/blocking.hpp"
#include "wharf/postgres/connector.hpp"

#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <chrono>

namespace wharf::postgres {
namespace {

const std::string reached = "the login was reached";

bool libpq_accepts(const settings& where) {
    const std::string port = std::to_string(where.servers[0].port);
    const char* const keywords[] = {"host", "hostaddr", "port", "user", "sslmode", "sslrootcert", nullptr};
    const char* const values[] = {where.servers[0].host.c_str(),  "127.0.0.1", port.c_str(), "bob", "verify-full",
                                  where.root_certificate.c_str(), nullptr};
    PGconn* connection = ::PQconnectdbParams(keywords, values, 0);
    const std::string said = ::PQerrorMessage(connection);
    ::PQfinish(connection);
    return said.find(reached) != std::string::npos;
}

bool wharf_accepts(const settings& where) {
    const auto connector = make_connector(where);
    try {
        (void)io::run(connector->connect(), call_options(std::chrono::seconds(20)));
    } catch (const authentication_failed& refused) {
        return std::string_view(refused.what()).find(reached) != std::string_view::npos;
    }
    return false;
}

TEST(certificate_name, verdict_is_that_of_libpq) {
    const io::test::authority from;
    for (const auto& [names, common_name, host, accepted, differs] : io::test::name_cases()) {
        if (host.empty()) continue;
        const auto made = from.issue({.names = names, .common_name = common_name});
        const std::unique_ptr<SSL_CTX, decltype(&::SSL_CTX_free)> context(::SSL_CTX_new(::TLS_server_method()),
                                                                          &::SSL_CTX_free);
        ::SSL_CTX_use_certificate(context.get(), made.certificate.get());
        ::SSL_CTX_use_PrivateKey(context.get(), made.key.get());
        const scripted_server server(
            [&](scripted_peer& client) {
                client.read_request();
                client.send("S");
                client.encrypt(*context);
                client.read_startup();
                client.send(error_message({"SFATAL", "VFATAL", "C28P01", "M" + reached}));
                client.read_to_end();
            },
            scripted_server::place::tcp);
        settings where = server.where();
        where.servers[0].address = "127.0.0.1";
        where.servers[0].host = host;
        where.sslmode = ssl_mode::verify_full;
        where.root_certificate = from.file();
        EXPECT_EQ(wharf_accepts(where), accepted) << names << ' ' << common_name << ' ' << host;
        EXPECT_EQ(libpq_accepts(where), accepted != differs) << names << ' ' << common_name << ' ' << host;
    }
}

} // namespace
} // namespace wharf::postgres
