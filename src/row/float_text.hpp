// Floating-point numbers as PostgreSQL writes them: the shortest digits that give the same number back.
// Source: PostgreSQL, src/common/d2s.c and f2s.c.
#pragma once

#include <string>

namespace wharf::detail {

/// "0.1", "1e+20", "-Infinity", "NaN".
void append_float(std::string& out, double value);
void append_float(std::string& out, float value);

} // namespace wharf::detail
