// A table of people to copy to and from, and a connection to its database.
#pragma once

#include "support/postgres_server.hpp"
#include "wharf/pool/pool.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wharf::test {

struct person {
    std::int64_t id{};
    std::string name{};
    std::optional<std::string> email{};

    bool operator==(const person&) const = default;
};

class copy_pgtest : public testing::Test {
protected:
    copy_pgtest() {
        database.execute("CREATE TABLE people(id int8 PRIMARY KEY, name text NOT NULL, email varchar(40))");
    }
    [[nodiscard]] static std::vector<person> people(std::int64_t count) {
        std::vector<person> out;
        for (std::int64_t id = 1; id <= count; ++id)
            out.push_back({id, "name " + std::to_string(id),
                           id % 3 == 0 ? std::optional<std::string>(std::nullopt) : "e" + std::to_string(id)});
        return out;
    }
    [[nodiscard]] std::string value(std::string_view sql) const { return database.value(sql); }
    void expect_usable() { EXPECT_EQ(conn.query<int>("SELECT 1").one(), 1); }
    [[nodiscard]] std::uint64_t trips() { return conn.core().underlying().counters().round_trips; }

    test::database database;
    wharf::pool pool{database.url(), {.min_size = 1, .max_size = 1}};
    wharf::connection conn = pool.acquire();
};

} // namespace wharf::test
