// Types that users and extensions have made, both ways and in binary, by statements with names and without.
#include "connected.hpp"

#include "wharf/base/database_error.hpp"

#include <map>
#include <optional>
#include <ostream>

namespace app {

enum class mood { sad, ok, happy };

struct address {
    std::string street{};
    std::optional<std::string> city{};
    std::int32_t number{};
    bool operator==(const address&) const = default;
};

struct person {
    std::string name{};
    mood feels{};
    std::optional<address> home{};
    std::vector<address> others{};
    bool operator==(const person&) const = default;
};

struct pair_of_text {
    std::string first{};
    std::string second{};
};

} // namespace app

template <>
struct wharf::codec<app::mood> : wharf::enum_codec<app::mood, "sad", "ok", "happy"> {};
template <>
struct wharf::codec<app::address> : wharf::composite_codec<app::address> {};
template <>
struct wharf::codec<app::person> : wharf::composite_codec<app::person> {};
template <>
struct wharf::codec<app::pair_of_text> : wharf::composite_codec<app::pair_of_text> {};

namespace wharf::postgres {
namespace {

using app::address;
using app::mood;
using app::person;
using testing::HasSubstr;

struct naming {
    const char* name;
    bool named;

    friend std::ostream& operator<<(std::ostream& out, const naming& how) { return out << how.name; }
};

class user_types_pgtest : public testing::TestWithParam<naming> {
protected:
    [[nodiscard]] settings where() const {
        settings made = socket_settings(database_);
        if (!GetParam().named) made.statement_cache_size = 0;
        return made;
    }
    template <class... T, class... Values>
    auto one(std::string sql, const Values&... values) {
        return query<T...>(*connection_, std::move(sql), values...).one();
    }
    /// What a call is refused with; empty when it is not.
    template <class... T, class... Values>
    std::string refusal(std::string sql, const Values&... values) {
        try {
            (void)query<T...>(*connection_, std::move(sql), values...);
        } catch (const error& refused) {
            return refused.what();
        }
        return {};
    }
    void sql(const std::string& text) { execute(*connection_, text); }
    /// How a column of these comes: the format of the first column of a statement.
    wire_format format_of(std::string text) {
        statement_run what(std::move(text));
        run(*connection_, what);
        return what.rows.shape().columns.front().format;
    }
    void make_address() {
        sql("CREATE SCHEMA app");
        sql("CREATE TYPE app.mood AS ENUM ('sad', 'ok', 'happy')");
        sql("CREATE DOMAIN app.house_number AS int4 CHECK (VALUE > 0)");
        sql("CREATE TYPE app.address AS (street text, city text, number app.house_number)");
        sql("CREATE TYPE app.person AS (name text, feels app.mood, home app.address, others app.address[])");
    }

