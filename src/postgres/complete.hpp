// What a connection string leaves to its surroundings.
#pragma once

#include "wharf/base/url.hpp"
#include "wharf/postgres/environment.hpp"

#include <functional>
#include <map>
#include <string>

namespace wharf::postgres {

/// For messages: where the value of a parameter is from, where that is not the connection string.
using origins = std::map<std::string, std::string, std::less<>>;

/// Adds what the service of the connection string says, and then what the environment says, for parameters that have
/// no value yet, as libpq does: an empty value is a value. Throws configuration_error.
[[nodiscard]] origins complete(database_url& given, const environment& around);

} // namespace wharf::postgres
