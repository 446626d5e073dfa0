#include "postgres/service_file.hpp"

#include "base/parameter_names.hpp"
#include "wharf/base/error.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <optional>

namespace wharf::postgres {
namespace {

constexpr std::string_view system_directory = "/etc/postgresql-common";

bool exists(const std::string& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0;
}

std::string_view trimmed(std::string_view line) {
    constexpr std::string_view spaces = " \t\n\v\f\r";
    const auto start = std::min(line.find_first_not_of(spaces), line.size());
    const auto last = line.find_last_not_of(spaces);
    return last == std::string_view::npos ? std::string_view() : line.substr(start, last + 1 - start);
}

service_value read_line(std::string_view line, const std::string& origin) {
    const auto refuse = [&origin](std::string_view what) {
        throw configuration_error(std::string(what) + " (" + origin + ")");
    };
    if (line.starts_with("ldap")) refuse("a service that is looked up by LDAP is not supported");
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) refuse("a line of a service is no keyword with \"=\" and a value");
    service_value read{std::string(line.substr(0, equals)), std::string(line.substr(equals + 1)), origin};
    const auto known = detail::postgres_parameters();
    if (read.keyword == "service") refuse("a service cannot refer to another service");
    if (std::ranges::find(known, read.keyword) == known.end())
        refuse("a service has " + detail::unknown_parameter(read.keyword, false, known));
    return read;
}

// Nothing: the file does not have this service.
std::optional<std::vector<service_value>> read_from(const std::string& path, std::string_view name) {
    std::ifstream file(path);
    if (!file) throw configuration_error("the service file \"" + path + "\" cannot be opened");
    std::optional<std::vector<service_value>> found;
    std::size_t number = 0;
    for (std::string text; std::getline(file, text);) {
        ++number;
        const auto line = trimmed(text);
        if (line.empty() || line.front() == '#') continue;
        if (line.front() == '[') {
            if (found) break;
            const auto rest = line.substr(1);
            if (rest.starts_with(name) && rest.substr(name.size()).starts_with(']')) found.emplace();
        } else if (found) {
            found->push_back(read_line(line, "line " + std::to_string(number) + " of " + path));
        }
    }
    return found;
}

} // namespace

std::vector<service_value> read_service(std::string_view name, const environment& around) {
    std::vector<std::string> paths;
    if (const auto path = around.variable("PGSERVICEFILE"))
        paths.push_back(*path);
    else if (const auto own = around.home + "/.pg_service.conf"; !around.home.empty() && exists(own))
        paths.push_back(own);
    const auto directory = around.variable("PGSYSCONFDIR").value_or(std::string(system_directory));
    if (const auto common = directory + "/pg_service.conf"; exists(common)) paths.push_back(common);
    for (const auto& path : paths)
        if (auto found = read_from(path, name)) return std::move(*found);
    throw configuration_error("no service file defines the service \"" + std::string(name) + '"');
}

} // namespace wharf::postgres
