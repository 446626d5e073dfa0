// What the cases have in common: a call as connections and sessions have it.
#pragma once

#include "wharf/connection/statement.hpp"

#include <string>
#include <string_view>

template <class... Arguments>
void query(wharf::statement_for<Arguments...> /*sql*/, const Arguments&... /*arguments*/) {}
