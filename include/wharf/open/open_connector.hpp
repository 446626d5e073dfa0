// From a URL to the driver that serves it.
#pragma once

#include "wharf/base/url.hpp"
#include "wharf/connection/driver.hpp"

#include <memory>

namespace wharf {

/// postgresql:// (or postgres://), libpq's keywords and values, and sqlite://. No I/O but a look at the environment and
/// the service file that it names. Throws configuration_error for other schemes and for settings that cannot work.
[[nodiscard]] std::shared_ptr<connector> open_connector(const database_url& url);

} // namespace wharf
