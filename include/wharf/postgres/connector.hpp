// Connecting to PostgreSQL.
#pragma once

#include "wharf/connection/driver.hpp"
#include "wharf/postgres/settings.hpp"

#include <memory>

namespace wharf::postgres {

/// Throws configuration_error for settings that cannot work: no server, no user, NUL in a text.
[[nodiscard]] std::unique_ptr<connector> make_connector(settings where);

} // namespace wharf::postgres
