// Text, decimals and lists are compared as PostgreSQL compares them.
#include "sqlite/pattern.hpp"
#include "sqlite/value_list.hpp"
#include "unit/sqlite/fixture.hpp"

#include <limits>
#include <random>

namespace wharf::testing {
namespace {

using ::testing::ElementsAre;
using namespace std::string_literals;

bool like(std::string_view text, std::string_view pattern) {
    return sqlite::matches(text, pattern, false);
}

TEST(sqlite_pattern, is_matched_as_postgresql_matches_it) {
    EXPECT_TRUE(like("", ""));
    EXPECT_TRUE(like("", "%%"));
    EXPECT_FALSE(like("", "_"));
    EXPECT_TRUE(like("abc", "a%"));
    EXPECT_FALSE(like("Abc", "a%")) << "case counts";
    EXPECT_TRUE(like("a%c", "a\\%c"));
    EXPECT_FALSE(like("abc", "a\\%c"));
    EXPECT_TRUE(like("a\\c", "a\\\\c"));
    EXPECT_FALSE(like("a\\", "a\\")) << "an escape of nothing";
    EXPECT_TRUE(like("mississippi", "%iss%ip%_i"));
    EXPECT_TRUE(like("x\u00e9y", "x_y")) << "a character, not a byte";
    EXPECT_FALSE(like("x\u00e9y", "x__y"));
    EXPECT_TRUE(like("\U0001F600", "_"));
    EXPECT_TRUE(like("\xff\xfe", "__")) << "bytes that are no character";
    EXPECT_TRUE(like("a\0b"s, "a%b"));
    EXPECT_FALSE(like("a\0b"s, "a"));
    EXPECT_FALSE(like("\u00e9", "\u00c9"));
    EXPECT_TRUE(sqlite::matches("STRASSE", "s%e", true));
    EXPECT_FALSE(sqlite::matches("\u00e9", "\u00c9", true)) << "ASCII only";
}

/// Straight from the definition.
bool by_definition(std::string_view text, std::string_view pattern) {
    if (pattern.empty()) return text.empty();
    if (pattern.front() == '%')
        return by_definition(text, pattern.substr(1)) || (!text.empty() && by_definition(text.substr(1), pattern));
    if (pattern.front() == '\\')
        pattern.remove_prefix(1);
    else if (pattern.front() == '_')
        return !text.empty() && by_definition(text.substr(1), pattern.substr(1));
    return !pattern.empty() && !text.empty() && text.front() == pattern.front() &&
           by_definition(text.substr(1), pattern.substr(1));
}

TEST(sqlite_pattern, random_ones_match_what_their_definition_says) {
    const auto seed = std::random_device()();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const auto any = [&](std::string_view letters, std::size_t most) {
        std::string made;
        for (auto length = random() % (most + 1); length > 0; --length)
            made += letters[random() % letters.size()];
        return made;
    };
    for (int i = 0; i < 20'000; ++i) {
        const auto text = any("aab%\\", 8);
        const auto pattern = any("ab%%_\\", 7);
        ASSERT_EQ(like(text, pattern), by_definition(text, pattern)) << text << " like " << pattern;
    }
}

class sqlite_comparison : public sqlite_file {
protected:
    std::vector<std::string> column(std::string_view sql) {
        std::vector<std::string> out;
        for (auto& each : rows<std::string>(execute(*driver_, sql)))
            out.push_back(each);
        return out;
    }
    /// Whether the list holds exactly these values, by SQLite's own comparison of values that were bound one by one.
    template <class T>
    void expect_the_same(const std::vector<T>& values) {
        parameters list;
        for (const auto& value : values)
            encode_parameter(list, value);
        const auto made = sqlite::list_of(std::span(&list, 1));
        execute(*driver_, "CREATE TABLE IF NOT EXISTS kept(at INTEGER PRIMARY KEY, v BLOB)");
        execute(*driver_, "DELETE FROM kept");
        for (const auto& value : values)
            execute(*driver_, "INSERT INTO kept(v) VALUES ($1)", value);
        const auto sql = "SELECT count(*) FROM kept JOIN (SELECT row_number() OVER () AS at, " + made.elements[0] +
                         " AS v FROM json_each($1)) given ON given.at = kept.at AND given.v IS kept.v AND "
                         "typeof(given.v) = typeof(kept.v)";
        EXPECT_EQ(value_of<std::size_t>(*driver_, sql, made.json), values.size()) << made.json;
    }
    std::shared_ptr<connector> connector_ = make();
    std::unique_ptr<driver> driver_ = open(*connector_);
};

TEST_F(sqlite_comparison, like_of_users_stays_as_it_is_and_null_is_null) {
    EXPECT_EQ(value_of<int>(*driver_, "SELECT 'A' LIKE 'a'"), 1);
    EXPECT_EQ(value_of<int>(*driver_, "SELECT wharf_like('A', 'a')"), 0);
    EXPECT_EQ(value_of<int>(*driver_, "SELECT wharf_ilike('A', 'a')"), 1);
    EXPECT_EQ(value_of<std::optional<int>>(*driver_, "SELECT wharf_like(NULL, 'a')"), std::nullopt);
}

TEST_F(sqlite_comparison, decimals_sort_by_value) {
    execute(*driver_, "CREATE TABLE t(p TEXT COLLATE wharf_decimal UNIQUE)");
    for (const char* const text : {"10", "9", "-1.5", "NaN", "1e2", "0.10", "Infinity", "none",
                                   "12345678901234567890.5", "12345678901234567890.4", "-Infinity"})
        execute(*driver_, "INSERT INTO t VALUES ($1)", decimal::parse(text) ? *decimal::parse(text) : decimal(7));
    EXPECT_THAT(column("SELECT p FROM t ORDER BY p"),
                ElementsAre("-Infinity", "-1.5", "0.10", "7", "9", "10", "100", "12345678901234567890.4",
                            "12345678901234567890.5", "Infinity", "NaN"));
    EXPECT_EQ(value_of<int>(*driver_, "SELECT count(*) FROM t WHERE p < $1", *decimal::parse("9.00")), 4);
    EXPECT_EQ(value_of<std::string>(*driver_, "SELECT p FROM t WHERE p = $1", *decimal::parse("0.1")), "0.10");
    EXPECT_THROW(execute(*driver_, "INSERT INTO t VALUES ($1)", *decimal::parse("9.0")), unique_violation);
}

TEST_F(sqlite_comparison, list_gives_every_value_as_binding_it_would) {
    expect_the_same<std::int64_t>(
        {0, -1, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()});
    expect_the_same<bool>({true, false});
    expect_the_same<double>({0.1, -0.0, 1e308, 5e-324, 3, std::numeric_limits<double>::infinity(), 1.0 / 3});
    expect_the_same<std::string>({"", "a", "\"\\\n\x01", "\u00e9\U0001F600", "12", "null"});
    expect_the_same<std::string>({"a\0b"s, "", "x"});
    expect_the_same<std::optional<std::string>>({std::nullopt, "x"});
    expect_the_same<std::vector<std::byte>>({{}, {std::byte{0}, std::byte{255}}});
    expect_the_same<decimal>({*decimal::parse("12345678901234567890.10"), decimal::nan()});
    expect_the_same<uuid>({uuid{}});
    expect_the_same<timestamptz>({timestamptz{std::chrono::microseconds(1'700'000'000'123'456)}});
}

TEST_F(sqlite_comparison, number_where_text_is_compared_is_refused) {
    execute(*driver_, "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, code VARCHAR(9), n NUMERIC)");
    execute(*driver_, "CREATE INDEX by_code ON t(code)");
    for (const char* const condition :
         {"name = $1", "$1 = name", "name <> $1", "name < $1", "code = $1", "code >= $1", "lower(name) = $1",
          "$1 = 'a'", "name || 'x' = $1", "name LIKE $1", "name IN ($1, 'a', 'b')", "code IN ($1, 'a', 'b')",
          "code BETWEEN $1 AND 'b'", "EXISTS (SELECT 1 FROM t AS u WHERE u.name = $1)"}) {
        const auto sql = "SELECT count(*) FROM t WHERE " + std::string(condition);
        EXPECT_THROW(value_of<int>(*driver_, sql, 5), conversion_error) << condition;
        EXPECT_THROW(value_of<int>(*driver_, sql, 5.5), conversion_error) << condition;
        EXPECT_EQ(value_of<int>(*driver_, sql, std::string("5")), 0) << condition;
    }
    EXPECT_THROW(execute(*driver_, "UPDATE t SET id = 1 WHERE name = $1", 5), conversion_error);
    EXPECT_THROW(execute(*driver_, "DELETE FROM t WHERE code = $1", true), conversion_error);
    try {
        execute(*driver_, "SELECT * FROM t WHERE id = $1 AND name = $2", 1, 2);
        FAIL();
    } catch (const conversion_error& error) {
        EXPECT_THAT(error.what(), ::testing::HasSubstr("parameter $2 is a number (int4)"));
    }
}

TEST_F(sqlite_comparison, number_elsewhere_is_taken) {
    execute(*driver_,
            "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT CHECK (name <> 'x'), n NUMERIC UNIQUE, w REAL)");
    execute(*driver_, "INSERT INTO t(id, n, w) VALUES ($1, $2, $3)", 1, 2, 3.5);
    for (const char* const condition :
         {"id = $1", "n < $1", "w > $1", "id IN ($1, 2, 3)", "n IN ($1, 7, 8)", "length(name) = $1", "id + $1 > 5",
          "CASE WHEN name = 'a' THEN 1 ELSE 2 END = $1", "name = 'a' OR id = $1", "instr('a', 'b') = $1",
          "CAST($1 AS TEXT) = name", "id BETWEEN $1 AND 9"}) {
        const auto sql = "SELECT count(*) FROM t WHERE " + std::string(condition);
        EXPECT_NO_THROW(value_of<int>(*driver_, sql, 5)) << condition;
    }
    EXPECT_NO_THROW(value_of<int>(*driver_, "SELECT count(*) FROM t LIMIT $1", 5));
}

TEST_F(sqlite_comparison, decimal_that_a_column_of_numbers_would_cut_is_refused) {
    execute(*driver_, "CREATE TABLE t(id INTEGER PRIMARY KEY, n DECIMAL(30, 10), s TEXT)");
    const auto many = *decimal::parse("12345678901234567890.5");
    const auto few = *decimal::parse("1234567890.12345");
    EXPECT_THROW(execute(*driver_, "INSERT INTO t(n) VALUES ($1)", many), conversion_error);
    execute(*driver_, "INSERT INTO t(n, s) VALUES ($1, $2)", few, many);
    EXPECT_THROW(execute(*driver_, "UPDATE t SET n = $1 WHERE id = 1", many), conversion_error);
    EXPECT_EQ(value_of<decimal>(*driver_, "SELECT n FROM t"), few);
    EXPECT_EQ(value_of<decimal>(*driver_, "SELECT s FROM t"), many);
    EXPECT_NO_THROW(execute(*driver_, "SELECT * FROM t WHERE n < $1", many));
}

TEST_F(sqlite_comparison, what_numeric_affinity_has_made_of_text_is_read_as_text) {
    execute(*driver_, "CREATE TABLE t(id INTEGER PRIMARY KEY, j JSON, n NUMERIC, i INTEGER)");
    execute(*driver_, "INSERT INTO t VALUES (1, $1, $2, 5), (2, $3, $4, 5)", json("12"), "12", json("1.5"), "1.5");
    EXPECT_EQ(value_of<json>(*driver_, "SELECT j FROM t WHERE id = 1").text(), "12");
    EXPECT_EQ(value_of<json>(*driver_, "SELECT j FROM t WHERE id = 2").text(), "1.5");
    EXPECT_EQ(value_of<std::string>(*driver_, "SELECT n FROM t WHERE id = 1"), "12");
    EXPECT_EQ(value_of<decimal>(*driver_, "SELECT n FROM t WHERE id = 2"), *decimal::parse("1.5"));
    EXPECT_EQ(value_of<int>(*driver_, "SELECT n FROM t WHERE id = 1"), 12);
    EXPECT_THROW(value_of<std::string>(*driver_, "SELECT i FROM t WHERE id = 1"), conversion_error);
    EXPECT_THROW(value_of<std::string>(*driver_, "SELECT 5"), conversion_error);
}

} // namespace
} // namespace wharf::testing
