// The types of wharf's own that stand for PostgreSQL's: their bytes, their text, and what they refuse. That the server
// agrees is for types_pgtest.
#include "row/cell_text.hpp"
#include "row/float_text.hpp"
#include "unit/row/cells.hpp"
#include "wharf/row/codecs.hpp"
#include "wharf/row/type_name.hpp"

#include <gtest/gtest.h>

namespace wharf::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

cell_view text(std::string_view content) {
    return cell(type_oid::text, content);
}

/// As text and back.
template <class T>
T through_text(const T& value) {
    std::string spelled;
    EXPECT_TRUE(detail::append_text(cell(codec<T>::type, encoded(value)), spelled));
    return decoded<T>(text(spelled));
}

template <class T>
void expect_refused_text(std::initializer_list<const char*> list) {
    for (const auto* bad : list)
        EXPECT_NE(refusal<T>(text(bad)), "") << bad;
}

TEST(interval, has_three_parts_on_the_wire) {
    EXPECT_EQ(encoded(interval{1, 2, 3}), bytes("0000000000000003 00000002 00000001"));
    EXPECT_EQ(round_trip(interval{-1, 2, -3}), (interval{-1, 2, -3}));
    EXPECT_EQ(refusal<interval>(cell(type_oid::interval, "short")), "a value of type interval is malformed (5 bytes)");
}

TEST(interval, is_written_and_read_in_postgresqls_style) {
    EXPECT_EQ(to_string(interval{14, -3, 4'000'001}), "1 year 2 mons -3 days +00:00:04.000001");
    EXPECT_EQ(to_string(interval{}), "00:00:00");
    EXPECT_EQ(to_string(interval{-1, 0, 0}), "-1 mons");
    EXPECT_EQ(to_string(interval::infinity()), "infinity");
    for (const auto& value : {interval{}, interval{14, -3, 4'000'001}, interval{-25, 1, -1}, interval::minus_infinity(),
                              interval{0, 0, std::numeric_limits<std::int64_t>::min()}})
        EXPECT_EQ(interval::parse(to_string(value)), value) << to_string(value);
    expect_refused_text<interval>({"", "1", "1 week", "1 day ", "1 day 2", "00:60:00", "1:2", "99999999999 days",
                                   "2562047788:00:54.775808", "1 day 00:00:00.1234567", "x"});
}

