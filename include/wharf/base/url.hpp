// Database URLs and connection strings: which backend, where, as whom, and with which settings.
//
//   postgresql://user:password@host:5432/database?sslmode=verify-full&application_name=shop    (postgres:// as well)
//   postgresql:///database?host=/var/run/postgresql           a directory of Unix sockets; postgresql://%2Ftmp/database
//   postgresql://[::1]:5432,second.example/database           several hosts
//   host=db.example port=5432 dbname='my shop'                libpq's keywords and values
//   sqlite:///file.db   sqlite:////var/lib/file.db   sqlite://                  relative, absolute, in memory
//
// Source: PostgreSQL documentation, 34.1.1 (connection strings); for SQLite, SQLAlchemy's URLs.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wharf {

/// A host name, an address, or the directory of a Unix socket ("@..." in the abstract namespace).
struct database_host {
    std::string name{};    ///< empty: not given
    std::uint16_t port{0}; ///< 0: not given
    std::string address{}; ///< hostaddr: where to connect to instead of looking up the name; empty: not given

    [[nodiscard]] bool is_unix_socket() const noexcept {
        return address.empty() && (name.starts_with('/') || name.starts_with('@'));
    }
    bool operator==(const database_host&) const = default;
};

/// A URL or connection string that has been taken apart. It holds what was written, and nothing of the surroundings:
/// postgres::settings_from() adds the service file, the environment and the defaults.
class database_url {
public:
    /// Throws configuration_error that says what is wrong and where (in characters from 1). Neither the password nor
    /// anything that might be a part of one is in the message.
    explicit(false) database_url(std::string_view text);
    explicit(false) database_url(const char* text) : database_url(std::string_view(text)) {}
    explicit(false) database_url(const std::string& text) : database_url(std::string_view(text)) {}

    /// "postgresql" (also for postgres:// and for keywords and values), "sqlite", or one that wharf does not know, of
    /// which nothing else is kept.
    [[nodiscard]] const std::string& scheme() const noexcept { return scheme_; }
    /// As host, hostaddr and port together say. Throws configuration_error where their numbers do not agree.
    [[nodiscard]] std::vector<database_host> hosts() const;
    /// Empty: not given.
    [[nodiscard]] std::string user() const { return value_of("user"); }
    [[nodiscard]] std::optional<std::string> password() const;
    /// PostgreSQL: the database's name, empty: not given. SQLite: the file's path, empty: in memory.
    [[nodiscard]] std::string database() const { return value_of("dbname"); }
    /// What was written for one of libpq's keywords ("host", "dbname", "sslmode"), wherever in a URL it stood.
    [[nodiscard]] std::optional<std::string_view> parameter(std::string_view name) const noexcept;
    /// All of them, the password among them.
    [[nodiscard]] std::span<const std::pair<std::string, std::string>> parameters() const noexcept {
        return parameters_;
    }
    void set_parameter(std::string_view name, std::string value);

    /// For messages: "postgresql://user@host:5432/database", "sqlite:///file.db". Never a password or a setting.
    [[nodiscard]] std::string description() const;

private:
    void parse_postgres(std::string_view text, std::size_t at);
    void parse_sqlite(std::string_view text, std::size_t at);
    void parse_keywords(std::string_view text);
    bool take_keyword(std::string_view name, std::string value);
    void check_postgres() const;
    [[nodiscard]] std::string value_of(std::string_view name) const;

    std::string scheme_{};
    std::vector<std::pair<std::string, std::string>> parameters_{};
};

} // namespace wharf
