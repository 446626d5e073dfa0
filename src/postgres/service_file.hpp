// Connection settings under a name, in files. Source: PostgreSQL documentation, 34.17 (the connection service file).
#pragma once

#include "wharf/postgres/environment.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace wharf::postgres {

struct service_value {
    std::string keyword{};
    std::string value{};
    std::string origin{}; ///< for messages: the file and the line
};

/// What the service of this name says, in the order of the file: PGSERVICEFILE or else ~/.pg_service.conf, then
/// pg_service.conf in PGSYSCONFDIR or else in Debian's /etc/postgresql-common. Throws configuration_error where no file
/// has it, and for a line that cannot be read, with the line's number and nothing of what it says.
[[nodiscard]] std::vector<service_value> read_service(std::string_view name, const environment& around);

} // namespace wharf::postgres
