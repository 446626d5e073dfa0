// Passwords by host, port, database and user. Source: PostgreSQL documentation, 34.16 (the password file).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace wharf::postgres {

struct password_question {
    std::string path{};
    std::string host{}; ///< a name, an address or the directory of a Unix socket
    std::uint16_t port{0};
    std::string database{};
    std::string user{};
};

struct password_answer {
    std::optional<std::string> password{}; ///< of the first line that fits
    std::string problem{};                 ///< why the file was passed over, for messages; empty: it was not
};

/// No file is no problem; one that others may read is not looked into.
[[nodiscard]] password_answer look_up_password(const password_question& question);

} // namespace wharf::postgres
