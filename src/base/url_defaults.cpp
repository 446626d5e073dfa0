#include "wharf/base/error.hpp"
#include "wharf/base/url.hpp"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

namespace wharf {
namespace {

constexpr std::uint16_t postgres_port = 5432;
constexpr const char* socket_directory = "/var/run/postgresql";

std::string name_of_system_user() {
    std::array<char, 4096> buffer{};
    passwd entry{};
    passwd* found = nullptr;
    if (::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr)
        throw configuration_error("the database URL names no user, and the system has no name for user id " +
                                  std::to_string(::geteuid()));
    return found->pw_name;
}

std::string default_host() {
    struct stat status{};
    const bool exists = ::stat(socket_directory, &status) == 0 && S_ISDIR(status.st_mode);
    return exists ? socket_directory : "localhost";
}

} // namespace

void database_url::fill_defaults() {
    if (scheme_ != "postgresql") return;
    if (user_.empty()) user_ = name_of_system_user();
    if (database_.empty()) database_ = user_;
    if (hosts_.empty()) hosts_.emplace_back();
    for (auto& host : hosts_) {
        if (host.name.empty()) host.name = default_host();
        if (host.port == 0) host.port = postgres_port;
    }
}

} // namespace wharf
