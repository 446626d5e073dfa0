#include "support/servers.hpp"

#include "support/postgres_server.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <utility>
#include <vector>

namespace wharf::test::servers {
namespace {

const std::string scripts = WHARF_SERVERS_DIRECTORY;

// One that ctest has started for this test, or one for this process.
class server {
public:
    server(const std::string& name, std::vector<std::string> script) {
        const char* run = std::getenv("WHARF_TEST_SERVER");
        if (std::ifstream file(run == nullptr ? "" : run + ("." + name)); file) {
            std::ostringstream text;
            text << file.rdbuf();
            address_ = support::postgres_address::parse(text.str());
            return;
        }
        script.front() = scripts + "/" + script.front();
        own_ = std::make_unique<support::keeper>(std::move(script));
        address_ = support::postgres_address::parse(own_->description());
    }

    [[nodiscard]] const support::postgres_address& address() const noexcept { return address_; }

private:
    std::unique_ptr<support::keeper> own_;
    support::postgres_address address_;
};

// What stands behind a pooler has to be there first.
std::string server_of_the_run() {
    return postgres_server().socket_directory + "/address";
}

} // namespace

const support::postgres_address& postgres18() {
    static const server here("postgres18", {"serve_postgres18"});
    return here.address();
}

std::string postgres18_binaries() {
    const auto command = scripts + "/../../../scripts/install-postgres18";
    std::unique_ptr<FILE, int (*)(FILE*)> output(::popen(command.c_str(), "r"), ::pclose);
    std::array<char, 4096> line{};
    if (!output || std::fgets(line.data(), line.size(), output.get()) == nullptr)
        throw std::runtime_error("PostgreSQL 18 cannot be installed");
    const std::string installed = line.data();
    return installed.substr(0, installed.find('\n')) + "/bin";
}

const support::postgres_address& pgbouncer_session() {
    static const server here("pgbouncer_session", {"serve_pgbouncer", "session", server_of_the_run()});
    return here.address();
}

const support::postgres_address& pgbouncer_transaction() {
    static const server here("pgbouncer_transaction", {"serve_pgbouncer", "transaction", server_of_the_run()});
    return here.address();
}

const support::postgres_address& pgpool() {
    static const server here("pgpool", {"serve_pgpool", server_of_the_run()});
    return here.address();
}

} // namespace wharf::test::servers
