#pragma once

#include "wharf/io/connect.hpp"
#include "wharf/io/descriptor.hpp"

namespace wharf::io {

/// Sets TCP_NODELAY and what `options` say. Throws configuration_error, which names the setting as libpq calls it.
void apply(const tcp_options& options, const descriptor& socket);

} // namespace wharf::io
