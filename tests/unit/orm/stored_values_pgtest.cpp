// For every pair of column type and member type of docs/types.md: what was read is known again, and what was written is
// what the database has made of it.
#include "unit/orm/stored_values.hpp"

#include <chrono>
#include <cstddef>
#include <limits>
#include <vector>

namespace {

using namespace stored;
using namespace std::chrono_literals;

wharf::decimal number(const char* text) {
    return wharf::decimal::parse(text).value();
}
wharf::timestamptz moment(std::int64_t microseconds) {
    return wharf::timestamptz(std::chrono::microseconds(microseconds));
}
std::vector<std::byte> bytes(std::size_t count) {
    return std::vector<std::byte>(count, std::byte{7});
}
wharf::uuid identifier(const char* text) {
    return wharf::uuid::parse(text).value();
}

using on_postgres = stored_values<wharf::test::on_postgres>;
using on_sqlite = stored_values<wharf::test::on_sqlite>;

TEST_F(on_postgres, numbers) {
    goes_through<bool>("boolean", "true", false, true);
    goes_through<std::int16_t>("smallint", "7", 8, 9);
    goes_through<std::int64_t>("smallint", "7", 8, 9);
    goes_through<std::int32_t>("integer", "7", 8, 9);
    goes_through<std::int64_t>("bigint", "7", 8, 9);
    goes_through<std::uint32_t>("integer", "7", 8, 9);
    goes_through<std::int64_t>("numeric(10,2)", "7.00", 8, 9);
    goes_through<float>("real", "0.1", 0.2F, -0.0F);
    goes_through<double>("real", "0.1", 0.2, 0.3);
    goes_through<double>("double precision", "0.1", 0.2, std::numeric_limits<double>::quiet_NaN());
    goes_through<double>("numeric", "12345678901234567890.123456789", 0.30000000000000004, 1e20);
    goes_through<double>("numeric(10,2)", "1.50", 1.005, 2.5);
    goes_through<float>("numeric(10,2)", "1.50", 1.005F, 2.5F);
    goes_through<wharf::decimal>("numeric(10,2)", "1.5", number("1.005"), number("2"));
    goes_through<wharf::decimal>("numeric", "1.50", number("1.5"), number("1.500"));
    goes_through<std::string>("numeric(10,2)", "1.5", "1.005", "2");
    goes_through<wharf::money>("money", "'1.25'", wharf::money{200}, wharf::money{300});
    goes_through<std::uint32_t>("oid", "7", 8, 9);
}

TEST_F(on_postgres, text_and_bytes) {
    goes_through<std::string>("text", "'a'", "b", std::string(3000, 'c'));
    goes_through<std::string>("varchar(5)", "'a'", "b", "c   ");
    goes_through<std::string>("char(5)", "'a'", "b", "c ");
    goes_through<std::string>("char(2000)", "'a'", "b", "c ");
    goes_through<std::string>("name", "'a'", "b", "c");
    goes_through<char>("\"char\"", "'a'", 'b', 'c');
    goes_through<wharf::json>("json", R"('{"a": 1,  "b":2}')", wharf::json("[1,  2]"), wharf::json("3"));
    goes_through<wharf::json>("jsonb", R"('{"a": 1,  "b":2}')", wharf::json("[1,  2]"), wharf::json("3"));
    goes_through<std::string>("json", R"('{"a": 1,  "b":2}')", "[1,  2]", "\"" + std::string(3000, 'c') + "\"");
    goes_through<std::string>("jsonb", R"('{"a": 1,  "b":2}')", "[1,  2]", "\"" + std::string(3000, 'c') + "\"");
    goes_through<std::vector<std::byte>>("bytea", "'\\x0102'", bytes(3), bytes(3000));
    goes_through<wharf::uuid>("uuid", "gen_random_uuid()", identifier("00000000-0000-0000-0000-000000000001"),
                              identifier("00000000-0000-0000-0000-0000000000ff"));
    goes_through<wharf::bit_string>("varbit", "B'101'", wharf::bit_string::parse("11").value(),
                                    wharf::bit_string::parse("").value());
    goes_through<std::optional<std::string>>("text", "NULL", "b", std::nullopt);
}

TEST_F(on_postgres, times) {
    goes_through<wharf::timestamptz>("timestamptz", "'2024-02-29 12:00:00.123456Z'", moment(1), moment(1'234'567));
    goes_through<wharf::timestamptz>("timestamptz(0)", "'2024-02-29 12:00:00.5Z'", moment(500'001), moment(1'234'567));
    goes_through<wharf::timestamp>("timestamp(3)", "'2024-02-29 12:00:00.5'",
                                   wharf::timestamp(std::chrono::microseconds(1'234'567)), wharf::timestamp(1us));
    goes_through<wharf::date>("date", "'2024-02-29'", wharf::date(std::chrono::days(1)),
                              wharf::date(std::chrono::days(2)));
    goes_through<wharf::unbounded<wharf::date>>("date", "'infinity'", wharf::date(std::chrono::days(1)),
                                                wharf::date(std::chrono::days(2)));
    goes_through<wharf::time_of_day>("time(0)", "'24:00'", wharf::time_of_day{1h}, wharf::time_of_day{1500ms});
    goes_through<wharf::timetz>("timetz", "'12:00+02'", wharf::timetz{1h, 3600s}, wharf::timetz{2h, 0s});
    goes_through<wharf::interval>("interval", "'1 mon'", wharf::interval{0, 30, 0}, wharf::interval{1, 0, 0});
    goes_through<std::chrono::milliseconds>("interval", "'00:00:01.5'", 2500ms, 3ms);
    goes_through<std::chrono::seconds>("time", "'00:00:10'", 20s, 30s);
    goes_through<std::string>("interval", "'1 mon 2 days 03:00'", "30 days", "1 mon");
}

TEST_F(on_postgres, arrays_and_ranges) {
    goes_through<std::vector<std::int32_t>>("integer[]", "'{1,2}'", {3}, {});
    goes_through<std::vector<std::int32_t>>("integer[]", "'[0:1]={1,2}'", {3}, {4, 5});
    goes_through<std::vector<std::optional<std::string>>>("text[]", "'{a,NULL}'", {std::nullopt, "b"}, {"c"});
    goes_through<std::vector<std::string>>("varchar(3)[]", "'{a,b}'", {"c"}, {"d  "});
    goes_through<std::vector<wharf::decimal>>("numeric(5,1)[]", "'{1.0,2}'", {number("1.25")}, {number("3")});
    goes_through<wharf::range<std::int32_t>>("int4range", "'(1,5]'", wharf::range<std::int32_t>(1, 3),
                                             wharf::range<std::int32_t>());
    goes_through<wharf::range<wharf::decimal>>("numrange", "'(1.0,5]'",
                                               wharf::range<wharf::decimal>(number("1"), number("2.50")),
                                               wharf::range<wharf::decimal>());
}

TEST_F(on_postgres, networks_and_geometry) {
    goes_through<wharf::inet>("inet", "'10.0.0.1/8'", wharf::inet::parse("10.0.0.2").value(),
                              wharf::inet::parse("::1").value());
    goes_through<std::string>("inet", "'10.0.0.1/8'", "10.0.0.2", "::1");
    goes_through<wharf::macaddr>("macaddr", "'08:00:2b:01:02:03'", wharf::macaddr::parse("08:00:2b:01:02:04").value(),
                                 wharf::macaddr::parse("08:00:2b:01:02:05").value());
    goes_through<wharf::geometry::point>("point", "'(1,2)'", {3, 4}, {5, 6});
    goes_through<wharf::geometry::box>("box", "'(1,1),(0,0)'", {{2, 1}, {1, 0}}, {{3, 3}, {2, 2}});
    goes_through<wharf::geometry::circle>("circle", "'<(1,1),2>'", {{1, 1}, 3}, {{2, 2}, 3});
    goes_through<std::string>("tsvector", "'a b'", "'c'", "'d':1");
    goes_through<std::string>("regclass", "'pg_class'", "pg_type", "pg_proc");
}

TEST_F(on_postgres, types_of_the_database) {
    run("CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')");
    run("CREATE DOMAIN label AS varchar(10)");
    run("CREATE DOMAIN price AS numeric(10,2)");
    run("CREATE EXTENSION citext");
    goes_through<std::string>("mood", "'sad'", "ok", "happy");
    goes_through<std::string>("label", "'sad'", "ok", "happy");
    goes_through<double>("price", "1.5", 1.005, 2.5);
    goes_through<std::string>("citext", "'sad'", "SAD", "sad");
    goes_through<std::vector<std::string>>("mood[]", "'{sad}'", {"ok"}, {"happy", "sad"});
}

TEST_F(on_postgres, value_that_a_trigger_changes_is_taken_over) {
    run("CREATE FUNCTION lower_value() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN new.value := lower(new.value); RETURN new; END $$");
    run("CREATE TABLE holders (id bigint PRIMARY KEY, value text, other bigint NOT NULL)");
    run("CREATE TRIGGER lowering BEFORE INSERT OR UPDATE ON holders FOR EACH ROW EXECUTE FUNCTION lower_value()");
    wharf::session session(*engine_);
    auto one = session.add(Holder<std::string>{.id = 1, .value = "ONE"});
    session.commit();
    EXPECT_EQ(one->value, "one");
    one->value = "Two";
    session.commit();
    EXPECT_EQ(one->value, "two");
    one->other = 1;
    session.commit();
    EXPECT_FALSE(session.is_modified());
}

TEST_F(on_postgres, number_is_what_the_database_rounded_it_to) {
    run("CREATE TABLE holders (id bigint PRIMARY KEY, value numeric(10,2), other bigint NOT NULL)");
    wharf::session session(*engine_);
    auto one = session.add(Holder<double>{.id = 1, .value = 1.005});
    session.commit();
    EXPECT_EQ(one->value, 1.01);
    one->value = 0.1 + 0.2;
    session.commit();
    EXPECT_EQ(one->value, 0.3);
}

TEST_F(on_sqlite, values_of_every_storage_class) {
    goes_through<bool>("INTEGER", "1", false, true);
    goes_through<std::int64_t>("INTEGER", "7", 8, 9);
    goes_through<double>("REAL", "0.1", 0.2, 5.0);
    goes_through<double>("NUMERIC", "5", 0.2, 5.0);
    goes_through<float>("REAL", "0.5", 0.1F, 5.0F);
    goes_through<std::string>("TEXT", "'a'", "b", std::string(3000, 'c'));
    goes_through<std::string>("TEXT COLLATE NOCASE", "'a'", "A", "b");
    goes_through<std::vector<std::byte>>("BLOB", "x'0102'", bytes(3), bytes(0));
    goes_through<wharf::uuid>("TEXT", "'00000000-0000-0000-0000-00000000000A'",
                              identifier("00000000-0000-0000-0000-000000000001"),
                              identifier("00000000-0000-0000-0000-0000000000ff"));
    goes_through<wharf::timestamptz>("TEXT", "'2024-02-29T12:00:00+02:00'", moment(1), moment(1'234'567));
    goes_through<wharf::date>("TEXT", "'2024-02-29'", wharf::date(std::chrono::days(1)),
                              wharf::date(std::chrono::days(2)));
    goes_through<wharf::json>("TEXT", R"('{"a": 1,  "b":2}')", wharf::json("[1,  2]"), wharf::json("[3]"));
    goes_through<std::vector<std::int32_t>>("TEXT", "'[1, 2]'", {3}, {});
    goes_through<std::vector<double>>("BLOB", "x''", {0.1, 0.2}, {});
    goes_through<std::optional<std::string>>("TEXT", "NULL", "b", std::nullopt);
}

} // namespace
