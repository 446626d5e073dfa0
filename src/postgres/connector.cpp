#include "wharf/postgres/connector.hpp"

#include "io/fair_share.hpp"
#include "postgres/check_security.hpp"
#include "postgres/connect.hpp"
#include "postgres/session_check.hpp"
#include "postgres/try_order.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/waits.hpp"

#include <algorithm>
#include <exception>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace wharf::postgres {
namespace {

std::string describe(const server_address& server) {
    if (server.is_unix_socket()) return server.host + "/.s.PGSQL." + std::to_string(server.port);
    const bool ipv6 = server.host.find(':') != std::string::npos;
    return (ipv6 ? "[" + server.host + "]" : server.host) + ":" + std::to_string(server.port);
}

class postgres_connector final : public connector {
public:
    explicit postgres_connector(settings where) : where_(share(std::move(where))) {
        known_.resize(where_->servers.size());
    }

    [[nodiscard]] io::op<std::unique_ptr<driver>> connect() override;
    [[nodiscard]] backend kind() const noexcept override { return backend::postgres; }
    [[nodiscard]] std::string description() const override {
        std::string text = "postgresql://" + where_->user + "@";
        for (const server_address& server : where_->servers)
            text += (&server == where_->servers.data() ? "" : ",") + describe(server);
        return text + "/" + (where_->database.empty() ? where_->user : where_->database);
    }

private:
    struct failures;
    /// What has been learned of a server. Apart for each, which may have another password, and need be no copy of the
    /// others.
    struct known_server {
        std::shared_ptr<login_memory> logins = std::make_shared<login_memory>();    // shared with logins under way
        std::shared_ptr<type_catalogue> types = std::make_shared<type_catalogue>(); // shared with the connections
    };

    [[nodiscard]] io::op<std::unique_ptr<connection>> connect_to_one_of(const std::vector<std::size_t>& order,
                                                                        session_target target, failures& seen) const;
    [[nodiscard]] io::op<std::unique_ptr<connection>> connect_to(const server_address& server,
                                                                 session_target target) const;

    std::shared_ptr<const settings> where_; // shared with its connections, which may outlive it
    std::vector<known_server> known_{};     // by server
};

// A server that is there and works, but is not of the kind that was asked for.
class unfit_server : public connect_failed {
public:
    using connect_failed::connect_failed;
};

// Why no server was the one.
struct postgres_connector::failures {
    std::string problems{};
    std::vector<std::size_t> unfit{};
    bool may_pass{false}; // waiting may mend one of them

    void add(std::string_view problem) { problems.append(problems.empty() ? "" : "; ").append(problem); }
};

io::op<std::unique_ptr<driver>> postgres_connector::connect() {
    const auto order = try_order(where_->servers.size(), where_->load_balance_hosts, std::random_device()());
    failures seen;
    auto made = co_await connect_to_one_of(order, where_->target_session_attrs, seen);
    if (!made && where_->target_session_attrs == session_target::prefer_standby && !seen.unfit.empty()) {
        const auto second_choice = std::exchange(seen.unfit, {});
        made = co_await connect_to_one_of(second_choice, session_target::any, seen);
    }
    const std::string problem = "cannot connect to " + description() + ": " + seen.problems;
    if (!made && !seen.may_pass) throw configuration_error(problem);
    if (!made) throw connect_failed(problem);
    co_return std::move(made);
}

// Only what another server may do better leads to the next one: a login that was refused does not.
io::op<std::unique_ptr<connection>> postgres_connector::connect_to_one_of(const std::vector<std::size_t>& order,
                                                                          session_target target, failures& seen) const {
    io::task& self = co_await io::this_task();
    for (std::size_t i = 0; i < order.size(); ++i) {
        const server_address& server = where_->servers[order[i]];
        std::exception_ptr late;
        try {
            // A server that does not answer must not use up the time of the others, or of their second chance.
            const auto now = clock::now();
            const std::size_t second_chance = target == session_target::prefer_standby ? 1 : 0;
            const auto share = io::fair_share(now, self.deadline(), order.size() - i + second_chance);
            const io::deadline_scope in_time(self, std::min(share, deadline_after(now, where_->connect_timeout)));
            std::unique_ptr<connection> made = co_await connect_to(server, target);
            co_return std::move(made);
        } catch (const unfit_server& passed_over) {
            seen.add(passed_over.what());
            seen.unfit.push_back(order[i]);
            seen.may_pass = true;
        } catch (const connect_failed& failed) {
            seen.add(failed.what());
            seen.may_pass = seen.may_pass || failed.is_transient();
        } catch (const timed_out&) {
            seen.add(describe(server) + ": no answer in time");
            seen.may_pass = true;
            late = std::current_exception();
        }
        if (late && clock::now() >= self.deadline()) std::rethrow_exception(late);
    }
    co_return nullptr;
}

io::op<std::unique_ptr<connection>> postgres_connector::connect_to(const server_address& server,
                                                                   session_target target) const {
    const known_server& known = known_[static_cast<std::size_t>(&server - where_->servers.data())];
    auto made = co_await establish(where_, server, known.logins);
    made->share_types(known.types);
    const std::string_view misfit = co_await find_misfit(*made, target);
    made->expect(target);
    if (misfit.empty()) co_return std::move(made);
    std::string why = describe(server) + ": " + std::string(misfit);
    try {
        co_await made->close();
    } catch (const timed_out&) {
        why += ", and does not end the connection";
    }
    throw unfit_server(why);
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
        check_text(server.address, "hostaddr");
    }
    check_security(where);
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
