#include "wharf/postgres/connector.hpp"

#include "postgres/connect.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/waits.hpp"

#include <exception>
#include <string>
#include <utility>

namespace wharf::postgres {
namespace {

std::string describe(const server_address& server) {
    if (server.is_unix_socket()) return server.host + "/.s.PGSQL." + std::to_string(server.port);
    const bool ipv6 = server.host.find(':') != std::string::npos;
    return (ipv6 ? "[" + server.host + "]" : server.host) + ":" + std::to_string(server.port);
}

class postgres_connector final : public connector {
public:
    explicit postgres_connector(settings where) : where_(std::make_shared<const settings>(std::move(where))) {}

    [[nodiscard]] io::op<std::unique_ptr<driver>> connect() override;
    [[nodiscard]] backend kind() const noexcept override { return backend::postgres; }
    [[nodiscard]] std::string description() const override {
        std::string text = "postgresql://" + where_->user + "@";
        for (const server_address& server : where_->servers)
            text += (&server == where_->servers.data() ? "" : ",") + describe(server);
        return text + "/" + (where_->database.empty() ? where_->user : where_->database);
    }

private:
    [[nodiscard]] io::op<std::unique_ptr<connection>> connect_to(const server_address& server) const;

    std::shared_ptr<const settings> where_; // shared with its connections, which may outlive it
};

// Only what another server may do better leads to the next one: a login that was refused does not.
io::op<std::unique_ptr<driver>> postgres_connector::connect() {
    std::string problems;
    std::exception_ptr last;
    for (const server_address& server : where_->servers) {
        try {
            std::unique_ptr<connection> made = co_await connect_to(server);
            co_return std::move(made);
        } catch (const connect_failed& failed) {
            problems += (problems.empty() ? "" : "; ") + std::string(failed.what());
        } catch (const timed_out&) {
            problems += (problems.empty() ? "" : "; ") + describe(server) + ": no answer in time";
            last = std::current_exception();
        }
        io::task& self = co_await io::this_task();
        if (last && clock::now() >= self.deadline()) std::rethrow_exception(last);
    }
    throw connect_failed("cannot connect to " + description() + ": " + problems);
}

io::op<std::unique_ptr<connection>> postgres_connector::connect_to(const server_address& server) const {
    io::task& self = co_await io::this_task();
    const io::deadline_scope in_time(self, deadline_after(clock::now(), where_->connect_timeout));
    secured_stream stream = co_await open_stream(*where_, server);
    auto options = make_login_options(*where_, stream);
    const connection_limits limits{where_->statement_cache_size, where_->message_limit};
    auto made = co_await log_in(std::move(stream.stream), std::move(options), limits);
    made->cancel_through(where_, server);
    co_return std::move(made);
}

void check_text(const std::string& text, const std::string& what) {
    if (text.find('\0') != std::string::npos) throw configuration_error(what + " holds a NUL byte");
}

void check(const settings& where) {
    if (where.servers.empty()) throw configuration_error("no server is named");
    if (where.user.empty()) throw configuration_error("no user is named");
    for (const server_address& server : where.servers) {
        if (server.host.empty()) throw configuration_error("a server has no host");
        if (server.port == 0) throw configuration_error("port 0 is not a port to connect to");
        check_text(server.host, "host");
    }
    check_text(where.user, "user");
    if (where.password) check_text(*where.password, "password");
    check_text(where.database, "database");
    check_text(where.application_name, "application_name");
    check_text(where.options, "options");
    for (const auto& [name, value] : where.parameters) {
        if (name.empty()) throw configuration_error("a run-time setting has no name");
        check_text(name, "the name of a run-time setting");
        check_text(value, name);
        if (name == "client_encoding") throw configuration_error("client_encoding is UTF8 and cannot be set");
        if (name == "user" || name == "database" || name == "replication" || name.starts_with("_pq_."))
            throw configuration_error("\"" + name + "\" is not a run-time setting");
    }
}

} // namespace

std::unique_ptr<connector> make_connector(settings where) {
    check(where);
    return std::make_unique<postgres_connector>(std::move(where));
}

} // namespace wharf::postgres
