// Connections to a SQLite file that lives as long as a test.
#pragma once

#include "wharf/base/database_error.hpp"
#include "wharf/io/blocking.hpp"
#include "wharf/row/codecs.hpp"
#include "wharf/row/encode.hpp"
#include "wharf/row/rows.hpp"
#include "wharf/sqlite/connector.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

namespace wharf::testing {

class sqlite_file : public ::testing::Test {
protected:
    sqlite_file() {
        std::string pattern = (std::filesystem::temp_directory_path() / "wharf_XXXXXX").string();
        directory_ = ::mkdtemp(pattern.data());
    }
    ~sqlite_file() override { std::filesystem::remove_all(directory_); }

    [[nodiscard]] std::string path() const { return (directory_ / "test.db").string(); }
    [[nodiscard]] std::string url(std::string_view parameters = "") const {
        return "sqlite:///" + path() + std::string(parameters);
    }
    [[nodiscard]] std::shared_ptr<connector> make(std::string_view parameters = "") const {
        return sqlite::make_connector(url(parameters));
    }

private:
    std::filesystem::path directory_;
};

inline std::unique_ptr<driver> open(connector& to) {
    return io::run(to.connect());
}

inline batch_item item(std::string_view sql, const parameters* values = nullptr, result* rows = nullptr) {
    batch_item made;
    made.sql = sql;
    made.values = values;
    made.rows = rows;
    return made;
}

inline batch_item utility(std::string_view sql) {
    auto made = item(sql);
    made.utility = true;
    return made;
}

inline batch_item end(batch_item made) {
    made.end_of_group = true;
    return made;
}

inline void run(driver& on, std::vector<batch_item>& items) {
    io::run(on.run(items));
}

/// Runs one statement; throws its error.
template <class... T>
result execute(driver& on, std::string_view sql, const T&... values) {
    parameters encoded;
    encode_parameters(encoded, values...);
    result rows;
    auto only = item(sql, &encoded, &rows);
    io::run(on.run({&only, 1}));
    if (only.error) std::rethrow_exception(only.error);
    return rows;
}

/// The value in the one row and column that a statement returns.
template <class T, class... V>
T value_of(driver& on, std::string_view sql, const V&... values) {
    return rows<T>(execute(on, sql, values...)).one();
}

/// The error of a statement; its SQLSTATE is "none" where there is none.
template <class... T>
database_error error_of(driver& on, std::string_view sql, const T&... values) {
    try {
        execute(on, sql, values...);
    } catch (const database_error& error) {
        return error;
    }
    diagnostic none;
    none.sqlstate = "none";
    return database_error(none);
}

inline std::string sqlstate_of(const std::exception_ptr& error) {
    if (!error) return "none";
    try {
        std::rethrow_exception(error);
    } catch (const database_error& known) {
        return std::string(known.sqlstate());
    }
}

} // namespace wharf::testing
