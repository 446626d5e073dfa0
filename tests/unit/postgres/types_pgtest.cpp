// Every type of PostgreSQL that has a C++ type of its own, both ways: what the server writes is read and, rendered
// again, spells what the server spells; sent back as a parameter, it is the same value to the server.
#include "connected.hpp"
#include "support/servers.hpp"

#include "row/cell_text.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/base/error.hpp"

#include <initializer_list>
#include <ostream>

namespace wharf::postgres {
namespace {

using literals = std::initializer_list<std::string_view>;

struct server_version {
    const char* name;
    const support::postgres_address& (*server)();

    friend std::ostream& operator<<(std::ostream& out, const server_version& version) { return out << version.name; }
};

class types_pgtest : public testing::TestWithParam<server_version> {
protected:
    test::database database_{GetParam().server()};
    std::unique_ptr<driver> connection_ = connect(socket_settings(database_, database_.server()));

    types_pgtest() { execute(*connection_, "SET TimeZone TO 'UTC'"); }

    template <class T>
    void expect_round_trips(const std::string& type, literals values) {
        for (const auto literal : values) {
            const std::string expression = quoted(literal) + "::" + type;
            const auto value = query<T>(*connection_, "SELECT " + expression).one();
            std::string bytes;
            codec<T>::encode(value, bytes);
            parameters given;
            encode_parameters(given, value);
            expect_same(expression, {codec<T>::type, wire_format::binary, false, bytes}, type, std::move(given));
        }
    }

    // What was read of `expression`, rendered and sent back, is what the server spells.
    void expect_same(const std::string& expression, const cell_view& read, const std::string& type, parameters given) {
        SCOPED_TRACE(expression);
        const auto spelled = query<std::string>(*connection_, "SELECT format('%s', " + expression + ")").one();
        std::string rendered;
        EXPECT_TRUE(detail::append_text(read, rendered));
        EXPECT_EQ(rendered, spelled);
        statement_run back("SELECT format('%s', $1::" + type + ")");
        back.given = std::move(given);
        run(*connection_, back);
        EXPECT_EQ(rows<std::string>(back.rows).one(), spelled);
    }

    static std::string quoted(std::string_view literal) {
        std::string text = "'";
        for (const char c : literal)
            text.append(c == '\'' ? 2 : 1, c);
        return text + '\'';
    }