    test::database database_;
    std::unique_ptr<driver> connection_ = connect(where());
};

TEST_P(user_types_pgtest, enum_comes_and_goes_in_binary) {
    make_address();
    EXPECT_EQ(one<mood>("SELECT 'happy'::app.mood"), mood::happy);
    EXPECT_EQ(one<std::string>("SELECT $1::app.mood::text", mood::ok), "ok");
    EXPECT_EQ(one<mood>("SELECT $1::app.mood", mood::sad), mood::sad);
    EXPECT_EQ(one<std::optional<mood>>("SELECT $1::app.mood", std::optional<mood>()), std::nullopt);
    EXPECT_EQ(format_of("SELECT 'happy'::app.mood"), wire_format::binary);
    EXPECT_EQ(one<mood>("SELECT 'happy'::text"), mood::happy);
}

TEST_P(user_types_pgtest, enum_with_an_unknown_label_is_refused_with_its_name) {
    make_address();
    sql("ALTER TYPE app.mood ADD VALUE 'grumpy'");
    EXPECT_EQ(refusal<mood>("SELECT 'grumpy'::app.mood AS feels"),
              "column \"feels\": the label \"grumpy\" of type app.mood is none of those that the C++ enum has "
              "(\"sad\", \"ok\", \"happy\")");
    EXPECT_THAT(refusal<mood>("SELECT $1::app.mood", static_cast<mood>(7)), HasSubstr("has none of its labels"));
}

TEST_P(user_types_pgtest, arrays_of_enums_come_and_go_in_binary) {
    make_address();
    using moods = std::vector<std::optional<mood>>;
    const moods all{mood::sad, std::nullopt, mood::happy};
    EXPECT_EQ(one<moods>("SELECT $1::app.mood[]", all), all);
    EXPECT_EQ(one<std::string>("SELECT $1::app.mood[]::text", all), "{sad,NULL,happy}");
    EXPECT_EQ(format_of("SELECT '{sad}'::app.mood[]"), wire_format::binary);
    EXPECT_EQ(one<std::vector<std::string>>("SELECT '{ok,sad}'::app.mood[]"), (std::vector<std::string>{"ok", "sad"}));
    EXPECT_EQ(one<moods>("SELECT '{}'::app.mood[]"), moods());
}

TEST_P(user_types_pgtest, composites_are_structs_with_structs_in_them) {
    make_address();
    const person ada{"Ada", mood::happy, address{"Main \"St\", (1)", std::nullopt, 5}, {{"a", "b", 1}, {"", "", 2}}};
    EXPECT_EQ(one<person>("SELECT $1::app.person", ada), ada);
    EXPECT_EQ(one<std::string>("SELECT ($1::app.person).home::text", ada), R"x(("Main ""St"", (1)",,5))x");
    EXPECT_EQ(one<std::int64_t>("SELECT count(*) FROM unnest(($1::app.person).others) o WHERE o.number < 3", ada), 2);
    const person nobody{"", mood::sad, std::nullopt, {}};
    EXPECT_EQ(one<person>("SELECT $1::app.person", nobody), nobody);
    EXPECT_EQ(one<std::optional<person>>("SELECT NULL::app.person"), std::nullopt);
}

TEST_P(user_types_pgtest, rows_of_tables_are_composites) {
    sql("CREATE TABLE places(street text, city text, number int4)");
    sql("INSERT INTO places VALUES ('a', NULL, 1), ('b', 'c', 2)");
    const auto found = query<address>(*connection_, "SELECT p FROM places p ORDER BY number").to_vector();
    EXPECT_EQ(found, (std::vector<address>{{"a", std::nullopt, 1}, {"b", "c", 2}}));
    EXPECT_EQ(one<address>("SELECT ROW('x'::text, 'y'::text, 3)"), (address{"x", "y", 3})) << "an anonymous record";
    EXPECT_EQ(one<std::vector<address>>("SELECT array_agg(p ORDER BY number) FROM places p"), found);
    execute(*connection_, "INSERT INTO places SELECT * FROM unnest($1::places[])", found);
    EXPECT_EQ(one<std::int64_t>("SELECT count(*) FROM places"), 4);
}

TEST_P(user_types_pgtest, struct_that_does_not_fit_a_composite_is_refused_with_both_lists) {
    make_address();
    EXPECT_EQ(refusal<app::pair_of_text>("SELECT ROW('a', 'b', 1)::app.address AS home"),
              "column \"home\": a value of type app.address has 3 members (\"street\", \"city\", \"number\") where the "
              "struct has 2 (\"first\", \"second\")");
    EXPECT_THAT(refusal<app::pair_of_text>("SELECT ROW('a'::text, 1) AS pair"),
                HasSubstr("column \"pair\": member \"second\": a value of type int4 cannot be read as"));
    EXPECT_EQ(refusal<int>("SELECT $1::app.address", app::pair_of_text{"a", "b"}),
              "parameter $1: app.address has 3 members, and a struct with 2 was given");
    sql("CREATE TYPE app.point AS (x text, y int4)");
    EXPECT_EQ(refusal<int>("SELECT $1::app.point", app::pair_of_text{"a", "b"}),
              "parameter $1: member \"y\" of app.point: it is of type int4, and text was given");
    EXPECT_EQ(refusal<int>("SELECT $1::int4", app::pair_of_text{}),
              "parameter $1: the statement wants int4, and record was given");
    EXPECT_EQ(refusal<int>("SELECT $1::app.address", 5),
              "parameter $1: the statement wants app.address, and int4 was given");
}

TEST_P(user_types_pgtest, members_of_composites_change_their_widths) {
    sql("CREATE TYPE counts AS (street varchar, city name, number int2)");
    EXPECT_EQ(one<std::string>("SELECT $1::counts::text", address{"s", "c", 7}), "(s,c,7)");
    EXPECT_EQ(one<address>("SELECT ROW('s', 'c', 7)::counts"), (address{"s", "c", 7}));
    EXPECT_EQ(refusal<int>("SELECT $1::counts", address{"s", "c", 70'000}),
              "parameter $1: member \"number\" of public.counts: this value of type int4 does not fit int2");
}

TEST_P(user_types_pgtest, domains_are_their_base_types) {
    make_address();
    sql("CREATE DOMAIN app.two_numbers AS app.house_number CHECK (VALUE < 100)");
    EXPECT_EQ(one<int>("SELECT $1::app.two_numbers", 7), 7);
    EXPECT_EQ(one<std::vector<int>>("SELECT ARRAY[1, 2]::app.two_numbers[]"), (std::vector<int>{1, 2}));
    EXPECT_EQ(one<std::vector<int>>("SELECT $1::app.two_numbers[]", std::vector<int>{3, 4}), (std::vector<int>{3, 4}));
    EXPECT_EQ(format_of("SELECT ARRAY[1]::app.two_numbers[]"), wire_format::binary);
    EXPECT_THROW((void)one<int>("SELECT $1::app.two_numbers", 700), check_violation);
    sql("CREATE DOMAIN app.feeling AS app.mood NOT NULL");
    EXPECT_EQ(one<mood>("SELECT $1::app.feeling", mood::ok), mood::ok);
    sql("CREATE DOMAIN app.place AS app.address");
    EXPECT_EQ(one<address>("SELECT $1::app.place", address{"s", "c", 1}), (address{"s", "c", 1}));
    sql("CREATE DOMAIN app.numbers AS int4[]");
    EXPECT_EQ(one<std::vector<int>>("SELECT $1::app.numbers", std::vector<int>{1}), (std::vector<int>{1}));
}

TEST_P(user_types_pgtest, ranges_over_user_types_are_read_in_binary) {
    make_address();
    sql("CREATE TYPE app.float_range AS RANGE (subtype = float8)");
    sql("CREATE TYPE app.mood_range AS RANGE (subtype = app.mood)");
    EXPECT_EQ(format_of("SELECT '[1.5,2)'::app.float_range"), wire_format::binary);
    const auto numbers = one<range<std::int64_t>>("SELECT int8range(1, 5)");
    EXPECT_EQ(numbers, one<range<std::int64_t>>("SELECT $1::int8range", numbers));
    EXPECT_EQ(format_of("SELECT '[sad,ok]'::app.mood_range"), wire_format::binary);
    EXPECT_EQ(format_of("SELECT '{[1.5,2)}'::app.float_multirange"), wire_format::binary);
}

TEST_P(user_types_pgtest, hstore_comes_and_goes_in_binary) {
    sql("CREATE SCHEMA ext");
    sql("CREATE EXTENSION hstore SCHEMA ext");
    const hstore value{{"a", "1"}, {"", std::nullopt}, {"q\"=>\\", "\xc3\xa9"}};
    EXPECT_EQ(one<hstore>("SELECT $1::ext.hstore", value), value);
    EXPECT_EQ(one<std::optional<std::string>>("SELECT $1::ext.hstore OPERATOR(ext.->) 'a'", value), "1");
    EXPECT_EQ(one<hstore>("SELECT ''::ext.hstore"), hstore());
    EXPECT_EQ(one<std::vector<hstore>>("SELECT $1::ext.hstore[]", std::vector<hstore>{value, {}}),
              (std::vector<hstore>{value, {}}));
    EXPECT_EQ(one<hstore>("SELECT $1::ext.hstore", "a=>1"), (hstore{{"a", "1"}})) << "text is parsed by the server";
}

TEST_P(user_types_pgtest, citext_and_ltree_are_text) {
    sql("CREATE EXTENSION citext");
    sql("CREATE EXTENSION ltree");
    EXPECT_EQ(one<std::string>("SELECT $1::citext", "Ada"), "Ada");
    EXPECT_TRUE(one<bool>("SELECT $1::citext = 'ADA'", std::string("Ada")));
    EXPECT_EQ(one<std::vector<std::string>>("SELECT $1::citext[]", std::vector<std::string>{"A", "b"}),
              (std::vector<std::string>{"A", "b"}));
    EXPECT_EQ(one<std::string>("SELECT $1::ltree", "top.science"), "top.science");
    EXPECT_EQ(one<std::vector<std::string>>("SELECT ARRAY['a.b', 'c']::ltree[]"),
              (std::vector<std::string>{"a.b", "c"}));
    EXPECT_EQ(one<std::vector<std::string>>("SELECT $1::ltree[]", std::vector<std::string>{"a.b", "c"}),
              (std::vector<std::string>{"a.b", "c"}));
    EXPECT_TRUE(one<bool>("SELECT 'a.b'::ltree ~ $1::lquery", "a.*"));
}

TEST_P(user_types_pgtest, types_that_wharf_does_not_know_come_as_text) {
    sql("CREATE EXTENSION seg");
    EXPECT_EQ(one<std::string>("SELECT '1 .. 2'::seg"), "1 .. 2");
    EXPECT_EQ(one<std::string>("SELECT $1::seg", "1 .. 3"), "1 .. 3");
    EXPECT_EQ(one<std::vector<std::string>>("SELECT ARRAY['1 .. 2', '3']::seg[]"),
              (std::vector<std::string>{"1 .. 2", "3"}));
    sql("CREATE TYPE holds_seg AS (s seg, n int4)");
    EXPECT_EQ(one<std::string>("SELECT ROW('1', 2)::holds_seg"), "(1,2)");
}

TEST_P(user_types_pgtest, names_with_odd_quoting_and_in_two_schemas_are_told_apart) {
    sql("CREATE SCHEMA \"Odd \"\"schema\"\"\n\"");
    sql("CREATE TYPE \"Odd \"\"schema\"\"\n\".\"it's $1\" AS (a text, b text)");
    sql("CREATE SCHEMA one");
    sql("CREATE SCHEMA two");
    sql("CREATE TYPE one.pair AS (a text, b text)");
    sql("CREATE TYPE two.pair AS (a text, b text, c text)");
    EXPECT_EQ(
        one<app::pair_of_text>("SELECT $1::\"Odd \"\"schema\"\"\n\".\"it's $1\"", app::pair_of_text{"x", "y"}).second,
        "y");
    EXPECT_EQ(one<app::pair_of_text>("SELECT $1::one.pair", app::pair_of_text{"x", "y"}).first, "x");
    EXPECT_EQ(refusal<int>("SELECT $1::two.pair", app::pair_of_text{"x", "y"}),
              "parameter $1: two.pair has 3 members, and a struct with 2 was given");
    sql("SET search_path = two");
    EXPECT_EQ(refusal<int>("SELECT $1::pair AS by_path", app::pair_of_text{"x", "y"}),
              "parameter $1: two.pair has 3 members, and a struct with 2 was given");
    sql("SET search_path = one");
    EXPECT_EQ(one<app::pair_of_text>("SELECT $1::pair AS by_other_path", app::pair_of_text{"x", "y"}).first, "x");
}

TEST_P(user_types_pgtest, type_that_was_made_anew_is_found_by_its_new_identifier) {
    make_address();
    sql("CREATE TABLE t(feels app.mood, home app.address)");
    sql("INSERT INTO t VALUES ('ok', ROW('a', 'b', 1))");
    const std::string select = "SELECT feels, home FROM t";
    EXPECT_EQ((std::get<0>(one<mood, address>(select))), mood::ok);
    const std::string echo = "SELECT $1::app.mood, $2::app.address";
    const address home{"s", "c", 1};
    EXPECT_EQ((std::get<1>(one<mood, address>(echo, mood::sad, home))), home);
    for (int made = 0; made < 2; ++made) {
        database_.execute("DROP TABLE t; DROP TYPE app.person, app.address, app.mood;"
                          "CREATE TYPE app.mood AS ENUM ('sad', 'ok', 'happy');"
                          "CREATE TYPE app.address AS (street text, city text, number app.house_number);"
                          "CREATE TYPE app.person AS (x int4);"
                          "CREATE TABLE t(feels app.mood, home app.address);"
                          "INSERT INTO t VALUES ('happy', ROW('x', 'y', 2))");
        EXPECT_EQ((std::get<1>(one<mood, address>(select))), (address{"x", "y", 2})) << "made " << made;
        EXPECT_EQ((std::get<1>(one<mood, address>(echo, mood::sad, home))), home) << "made " << made;
    }
}

TEST_P(user_types_pgtest, composite_with_another_member_is_looked_up_again) {
    make_address();
    const std::string echo = "SELECT ($1::app.address).street";
    EXPECT_EQ(one<std::string>(echo, address{"s", "c", 1}), "s");
    sql("ALTER TYPE app.address ADD ATTRIBUTE country text CASCADE");
    EXPECT_EQ(refusal<std::string>(echo, address{"s", "c", 1}),
              "parameter $1: app.address has 4 members, and a struct with 3 was given");
    sql("ALTER TYPE app.address DROP ATTRIBUTE country CASCADE");
    EXPECT_EQ(one<std::string>(echo, address{"s", "c", 1}), "s");
    database_.execute("ALTER TYPE app.address ADD ATTRIBUTE country text CASCADE");
    EXPECT_NE(refusal<std::string>(echo, address{"s", "c", 1}), "") << "by somebody else";
    database_.execute("ALTER TYPE app.address DROP ATTRIBUTE country CASCADE");
    EXPECT_EQ(one<std::string>(echo, address{"s", "c", 1}), "s");
}

TEST_P(user_types_pgtest, types_cost_one_round_trip_once_per_database) {
    make_address();
    const auto trips = [](driver& on, auto&& work) {
        const auto before = on.counters().round_trips;
        work();
        return on.counters().round_trips - before;
    };
    const auto ask = [](driver& on, const std::string& text) {
        return [&on, text] { (void)query<person>(on, text, person{"Ada", mood::ok, std::nullopt, {}}); };
    };
    EXPECT_EQ(trips(*connection_, ask(*connection_, "SELECT $1::app.person")), 3U) << "describe, types, run";
    EXPECT_EQ(trips(*connection_, ask(*connection_, "SELECT $1::app.person")), 1U);
    EXPECT_EQ(trips(*connection_, ask(*connection_, "SELECT $1::app.person AS other")), 2U) << "describe, run";
    EXPECT_EQ(trips(*connection_, [&] { (void)one<address>("SELECT ROW('a', 'b', 1)::app.address"); }), 2U)
        << "known as a part of the other";

    const auto to = make_connector(where());
    const auto first = io::run(to->connect(), call_options(std::chrono::seconds(20)));
    const auto second = io::run(to->connect(), call_options(std::chrono::seconds(20)));
    EXPECT_EQ(trips(*first, ask(*first, "SELECT $1::app.person")), 3U);
    EXPECT_EQ(trips(*second, ask(*second, "SELECT $1::app.person")), 2U) << "connections share what they know";
}

TEST_P(user_types_pgtest, types_are_looked_up_in_a_transaction_that_made_them) {
    auto begin = utility("BEGIN");
    run(*connection_, std::span(&begin, 1));
    sql("CREATE TYPE fresh AS (a text, b text)");
    EXPECT_EQ(one<app::pair_of_text>("SELECT $1::fresh", app::pair_of_text{"x", "y"}).second, "y");
    auto rollback = utility("ROLLBACK");
    run(*connection_, std::span(&rollback, 1));
    sql("CREATE TYPE fresh AS (a text, b text)");
    EXPECT_EQ(one<app::pair_of_text>("SELECT $1::fresh", app::pair_of_text{"x", "z"}).second, "z");
}

TEST_P(user_types_pgtest, cold_statements_of_one_batch_share_the_lookup) {
    make_address();
    statement_run first("SELECT $1::app.mood", mood::ok);
    statement_run second("SELECT $1::app.address", address{"s", "c", 1});
    std::vector<batch_item> items{utility("BEGIN"), first.as_item(), second.as_item(), utility("COMMIT")};
    const auto before = connection_->counters().round_trips;
    run(*connection_, items);
    for (const auto& item : items)
        EXPECT_FALSE(item.error);
    EXPECT_EQ(rows<address>(second.rows).one(), (address{"s", "c", 1}));
    EXPECT_LE(connection_->counters().round_trips - before, 4U);
    EXPECT_EQ(connection_->status(), transaction_status::idle);
}
INSTANTIATE_TEST_SUITE_P(of, user_types_pgtest, testing::Values(naming{"named", true}, naming{"unnamed", false}),
                         [](const auto& each) { return each.param.name; });

TEST_P(user_types_pgtest, composites_and_records_are_read_as_text_whatever_they_hold) {
    make_address();
    sql("CREATE TYPE app.mixed AS (n int4, t text, m app.mood, a app.mood[], b bytea, r int4range, x float8)");
    const std::string literal = R"x((1,"a ""b"", \\c",happy,"{sad,NULL}","\\x00ff","[1,5)",0.1))x";
    for (const std::string& expression :
         {"'" + literal + "'::app.mixed", std::string("ROW(1, NULL, '')"), std::string("ROW(true, ROW(1, 'a b'))"),
          "ARRAY['" + literal + "'::app.mixed, NULL]", std::string("ARRAY[ROW(1, 'x'), NULL]")})
        EXPECT_EQ(one<std::string>("SELECT " + expression), one<std::string>("SELECT (" + expression + ")::text"));
    sql("ALTER TYPE app.mixed ADD ATTRIBUTE q tsquery"); // which wharf does not read in binary: now it comes as text
    EXPECT_EQ(one<std::string>("SELECT (1, 'a b', NULL, NULL, NULL, NULL, 0.1, 'x')::app.mixed"),
              "(1,\"a b\",,,,,0.1,'x')");
}

} // namespace
} // namespace wharf::postgres
