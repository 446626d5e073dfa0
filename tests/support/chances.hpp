// How often a test tries what is left to chance.
#pragma once

#include <cstdlib>
#include <string>

namespace wharf::test {

/// The number in the environment variable `name`, which long runs set; else `usual`.
[[nodiscard]] inline int chances(const char* name, int usual) {
    const char* given = std::getenv(name);
    return given == nullptr ? usual : std::stoi(given);
}

} // namespace wharf::test