    // What reading `expression` into T says.
    template <class T>
    std::string refusal(const std::string& expression) {
        try {
            static_cast<void>(query<T>(*connection_, "SELECT " + expression + " AS v"));
        } catch (const conversion_error& refused) {
            return refused.what();
        }
        return "accepted";
    }
};

TEST_P(types_pgtest, numbers) {
    expect_round_trips<bool>("bool", {"t", "f"});
    expect_round_trips<std::int16_t>("int2", {"-32768", "0", "32767"});
    expect_round_trips<std::int32_t>("int4", {"-2147483648", "0", "2147483647"});
    expect_round_trips<std::int64_t>("int8", {"-9223372036854775808", "0", "9223372036854775807"});
    expect_round_trips<float>(
        "float4", {"0", "-0", "0.1", "1e-45", "3.4028235e38", "NaN", "Infinity", "-Infinity", "1e6", "100000", "1e-5"});
    expect_round_trips<double>("float8", {"0", "-0", "0.1", "5e-324", "1.7976931348623157e308", "NaN", "Infinity",
                                          "-Infinity", "1e15", "123456789012345", "0.0001", "1e-5", "1e22"});
    expect_round_trips<std::uint32_t>("oid", {"0", "4294967295"});
    expect_round_trips<std::uint32_t>("xid", {"0", "4294967295"});
    expect_round_trips<std::uint32_t>("cid", {"0", "4294967295"});
    EXPECT_EQ(query<std::uint64_t>(*connection_, "SELECT '18446744073709551615'::xid8").one(), 18446744073709551615U);
    expect_round_trips<std::uint64_t>("xid8", {"0", "9223372036854775807"});
}

TEST_P(types_pgtest, numeric) {
    expect_round_trips<decimal>("numeric", {"0", "0.00", "-1", "1.50", "12345678901234567890.123456789", "1e100",
                                            "1e-100", "-0.0001", "10000", "9999.9999", "NaN", "Infinity", "-Infinity"});
    const auto longest = std::string(131'072, '7') + '.' + std::string(16'383, '3');
    expect_round_trips<decimal>("numeric", {longest});
    EXPECT_EQ(query<std::string>(*connection_, "SELECT $1::numeric::text", 5).one(), "5");
    EXPECT_EQ(query<std::string>(*connection_, "SELECT $1::numeric::text", "1.50").one(), "1.50");
}

TEST_P(types_pgtest, text_and_bytes) {
    expect_round_trips<std::string>("text", {"", "a", "h\xc3\xa9llo \xf0\x9f\x98\x80", "'\"\\\n\t"});
    expect_round_trips<std::string>("varchar", {"", "abc"});
    expect_round_trips<std::string>("char(5)", {"", "abc"});
    expect_round_trips<std::string>("name", {"pg_class"});
    expect_round_trips<char>("\"char\"", {"x"});
    expect_round_trips<std::string>("xml", {"<a b=\"c\">d</a>", "text"});
    expect_round_trips<std::string>("json", {"{\"a\": [1, null]}"});
    expect_round_trips<json>("jsonb", {"{\"a\": [1, null]}", "null", "\"x\""});
    expect_round_trips<json>("json", {"{\"a\":   1}"});
    expect_round_trips<std::vector<std::byte>>("bytea", {"", "\\x00ff0a5c"});
    expect_round_trips<uuid>("uuid", {"00000000-0000-0000-0000-000000000000", "550e8400-e29b-41d4-a716-446655440000"});
    for (const auto* type :
         {"tsvector", "tsquery", "jsonpath", "refcursor", "pg_snapshot", "aclitem", "regclass", "regtype", "regproc"}) {
        const auto value = std::string_view(type) == "pg_snapshot"     ? "10:20:10,14"
                           : std::string_view(type) == "jsonpath"      ? "$.a"
                           : std::string_view(type) == "aclitem"       ? "=r/" + database_.server().user
                           : std::string_view(type) == "regtype"       ? "integer"
                           : std::string_view(type) == "regproc"       ? "now"
                           : std::string_view(type).starts_with("reg") ? "pg_class"
                                                                       : "'a'";
        const auto read = query<std::string, std::string>(
            *connection_, "SELECT v, format('%s', v) FROM (SELECT $1::" + std::string(type) + " AS v) AS one", value);
        EXPECT_EQ(std::get<0>(read[0]), std::get<1>(read[0])) << type;
    }
}

TEST_P(types_pgtest, dates_and_times) {
    expect_round_trips<date>("date", {"4713-11-24 BC", "0001-12-31 BC", "0001-01-01", "1999-12-31", "2000-02-29",
                                      "9999-12-31", "5874897-12-31"});
    expect_round_trips<timestamp>("timestamp", {"4713-11-24 00:00:00 BC", "1969-12-31 23:59:59.999999", "2000-01-01",
                                                "294246-12-31 23:59:59.999999"});
    expect_round_trips<timestamptz>(
        "timestamptz", {"4713-11-24 00:00:00+00 BC", "2024-02-29 12:34:56.789+02", "294246-12-31 23:59:59.999999+00"});
    expect_round_trips<unbounded<date>>("date", {"infinity", "-infinity", "2024-02-29"});
    expect_round_trips<unbounded<timestamp>>("timestamp", {"infinity", "-infinity", "2024-02-29"});
    expect_round_trips<unbounded<timestamptz>>("timestamptz", {"infinity", "-infinity", "2024-02-29"});
    expect_round_trips<time_of_day>("time", {"00:00", "12:34:56.789012", "23:59:59.999999", "24:00"});
    expect_round_trips<timetz>("timetz",
                               {"00:00+00", "12:34:56.7-05:30", "24:00+15:59:59", "23:59:59.999999-15:59:59"});
    EXPECT_NE(refusal<timestamp>("'infinity'::timestamp").find("wharf::unbounded"), std::string::npos);
    EXPECT_NE(refusal<date>("'-infinity'::date").find("wharf::unbounded"), std::string::npos);
    EXPECT_NE(refusal<timestamp>("'294276-12-31'::timestamp").find("can hold exactly"), std::string::npos);
}

TEST_P(types_pgtest, intervals) {
    expect_round_trips<interval>("interval",
                                 {"0", "1 year", "-1 year", "1 mon", "-13 mons", "1 year -2 mons 3 days",
                                  "1 day -1 hour", "-1 day 1 hour", "-1 mon 1 day -00:00:00.000001", "04:05:06.7",
                                  "-04:05:06.7", "178000000 years", "2147483647 days", "-2147483648 days",
                                  "2562047788:00:54.775807", "-2562047788:00:54.775807", "1 us"});
    using namespace std::chrono_literals;
    EXPECT_EQ(query<std::chrono::seconds>(*connection_, "SELECT '01:00:01'::interval").one(), 3601s);
    EXPECT_EQ(query<std::chrono::microseconds>(*connection_, "SELECT '00:00:01'::time").one(), 1s);
    EXPECT_EQ(query<std::string>(*connection_, "SELECT ($1::interval)::text", 90min).one(), "01:30:00");
    EXPECT_EQ(query<std::string>(*connection_, "SELECT ($1::time)::text", 90min).one(), "01:30:00");
    EXPECT_NE(refusal<std::chrono::seconds>("'1 day'::interval").find("interval"), std::string::npos);
    EXPECT_NE(refusal<std::chrono::seconds>("'00:00:00.5'::interval").find("interval"), std::string::npos);
    EXPECT_THROW(execute(*connection_, "SELECT $1::time", 25h), conversion_error);
}

TEST_P(types_pgtest, infinite_intervals_where_the_server_knows_them) {
    if (GetParam().server == &test::postgres_server) {
        EXPECT_EQ(query<std::string>(*connection_, "SELECT $1::interval::text", interval::infinity()).one(),
                  "178956970 years 7 mons 2147483647 days 2562047788:00:54.775807");
        return;
    }
    expect_round_trips<interval>("interval", {"infinity", "-infinity"});
    EXPECT_EQ(query<interval>(*connection_, "SELECT 'infinity'::interval").one(), interval::infinity());
    EXPECT_NE(refusal<std::chrono::seconds>("'infinity'::interval").find("interval"), std::string::npos);
}

TEST_P(types_pgtest, arrays) {
    expect_round_trips<std::vector<std::int32_t>>("int4[]", {"{}", "{1,2,-3}"});
    expect_round_trips<std::vector<std::optional<std::int32_t>>>("int4[]", {"{}", "{1,NULL}", "{NULL}"});
    expect_round_trips<std::vector<std::vector<std::int32_t>>>("int4[]", {"{}", "{{1,2},{3,4},{5,6}}"});
    expect_round_trips<std::array<std::int32_t, 3>>("int4[]", {"{1,2,3}"});
    expect_round_trips<array<std::optional<std::int32_t>>>(
        "int4[]", {"{}", "[0:1]={1,NULL}", "[-1:0][5:6]={{1,2},{3,4}}", "{{{{{{1,2}}}}}}"});
    expect_round_trips<std::vector<std::optional<std::string>>>(
        "text[]", {"{\"\",NULL,\"NULL\",\"a b\",\"{\",\"}\",\",\",\"\\\"\",\"\\\\\",x}"});
    expect_round_trips<std::vector<bool>>("bool[]", {"{t,f}"});
    expect_round_trips<std::vector<decimal>>("numeric[]", {"{1.50,NaN,-Infinity}"});
    expect_round_trips<std::vector<unbounded<timestamptz>>>("timestamptz[]", {"{2024-02-29,infinity}"});
    expect_round_trips<std::vector<date>>("date[]", {"{2024-02-29,0044-03-15 BC}"});
    expect_round_trips<std::vector<interval>>("interval[]", {"{1 day,-01:00:00}"});
    expect_round_trips<std::vector<std::vector<std::byte>>>("bytea[]", {"{\"\\\\x00ff\",\"\\\\x\"}"});
    expect_round_trips<std::vector<json>>("jsonb[]", {"{\"{\\\"a\\\": 1}\"}"});
    expect_round_trips<std::vector<inet>>("inet[]", {"{10.0.0.1,::1}"});
    expect_round_trips<std::vector<geometry::box>>("box[]", {"{(3,4),(1,2);(7,8),(5,6)}"});
    expect_round_trips<std::vector<range<std::int32_t>>>("int4range[]", {"{\"[1,3)\",empty,\"(,)\"}"});
    expect_round_trips<std::vector<multirange<date>>>("datemultirange[]", {"{\"{[2024-01-01,2024-02-01)}\"}"});
    EXPECT_EQ(query<std::vector<std::int16_t>>(*connection_, "SELECT '1 2'::int2vector").one(),
              (std::vector<std::int16_t>{1, 2}));
    EXPECT_EQ(query<std::vector<std::uint32_t>>(*connection_, "SELECT '4294967295'::oidvector").one(),
              std::vector<std::uint32_t>{4294967295});
    EXPECT_EQ(query<std::string>(*connection_, "SELECT '1 2'::int2vector").one(), "1 2");
    const std::vector<std::int32_t> pair{1, 2};
    EXPECT_EQ(query<std::string>(*connection_, "SELECT format('%s', $1::int2vector)", pair).one(), "1 2");
    EXPECT_EQ(query<std::string>(*connection_, "SELECT format('%s', $1::oidvector)", pair).one(), "1 2");
    const std::vector<std::vector<std::int64_t>> wide{{1, 2}, {3, 4}};
    EXPECT_EQ(query<std::string>(*connection_, "SELECT ($1::int4[])::text", wide).one(), "{{1,2},{3,4}}");
    EXPECT_EQ(query<std::string>(*connection_, "SELECT ($1::numeric[])::text", wide).one(), "{{1,2},{3,4}}");
}

TEST_P(types_pgtest, ranges) {
    expect_round_trips<range<std::int32_t>>("int4range",
                                            {"empty", "(,)", "[1,5)", "(,5)", "[1,)", "[-2147483648,2147483647)"});
    expect_round_trips<range<std::int64_t>>("int8range", {"[-9223372036854775808,9223372036854775807)"});
    expect_round_trips<range<decimal>>("numrange", {"(1.5,2.50]", "[0,0]", "(-Infinity,Infinity)"});
    expect_round_trips<range<timestamp>>("tsrange", {"[2024-01-01 10:00,2024-01-01 11:00)", "(0044-03-15 BC,)"});
    expect_round_trips<range<timestamptz>>("tstzrange", {"[2024-01-01 10:00+02,2024-01-01 11:00+02]"});
    expect_round_trips<range<unbounded<timestamptz>>>("tstzrange", {"[2024-01-01,infinity]", "[-infinity,)"});
    expect_round_trips<range<date>>("daterange", {"[2024-01-01,2024-01-31]"});
    expect_round_trips<multirange<std::int32_t>>("int4multirange", {"{}", "{[1,3),[5,7)}", "{(,1),[5,)}"});
    expect_round_trips<multirange<std::int64_t>>("int8multirange", {"{[1,3),[5,7)}"});
    expect_round_trips<multirange<decimal>>("nummultirange", {"{(1.5,2.5],[3,3]}"});
    expect_round_trips<multirange<timestamp>>("tsmultirange", {"{[2024-01-01,2024-01-02)}"});
    expect_round_trips<multirange<timestamptz>>("tstzmultirange", {"{[2024-01-01,2024-01-02)}"});
    expect_round_trips<multirange<date>>("datemultirange", {"{[2024-01-01,2024-01-02)}"});
    EXPECT_EQ(
        query<std::string>(*connection_, "SELECT ($1::int8range)::text", range<std::int32_t>::inclusive(1, 4)).one(),
        "[1,5)");
    EXPECT_THROW(execute(*connection_, "SELECT $1::int4range", range<std::int32_t>(5, 1)), data_error);
}

TEST_P(types_pgtest, network_addresses_and_bits) {
    expect_round_trips<inet>("inet", {"0.0.0.0", "255.255.255.255", "10.1.2.3/8", "::", "::1", "2001:db8::1/64",
                                      "::ffff:1.2.3.4", "fe80::1:0:0:1", "1:2:3:4:5:6:7:8/0"});
    expect_round_trips<cidr>("cidr", {"10.0.0.0/8", "10.1.2.3/32", "2001:db8::/32", "::/0"});
    expect_round_trips<macaddr>("macaddr", {"08:00:2b:01:02:03"});
    expect_round_trips<macaddr8>("macaddr8", {"08:00:2b:01:02:03:04:ff"});
    expect_round_trips<bit_string>("varbit", {"", "1", "10110111", "101101110"});
    expect_round_trips<bit_string>("bit(9)", {"101101110", "000000000"});
    EXPECT_EQ(query<inet>(*connection_, "SELECT '10.0.0.0/8'::cidr").one(), *inet::parse("10.0.0.0/8"));
    EXPECT_EQ(query<std::string>(*connection_, "SELECT ($1::cidr)::text", *inet::parse("10.0.0.0/8")).one(),
              "10.0.0.0/8");
}

TEST_P(types_pgtest, geometry) {
    expect_round_trips<geometry::point>("point", {"(0,0)", "(-1.5,1e300)", "(NaN,Infinity)"});
    expect_round_trips<geometry::line>("line", {"{1,2,3}", "{0,-1,0.5}"});
    expect_round_trips<geometry::segment>("lseg", {"[(1,2),(3,4)]"});
    expect_round_trips<geometry::box>("box", {"(3,4),(1,2)"});
    expect_round_trips<geometry::path>("path", {"[(1,2)]", "((1,2),(3,4),(5,6))", "[(1,2),(3,4)]"});
    expect_round_trips<geometry::polygon>("polygon", {"((1,2),(3,4),(5,6))", "((0,0))"});
    expect_round_trips<geometry::circle>("circle", {"<(1,2),3>", "<(0,0),0>"});
}

TEST_P(types_pgtest, system_types_and_money) {
    expect_round_trips<tid>("tid", {"(0,0)", "(4294967295,65535)"});
    expect_round_trips<pg_lsn>("pg_lsn", {"0/0", "16/B374D848", "FFFFFFFF/FFFFFFFF"});
    EXPECT_EQ(query<money>(*connection_, "SELECT 12.34::numeric::money").one(), money{1234});
    EXPECT_EQ(query<std::string>(*connection_, "SELECT $1::money::numeric::text", money{-123456}).one(), "-1234.56");
    EXPECT_EQ(query<std::uint32_t>(*connection_, "SELECT 'pg_class'::regclass::oid").one(), 1259);
    EXPECT_EQ(query<std::string>(*connection_, "SELECT ($1::regclass)::text", 1259).one(), "pg_class");
}

TEST_P(types_pgtest, value_that_does_not_fit_names_column_type_and_target) {
    const auto expect = [](const std::string& refused, std::string_view type, std::string_view target) {
        EXPECT_NE(refused.find("column \"v\""), std::string::npos) << refused;
        EXPECT_NE(refused.find(type), std::string::npos) << refused;
        EXPECT_NE(refused.find(target), std::string::npos) << refused;
    };
    expect(refusal<std::int32_t>("2147483648::int8"), "int8", "std::int32_t");
    expect(refusal<std::uint16_t>("-1"), "int4", "std::uint16_t");
    expect(refusal<std::int64_t>("1.5::numeric"), "numeric", "std::int64_t");
    expect(refusal<std::int64_t>("'NaN'::numeric"), "numeric", "std::int64_t");
    expect(refusal<float>("1e300::float8"), "float8", "float");
    expect(refusal<double>("9007199254740993::int8"), "int8", "double");
    expect(refusal<double>("1e400::numeric"), "numeric", "double");
    expect(refusal<char>("'ab'::text"), "text", "char");
    expect(refusal<std::int32_t>("NULL::int4"), "NULL", "std::optional<T>");
    expect(refusal<std::vector<int>>("ARRAY[1,NULL]"), "int4[]", "std::optional<T>");
    expect(refusal<std::vector<int>>("ARRAY[[1]]"), "int4[]", "2 dimensions");
    expect(refusal<cidr>("'10.0.0.1'::inet"), "inet", "wharf::cidr");
    expect(refusal<std::string>("1::int4"), "int4", "std::string");
    expect(refusal<std::chrono::hours>("'90 minutes'::interval"), "interval", "std::chrono::duration");
    expect(refusal<range<std::int32_t>>("int8range(1, 3000000000)"), "int8", "std::int32_t");
    EXPECT_EQ(query<double>(*connection_, "SELECT 0.1::numeric").one(), 0.1);
}

INSTANTIATE_TEST_SUITE_P(on, types_pgtest,
                         testing::Values(server_version{"postgres15", &test::postgres_server},
                                         server_version{"postgres18", &test::servers::postgres18}),
                         [](const auto& each) { return each.param.name; });

} // namespace
} // namespace wharf::postgres
