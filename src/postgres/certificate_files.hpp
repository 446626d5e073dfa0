// Which files of certificates are used: those that are named, else those that lie in ~/.postgresql.
#pragma once

#include "wharf/postgres/settings.hpp"

#include <string>

namespace wharf::postgres {

/// Paths; empty: none, and for authorities the system's.
struct certificate_files {
    std::string authorities{};
    std::string revocations{};
    std::string revocation_directory{};
    std::string certificate{};
    std::string key{};
};

/// Looks at the file system for what is not named. Source: PostgreSQL documentation, 34.19.
[[nodiscard]] certificate_files find_certificate_files(const settings& where);

} // namespace wharf::postgres
