#include "support/postgres_server.hpp"

#include <array>
#include <cstdlib>
#include <fstream>
#include <libpq-fe.h>
#include <memory>
#include <poll.h>
#include <sstream>
#include <stdexcept>
#include <string>
#include <unistd.h>

namespace wharf::test {

namespace {

// Waits until the server has ended its side, so that it does not count this connection any more.
struct finish_connection {
    void operator()(void* ended) const {
        auto* const connection = static_cast<PGconn*>(ended);
        const int socket = ::dup(::PQsocket(connection));
        ::PQfinish(connection);
        if (socket < 0) return;
        std::array<char, 512> rest{};
        pollfd readable{socket, POLLIN, 0};
        while (::poll(&readable, 1, 10'000) == 1 && ::read(socket, rest.data(), rest.size()) > 0) {
        }
        ::close(socket);
    }
};
struct clear_result {
    void operator()(PGresult* result) const { ::PQclear(result); }
};

using connection_pointer = std::unique_ptr<PGconn, finish_connection>;

connection_pointer connect(const support::postgres_address& server, const std::string& database) {
    connection_pointer made(::PQconnectdb(server.socket_url(database).c_str()));
    if (::PQstatus(made.get()) != CONNECTION_OK) throw std::runtime_error(::PQerrorMessage(made.get()));
    return made;
}

std::string run(PGconn* connection, std::string_view sql) {
    const std::unique_ptr<PGresult, clear_result> result(::PQexec(connection, std::string(sql).c_str()));
    const auto status = ::PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) throw std::runtime_error(::PQerrorMessage(connection));
    if (::PQntuples(result.get()) == 0) return {};
    return ::PQgetvalue(result.get(), 0, 0);
}

// A test that crashed may have left anything in it.
void make_empty(const support::postgres_address& server, PGconn* keeper, const std::string& name) {
    run(keeper, "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '" + name + "'");
    const auto inside = connect(server, name);
    const auto prepared = "SELECT gid FROM pg_prepared_xacts WHERE database = current_database()";
    for (auto gid = run(inside.get(), prepared); !gid.empty(); gid = run(inside.get(), prepared)) {
        run(inside.get(), "ROLLBACK PREPARED '" + gid + "'");
    }
    run(inside.get(), R"(DO $$
        DECLARE one text;
        BEGIN
            FOR one IN SELECT quote_ident(nspname) FROM pg_namespace
                       WHERE nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema' LOOP
                EXECUTE 'DROP SCHEMA ' || one || ' CASCADE';
            END LOOP;
            EXECUTE 'ALTER DATABASE ' || quote_ident(current_database()) || ' RESET ALL';
            CREATE SCHEMA public;
            GRANT USAGE ON SCHEMA public TO PUBLIC;
        END $$)");
}

support::postgres_address find_server() {
    const char* path = std::getenv("WHARF_TEST_SERVER");
    std::ifstream file(path == nullptr ? "" : path);
    if (file) {
        std::ostringstream text;
        text << file.rdbuf();
        return support::postgres_address::parse(text.str());
    }
    static support::throwaway_postgres own;
    return own.address();
}

} // namespace

const support::postgres_address& postgres_server() {
    static const support::postgres_address server = find_server();
    return server;
}

// Making a database takes a third of a second, emptying one a few milliseconds: so the run shares some, each used by
// whoever holds the advisory lock of its number.
database::database(const support::postgres_address& server) : server_(&server) {
    auto keeper = connect(server, "postgres");
    int number = 1;
    while (run(keeper.get(), "SELECT pg_try_advisory_lock(77, " + std::to_string(number) + ")") != "t") {
        ++number;
    }
    name_ = "test_" + std::to_string(number);
    if (run(keeper.get(), "SELECT 1 FROM pg_database WHERE datname = '" + name_ + "'").empty()) {
        run(keeper.get(), "CREATE DATABASE " + name_ + " TEMPLATE template0 STRATEGY wal_log");
    } else {
        make_empty(server, keeper.get(), name_);
    }
    keeper_ = std::shared_ptr<void>(keeper.release(), finish_connection{});
}

void database::execute(std::string_view sql) const {
    run(connect(*server_, name_).get(), sql);
}

std::string database::value(std::string_view sql) const {
    return run(connect(*server_, name_).get(), sql);
}

std::int64_t database::connections() const {
    return std::stoll(run(connect(*server_, "postgres").get(),
                          "SELECT count(*) FROM pg_stat_activity WHERE datname = '" + name_ + "'"));
}

} // namespace wharf::test
