#include "wharf/postgres/environment.hpp"

#include "postgres/environment_variables.hpp"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace wharf::postgres {

std::optional<std::string> environment::variable(std::string_view name) const {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
}

environment environment::of_process() {
    environment found;
    const auto take = [&found](const char* name) {
        if (const char* value = std::getenv(name)) found.variables.emplace(name, value);
    };
    for (const auto& [keyword, variable] : environment_variables)
        take(variable);
    for (const char* name : other_variables)
        take(name);
    std::array<char, 4096> buffer{};
    passwd entry{};
    passwd* known = nullptr;
    if (::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &known) != 0) known = nullptr;
    if (known != nullptr) found.user = known->pw_name;
    if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0')
        found.home = home;
    else if (known != nullptr)
        found.home = known->pw_dir;
    return found;
}

} // namespace wharf::postgres
