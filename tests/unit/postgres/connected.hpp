// A connection of the driver to the test server, and short ways to use it.
#pragma once

#include "support/postgres_server.hpp"
#include "wharf/connection/driver.hpp"
#include "wharf/io/blocking.hpp"
#include "wharf/postgres/connector.hpp"
#include "wharf/row/codecs.hpp"
#include "wharf/row/encode.hpp"
#include "wharf/row/rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace wharf::postgres {

// To a database on its server, or through a pooler in front of it.

[[nodiscard]] inline settings socket_settings(const test::database& database,
                                              const support::postgres_address& through) {
    settings where;
    where.servers = {{through.socket_directory, static_cast<std::uint16_t>(std::stoi(through.port))}};
    where.user = through.user;
    where.database = database.name();
    return where;
}

[[nodiscard]] inline settings tcp_settings(const test::database& database, const support::postgres_address& through) {
    settings where = socket_settings(database, through);
    where.servers[0].host = "127.0.0.1";
    where.password = through.password;
    where.sslmode = ssl_mode::disable;
    return where;
}

[[nodiscard]] inline settings tls_settings(const test::database& database, const support::postgres_address& through) {
    settings where = tcp_settings(database, through);
    where.sslmode = ssl_mode::verify_full;
    where.root_certificate = through.ca_path;
    return where;
}

[[nodiscard]] inline settings socket_settings(const test::database& database) {
    return socket_settings(database, database.server());
}
[[nodiscard]] inline settings tcp_settings(const test::database& database) {
    return tcp_settings(database, database.server());
}
[[nodiscard]] inline settings tls_settings(const test::database& database) {
    return tls_settings(database, database.server());
}

[[nodiscard]] inline std::unique_ptr<driver> connect(settings where) {
    const auto to = make_connector(std::move(where));
    return io::run(to->connect(), call_options(std::chrono::seconds(20)));
}

/// A statement with what it needs and what it yields.
struct statement_run {
    template <class... T>
    explicit statement_run(std::string text, const T&... values) : sql(std::move(text)) {
        encode_parameters(given, values...);
        item.values = &given;
        item.rows = &rows;
    }
    statement_run(statement_run&&) = delete;
    [[nodiscard]] batch_item& as_item() {
        item.sql = sql;
        return item;
    }

    std::string sql;
    parameters given{};
    result rows{};
    batch_item item{};
};

[[nodiscard]] inline batch_item utility(std::string_view sql, bool end_of_group = false) {
    batch_item item;
    item.sql = sql;
    item.utility = true;
    item.end_of_group = end_of_group;
    return item;
}

inline void run(driver& on, std::span<batch_item> items) {
    io::run(on.run(items), call_options(std::chrono::seconds(60)));
}

/// Runs one statement and throws its error.
inline void run(driver& on, statement_run& what) {
    run(on, std::span(&what.as_item(), 1));
    if (what.item.error) std::rethrow_exception(what.item.error);
}

template <class... T, class... Values>
[[nodiscard]] rows<T...> query(driver& on, std::string sql, const Values&... values) {
    statement_run what(std::move(sql), values...);
    run(on, what);
    return rows<T...>(what.rows);
}

template <class... Values>
std::uint64_t execute(driver& on, std::string sql, const Values&... values) {
    statement_run what(std::move(sql), values...);
    run(on, what);
    return what.item.affected;
}

class connected_pgtest : public testing::Test {
protected:
    test::database database_;
    std::unique_ptr<driver> connection_ = connect(socket_settings(database_));
};

} // namespace wharf::postgres
