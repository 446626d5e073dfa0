// What libpq takes from the process that it runs in.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace wharf::postgres {

/// A copy: what changes later in the process changes nothing here. An empty one stands for no surroundings at all.
struct environment {
    std::map<std::string, std::string, std::less<>> variables{}; ///< PGHOST, PGSSLMODE, ...
    std::string user{};                                          ///< of the operating system; empty: it has no name
    std::string home{};                                          ///< for .pgpass and .pg_service.conf; empty: none

    /// The variables that libpq knows, the effective user, and HOME or else the user's home directory.
    [[nodiscard]] static environment of_process();

    [[nodiscard]] std::optional<std::string> variable(std::string_view name) const;
};

} // namespace wharf::postgres