// What a role has set where a pooler does not take the settings of the login.
TEST(interval, is_read_in_every_style) {
    const interval mixed{14, -3, 4 * 3'600'000'000 + 5 * 60'000'000 + 6'500'000};
    for (const char* text : {"1 year 2 mons -3 days +04:05:06.5", "+1-2 -3 +4:05:06.5",
                             "@ 1 year 2 mons -3 days 4 hours 5 mins 6.5 secs", "P1Y2M-3DT4H5M6.5S"})
        EXPECT_EQ(interval::parse(text), mixed) << text;
    const interval before{-14, 0, 0};
    for (const char* text : {"-1 years -2 mons", "-1-2", "@ 1 year 2 mons ago", "P-1Y-2M"})
        EXPECT_EQ(interval::parse(text), before) << text;
    const interval span{0, -3, -3'600'000'000};
    for (const char* text : {"-3 days -01:00:00", "-3 1:00:00", "@ 3 days 1 hour ago", "P-3DT-1H"})
        EXPECT_EQ(interval::parse(text), span) << text;
    const interval half{0, 0, -500'000};
    for (const char* text : {"-00:00:00.5", "-0:00:00.5", "@ 0.5 secs ago", "PT-0.5S"})
        EXPECT_EQ(interval::parse(text), half) << text;
    for (const char* text : {"00:00:00", "0", "@ 0", "PT0S"})
        EXPECT_EQ(interval::parse(text), interval{}) << text;
    expect_refused_text<interval>(
        {"P",           "PT",    "P1",  "P1H",    "PT1D",     "P1.5D",         "P1Y2",
         "@",           "@ ",    "@ 1", "@ ago",  "@ 1 week", "@1 day",        "@ 1.5 days",
         "1-",          "1-2-3", "3 4", "3 4:05", "1 day 0",  "P99999999999Y", "@ 9223372036854775807 hours",
         "-1-2 3:0:0:0"});
}

TEST(interval, is_put_together_from_parts_within_their_range) {
    EXPECT_EQ(interval::of_years(1) + interval::of_days(2) + interval::of(3s), (interval{12, 2, 3'000'000}));
    EXPECT_EQ(interval::of_months(2) * -3, interval::of_months(-6));
    EXPECT_THROW(static_cast<void>(interval::of_years(std::numeric_limits<std::int32_t>::max())), conversion_error);
    EXPECT_THROW(static_cast<void>(interval::infinity() + interval::of_days(1)), conversion_error);
    EXPECT_EQ(interval::of(90min).duration(), 90min);
    EXPECT_FALSE(interval::of_days(1).duration());
    EXPECT_FALSE(interval::infinity().is_finite());
}

TEST(duration_codec, is_an_interval_without_months_and_days) {
    EXPECT_EQ(codec<std::chrono::milliseconds>::type, type_oid::interval);
    EXPECT_EQ(encoded(5ms), encoded(interval{0, 0, 5'000}));
    EXPECT_EQ(round_trip(-7min), -7min);
    EXPECT_NE(refusal<std::chrono::seconds>(cell(type_oid::interval, encoded(interval{0, 1, 0}))), "");
    EXPECT_NE(refusal<std::chrono::seconds>(cell(type_oid::interval, encoded(1ms))), "");
    EXPECT_THROW(encoded(std::chrono::hours::max()), conversion_error);
    EXPECT_EQ(decoded<std::chrono::minutes>(cell(type_oid::time, encoded(time_of_day{2h}))), 120min);
}

TEST(time_of_day, lies_within_a_day) {
    EXPECT_EQ(encoded(time_of_day{1us}), bytes("0000000000000001"));
    EXPECT_EQ(to_string(time_of_day{24h}), "24:00:00");
    EXPECT_EQ(through_text(time_of_day{9h + 30min + 1us}), time_of_day{9h + 30min + 1us});
    EXPECT_THROW(encoded(time_of_day{24h + 1us}), conversion_error);
    EXPECT_THROW(encoded(time_of_day{-1us}), conversion_error);
    EXPECT_NE(refusal<time_of_day>(cell(type_oid::time, bytes("ffffffffffffffff"))), "");
    expect_refused_text<time_of_day>({"", "9:30", "24:00:01", "12:60", "12:00:60", "12:00Z", "12:00:00."});
}

TEST(timetz, counts_its_offset_towards_the_east) {
    EXPECT_EQ(encoded(timetz{1us, 2h}), bytes("0000000000000001 ffffe3e0"));
    EXPECT_EQ(to_string(timetz{12h, -(5h + 30min)}), "12:00:00-05:30");
    EXPECT_EQ(through_text(timetz{12h, 1h + 2min + 3s}), (timetz{12h, 1h + 2min + 3s}));
    EXPECT_THROW(encoded(timetz{12h, 16h}), conversion_error);
    EXPECT_NE(refusal<timetz>(cell(type_oid::timetz, bytes("0000000000000001 7fffffff"))), "");
    expect_refused_text<timetz>({"12:00", "12:00+16", "12:00+", "12:00+05:60"});
}

TEST(time_text, knows_years_before_christ_and_beyond_9999) {
    const auto early = decoded<date>(text("0044-03-15 BC"));
    EXPECT_EQ(early, date{std::chrono::year{-43} / 3 / 15});
    EXPECT_EQ(through_text(early), early);
    EXPECT_EQ(decoded<date>(text("12345-01-01")), date{std::chrono::year{12345} / 1 / 1});
    expect_refused_text<date>({"5874898-01-01", "4715-01-01 BC", "0000-01-01 BC BC", "0001-02-29", "2024-02-29BC"});
    expect_refused_text<timestamptz>({"294248-01-01 00:00:00+00", "2024-01-01 24:00:00"});
}

TEST(inet, is_written_with_its_prefix_where_that_says_something) {
    EXPECT_EQ(encoded(*inet::parse("10.0.0.1/8")), bytes("02 08 00 04 0a000001"));
    EXPECT_EQ(to_string(*inet::parse("10.0.0.1/32")), "10.0.0.1");
    EXPECT_EQ(to_string(*inet::parse("2001:db8:0:0::1/64")), "2001:db8::1/64");
    EXPECT_EQ(to_string(*cidr::parse("10.0.0.1")), "10.0.0.1/32");
    EXPECT_EQ(through_text(*inet::parse("::1")), *inet::parse("::1"));
    expect_refused_text<inet>({"", "10.0.0", "10.0.0.256", "10.0.0.1/33", "10.0.0.1/", "::1/129", "10.0.0.1/-1", "::g",
                               "1.2.3.4 ", "00000000000000000000000000000000000000000000000001"});
    expect_refused_text<cidr>({"10.0.0.1/8"});
    EXPECT_THROW(encoded(cidr{*inet::parse("10.0.0.1/8")}), conversion_error);
    EXPECT_THROW(encoded(inet{ip_family::v4, 33, {}}), conversion_error);
    for (const auto* bad : {"02", "04 08 00 04 0a000001", "02 21 00 04 0a000001", "02 08 00 10 0a000001",
                            "02 08 00 04 0a0000", "03 08 00 04 0a000001"})
        EXPECT_NE(refusal<inet>(cell(type_oid::inet, bytes(bad))), "") << bad;
}

TEST(macaddr, is_its_bytes) {
    EXPECT_EQ(encoded(*macaddr::parse("08-00-2B-01-02-03")), bytes("08002b010203"));
    EXPECT_EQ(to_string(*macaddr8::parse("08:00:2b:01:02:03:04:05")), "08:00:2b:01:02:03:04:05");
    expect_refused_text<macaddr>({"", "08:00:2b:01:02", "08:00:2b:01:02:0g", "08:00-2b:01:02:03", "08002b010203"});
}

TEST(bit_string, has_any_number_of_bits) {
    auto value = *bit_string::parse("101101110");
    EXPECT_EQ(encoded(value), bytes("00000009 b700"));
    EXPECT_EQ(to_string(value), "101101110");
    value.set(1);
    value.push_back(true);
    EXPECT_EQ(to_string(round_trip(value)), "1111011101");
    EXPECT_TRUE(value[1]);
    EXPECT_EQ(through_text(bit_string()), bit_string());
    expect_refused_text<bit_string>({"2", "1 0"});
    for (const auto* bad : {"", "00000009 b7", "00000001 c0", "ffffffff", "00000000 00"})
        EXPECT_NE(refusal<bit_string>(cell(type_oid::varbit, bytes(bad))), "") << bad;
}

TEST(system_types, have_postgresqls_spelling) {
    EXPECT_EQ(to_string(pg_lsn{0x16B374D848}), "16/B374D848");
    EXPECT_EQ(pg_lsn::parse("16/b374d848"), pg_lsn{0x16B374D848});
    EXPECT_EQ(to_string(tid{42, 7}), "(42,7)");
    EXPECT_EQ(encoded(tid{42, 7}), bytes("0000002a 0007"));
    EXPECT_EQ(to_string(money{-5}), "-0.05");
    EXPECT_EQ(money::parse("-92233720368547758.08"), money{std::numeric_limits<std::int64_t>::min()});
    EXPECT_EQ(money::parse(to_string(money{std::numeric_limits<std::int64_t>::min()})),
              money{std::numeric_limits<std::int64_t>::min()});
    expect_refused_text<money>({"", "1", "$1.00", "1.5", "1.234", ".50", "1.-5", "92233720368547758.08", "--1.00"});
    expect_refused_text<tid>({"", "()", "(1)", "(1,65536)", "(4294967296,1)", "1,2"});
    expect_refused_text<pg_lsn>({"", "1", "1/", "/1", "100000000/0", "g/0"});
    EXPECT_EQ(decoded<std::uint64_t>(cell(type_oid::xid8, bytes("ffffffffffffffff"))), ~std::uint64_t{0});
    EXPECT_NE(refusal<std::int64_t>(cell(type_oid::xid8, bytes("ffffffffffffffff"))), "");
    EXPECT_EQ(decoded<std::uint32_t>(cell(type_oid::xid, bytes("ffffffff"))), 4294967295U);
}

TEST(geometry, survives_text_and_bytes) {
    using namespace geometry;
    const path open({{1, 2}, {3, -4.5}});
    EXPECT_EQ(encoded(open), bytes("00 00000002 3ff0000000000000 4000000000000000 4008000000000000 c012000000000000"));
    EXPECT_EQ(to_string(open), "[(1,2),(3,-4.5)]");
    EXPECT_EQ(through_text(open), open);
    EXPECT_EQ(through_text(path({{1, 2}}, true)), path({{1, 2}}, true));
    EXPECT_EQ(through_text(polygon({{1, 2}, {3, 4}})), polygon({{1, 2}, {3, 4}}));
    EXPECT_EQ(through_text(circle{{1, 2}, 3}), (circle{{1, 2}, 3}));
    EXPECT_EQ(through_text(box{{3, 4}, {1, 2}}), (box{{3, 4}, {1, 2}}));
    EXPECT_EQ(through_text(line{1, 2, 3}), (line{1, 2, 3}));
    EXPECT_EQ(through_text(segment{{{{1, 2}, {3, 4}}}}), (segment{{{{1, 2}, {3, 4}}}}));
    expect_refused_text<point>({"", "(1,2", "1,2", "(1)", "(1,2)x", "(a,b)"});
    expect_refused_text<path>({"", "[]", "()", "[(1,2)", "[(1,2))", "[(1,2),]"});
    EXPECT_NE(refusal<path>(cell(type_oid::path, bytes("02 00000000"))), "");
    EXPECT_NE(refusal<polygon>(cell(type_oid::polygon, bytes("00000001 3ff0000000000000"))), "");
}

TEST(range, has_flags_and_bounds_on_the_wire) {
    EXPECT_EQ(encoded(range<std::int32_t>(1, 5)), bytes("02 00000004 00000001 00000004 00000005"));
    EXPECT_EQ(encoded(range<std::int32_t>()), bytes("01"));
    EXPECT_EQ(encoded(range<std::int32_t>::all()), bytes("18"));
    EXPECT_EQ(encoded(range<std::int32_t>(std::nullopt, 5, true, true)), bytes("0c 00000004 00000005"));
    EXPECT_EQ(round_trip(range<date>::inclusive(date{}, date{})), range<date>::inclusive(date{}, date{}));
    EXPECT_EQ(codec<range<unbounded<timestamptz>>>::type, type_oid::tstzrange);
    EXPECT_EQ(codec<std::vector<range<decimal>>>::type, type_oid::numrange_array);
}

TEST(range, is_read_from_text) {
    EXPECT_EQ(decoded<range<std::int32_t>>(text("[1,5)")), range<std::int32_t>(1, 5));
    EXPECT_EQ(decoded<range<std::int32_t>>(text(" (,5] ")), range<std::int32_t>(std::nullopt, 5, false, true));
    EXPECT_EQ(decoded<range<std::int32_t>>(text("empty")), range<std::int32_t>());
    EXPECT_EQ(decoded<range<std::string>>(text(R"(["a ""b""",c\,d])")),
              range<std::string>::inclusive("a \"b\"", "c,d"));
    const range<timestamptz> hour(date{} + 1h, date{} + 2h);
    EXPECT_EQ(through_text(hour), hour);
    expect_refused_text<range<std::int32_t>>(
        {"", "[", "[1", "[1,", "[1,2", "1,2)", "[1,2,3)", "[(1,2)", "[1,2)x", "[\"1,2)", "[x,2)", "[1)", "[\\"});
}

TEST(range, contains_what_lies_between_its_bounds) {
    const range<int> half(1, 5);
    EXPECT_TRUE(half.contains(1));
    EXPECT_FALSE(half.contains(5));
    EXPECT_TRUE(range<int>::inclusive(1, 5).contains(5));
    EXPECT_FALSE(range<int>(1, 5, false).contains(1));
    EXPECT_TRUE(range<int>::all().contains(-1));
    EXPECT_FALSE(range<int>().contains(0));
    EXPECT_TRUE((multirange<int>{{1, 2}, {5, 6}}.contains(5)));
    EXPECT_FALSE((multirange<int>{{1, 2}, {5, 6}}.contains(3)));
}

TEST(multirange, survives_text_and_bytes) {
    const multirange<std::int32_t> value{{1, 2}, {5, std::nullopt}};
    EXPECT_EQ(encoded(value), bytes("00000002 00000011 02 00000004 00000001 00000004 00000002"
                                    "00000009 12 00000004 00000005"));
    EXPECT_EQ(round_trip(value), value);
    EXPECT_EQ(through_text(value), value);
    EXPECT_EQ(through_text(multirange<std::int32_t>()), multirange<std::int32_t>());
    expect_refused_text<multirange<std::int32_t>>({"", "{", "[1,2)", "{[1,2)", "{,}", "{[1,2),}", "{1}"});
}

TEST(range, malformed_bytes_are_refused) {
    for (const auto* bad : {"", "20", "02", "02 00000004 00000001", "02 00000004 00000001 00000004 00000005 00",
                            "01 00", "02 ffffffff 00000004 00000005"})
        EXPECT_NE(refusal<range<std::int32_t>>(cell(type_oid::int4range, bytes(bad))), "") << bad;
    EXPECT_THAT(refusal<range<std::int32_t>>(cell(type_oid::int4, bytes("00000001"))),
                HasSubstr("int4 cannot be read"));
    EXPECT_THAT(refusal<range<std::int32_t>>(cell(type_oid::int4multirange, bytes("00000000"))),
                HasSubstr("int4multirange cannot be read"));
}

TEST(char_codec, is_one_byte) {
    EXPECT_EQ(codec<char>::type, type_oid::character);
    EXPECT_EQ(decoded<char>(cell(type_oid::character, "x")), 'x');
    EXPECT_EQ(decoded<char>(text("x")), 'x');
    EXPECT_THAT(refusal<char>(text("xy")), HasSubstr("text is not one that char can hold"));
    EXPECT_NE(refusal<char>(text("")), "");
}

TEST(string_codec, spells_types_that_have_no_plain_type) {
    EXPECT_EQ(decoded<std::string>(cell(type_oid::interval, encoded(interval{0, 1, 0}))), "1 day");
    EXPECT_EQ(decoded<std::string>(cell(type_oid::int4range, encoded(range<std::int32_t>(1, 5)))), "[1,5)");
    EXPECT_NE(refusal<std::string>(cell(type_oid::int4_array, encoded(std::vector<std::int32_t>{1}))), "");
}

TEST(float_text, is_shortest_with_postgresqls_exponents) {
    const auto spelled = [](auto value) {
        std::string out;
        detail::append_float(out, value);
        return out;
    };
    EXPECT_EQ(spelled(0.1), "0.1");
    EXPECT_EQ(spelled(1e15), "1e+15");
    EXPECT_EQ(spelled(123456789012345.0), "123456789012345");
    EXPECT_EQ(spelled(0.0001), "0.0001");
    EXPECT_EQ(spelled(0.00001), "1e-05");
    EXPECT_EQ(spelled(-0.0), "-0");
    EXPECT_EQ(spelled(465767618.0F), "4.6576762e+08");
    EXPECT_EQ(spelled(2940720128.0F), "2.9407201e+09"); // a digit more, 2.940720e+09, is half-way still
    EXPECT_EQ(spelled(100000.0F), "100000");
    EXPECT_EQ(spelled(1e6F), "1e+06");
}

TEST(type_table, every_type_in_binary_can_be_written_as_text) {
    for (const auto& known : detail::type_table) {
        if (!known.binary) continue;
        // Types of extensions, and composites, have no text here.
        if (known.type < type_oid::boolean || known.type == type_oid::record) continue;
        std::string out;
        try {
            EXPECT_TRUE(detail::append_text(cell(known.type, ""), out)) << name_of(known.type);
        } catch (const conversion_error&) {
            continue; // malformed, which only a type that is known can be
        }
    }
}

} // namespace
} // namespace wharf::testing
