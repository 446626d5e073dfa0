// Whether settings can work.
#pragma once

#include "wharf/postgres/settings.hpp"

namespace wharf::postgres {

/// Throws configuration_error for settings of TLS and login that contradict each other, or that have no meaning.
void check_security(const settings& where);

} // namespace wharf::postgres
