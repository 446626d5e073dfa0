// Database URLs: which backend, where, as whom, and with which settings.
//
//   postgresql://user:password@host:5432/database?sslmode=verify-full&application_name=shop    (postgres:// as well)
//   postgresql:///database?host=/var/run/postgresql           a directory of Unix sockets; postgresql://%2Ftmp/database
//   postgresql://[::1]:5432,second.example/database           several hosts, tried in order
//   sqlite:///file.db   sqlite:////var/lib/file.db   sqlite://                  relative, absolute, in memory
//
// Source: PostgreSQL documentation, 34.1.1.2 (connection URIs); for SQLite, SQLAlchemy's URLs.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wharf {

/// A host name, an address, or the directory of a Unix socket.
struct database_host {
    std::string name{};    ///< empty: not given
    std::uint16_t port{0}; ///< 0: not given

    [[nodiscard]] bool is_unix_socket() const noexcept { return !name.empty() && name.front() == '/'; }
    bool operator==(const database_host&) const = default;
};

/// A URL that has been taken apart and checked. It holds what was written; fill_defaults() adds what was left out.
class database_url {
public:
    /// Throws configuration_error that says what is wrong and where (in characters from 1). Neither the password nor
    /// any part of the URL that might be one is in the message.
    explicit(false) database_url(std::string_view text);
    explicit(false) database_url(const char* text) : database_url(std::string_view(text)) {}
    explicit(false) database_url(const std::string& text) : database_url(std::string_view(text)) {}

    /// "postgresql" (also for postgres://), "sqlite", or one that wharf does not know, of which nothing else is kept.
    [[nodiscard]] const std::string& scheme() const noexcept { return scheme_; }
    [[nodiscard]] std::span<const database_host> hosts() const noexcept { return hosts_; }
    /// Empty: not given.
    [[nodiscard]] const std::string& user() const noexcept { return user_; }
    [[nodiscard]] const std::optional<std::string>& password() const noexcept { return password_; }
    /// PostgreSQL: the database's name, empty: not given. SQLite: the file's path, empty: in memory.
    [[nodiscard]] const std::string& database() const noexcept { return database_; }
    /// A setting behind the "?". Those that have an own place here (user, password, host, port, dbname) are not kept.
    [[nodiscard]] std::optional<std::string_view> parameter(std::string_view name) const noexcept;
    [[nodiscard]] std::span<const std::pair<std::string, std::string>> parameters() const noexcept {
        return parameters_;
    }

    void set_hosts(std::vector<database_host> hosts) { hosts_ = std::move(hosts); }
    void set_user(std::string user) { user_ = std::move(user); }
    void set_password(std::string password) { password_ = std::move(password); }
    void set_database(std::string database) { database_ = std::move(database); }
    void set_parameter(std::string_view name, std::string value);

    /// For PostgreSQL, as libpq does: the user of the operating system, the database of the user's name, the socket in
    /// /var/run/postgresql or else localhost, port 5432. Throws configuration_error where the user has no name.
    void fill_defaults();
    /// For messages: "postgresql://user@host:5432/database", "sqlite:///file.db". Never a password or a parameter.
    [[nodiscard]] std::string description() const;

private:
    void parse_postgres(std::string_view text, std::size_t at);
    void parse_sqlite(std::string_view text, std::size_t at);
    void parse_parameters(std::string_view text, std::size_t at, std::span<const std::string_view> known);
    void take_postgres_parameters();
    [[nodiscard]] std::optional<std::string> take_parameter(std::string_view name);

    std::string scheme_{};
    std::vector<database_host> hosts_{};
    std::string user_{};
    std::optional<std::string> password_{};
    std::string database_{};
    std::vector<std::pair<std::string, std::string>> parameters_{};
};

} // namespace wharf
