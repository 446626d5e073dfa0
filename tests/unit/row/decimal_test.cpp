#include "wharf/row/decimal.hpp"

#include "unit/row/cells.hpp"
#include "wharf/row/arrays.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <unordered_set>

namespace wharf::testing {
namespace {

using ::testing::HasSubstr;

decimal number(std::string_view text) {
    auto value = decimal::parse(text);
    EXPECT_TRUE(value) << text;
    return value.value_or(decimal::nan());
}

std::string spelled(std::string_view text) {
    return to_string(number(text));
}

TEST(decimal, keeps_every_digit_and_its_scale) {
    for (const auto* text : {"0", "1", "-1", "10", "9999", "10000", "12345678901234567890123456789", "0.1", "-0.00010",
                             "123.4500", "0.0000", "10000.0001", "1234567.1", "99999999.99999999", "NaN", "Infinity",
                             "-Infinity", "100000000.00000001", "0.00000000000000000001"})
        EXPECT_EQ(spelled(text), text);
}

TEST(decimal, reads_other_spellings) {
    EXPECT_EQ(spelled("+1"), "1");
    EXPECT_EQ(spelled("00012.50"), "12.50");
    EXPECT_EQ(spelled(".5"), "0.5");
    EXPECT_EQ(spelled("5."), "5");
    EXPECT_EQ(spelled("-0"), "0");
    EXPECT_EQ(spelled("1.5e3"), "1500");
    EXPECT_EQ(spelled("1.5E+1"), "15");
    EXPECT_EQ(spelled("15e-3"), "0.015");
    EXPECT_EQ(spelled("1e-5"), "0.00001");
    EXPECT_EQ(spelled("0e10"), "0");
    EXPECT_EQ(spelled("nan"), "NaN");
    EXPECT_EQ(spelled("-inf"), "-Infinity");
    EXPECT_EQ(spelled("+INFINITY"), "Infinity");
}

TEST(decimal, text_that_is_no_number_is_refused) {
    for (const auto* bad : {"", "-", ".", "+-1", "1.2.3", "1e", "1e+", "1e5x", " 1", "1 ", "x", "0x10", "1_000", "e5",
                            "1e99999999999", "infinit", "1e+-5"})
        EXPECT_FALSE(decimal::parse(bad)) << bad;
}

TEST(decimal, limits_are_postgresqls) {
    EXPECT_TRUE(decimal::parse("1e131071"));
    EXPECT_FALSE(decimal::parse("1e131072"));
    EXPECT_TRUE(decimal::parse("1e-16383"));
    EXPECT_FALSE(decimal::parse("1e-16384"));
    const auto largest = std::string(131'072, '9') + '.' + std::string(16'383, '9');
    EXPECT_EQ(spelled(largest), largest);
    EXPECT_EQ(to_string(round_trip(number(largest))), largest);
}

TEST(decimal, is_made_from_integers_and_floating_point_numbers) {
    EXPECT_EQ(to_string(decimal(std::numeric_limits<std::int64_t>::min())), "-9223372036854775808");
    EXPECT_EQ(to_string(decimal(std::numeric_limits<std::uint64_t>::max())), "18446744073709551615");
    EXPECT_EQ(to_string(decimal(std::int8_t{-128})), "-128");
    EXPECT_EQ(to_string(decimal(0)), "0");
    EXPECT_EQ(to_string(decimal(0.1)), "0.1");
    EXPECT_EQ(to_string(decimal(0.1F)), "0.1");
    EXPECT_EQ(to_string(decimal(-1e20)), "-100000000000000000000");
    EXPECT_TRUE(decimal(std::numeric_limits<double>::quiet_NaN()).is_nan());
    EXPECT_TRUE(decimal(-std::numeric_limits<double>::infinity()).is_minus_infinity());
}

TEST(decimal, becomes_an_integer_only_where_it_is_one) {
    EXPECT_EQ(number("9223372036854775807").to_int64(), std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(number("-9223372036854775808.00").to_int64(), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(number("0.000").to_int64(), 0);
    EXPECT_EQ(number("120000").to_int64(), 120'000);
    for (const auto* bad : {"9223372036854775808", "-9223372036854775809", "1e30", "0.5", "1.00000001", "NaN",
                            "Infinity", "0.00000001", "18446744073709551616"})
        EXPECT_THROW(static_cast<void>(number(bad).to_int64()), conversion_error) << bad;
}

TEST(decimal, becomes_the_nearest_double) {
    EXPECT_EQ(number("0.1").to_double(), 0.1);
    EXPECT_EQ(number("-12345.67").to_double(), -12345.67);
    EXPECT_EQ(number("1e-1000").to_double(), 0.0);
    EXPECT_TRUE(std::isnan(number("NaN").to_double()));
    EXPECT_EQ(number("-Infinity").to_double(), -std::numeric_limits<double>::infinity());
    EXPECT_THROW(static_cast<void>(number("1e400").to_double()), conversion_error);
}

TEST(decimal, is_compared_by_value_with_nan_above_all) {
    const std::vector<std::string_view> ascending{"-Infinity", "-1e100",  "-10000", "-1.5",     "-0.0001",
                                                  "0",         "0.00001", "0.0001", "1",        "1.0001",
                                                  "9999.9",    "10000",   "1e9",    "Infinity", "NaN"};
    for (std::size_t left = 0; left < ascending.size(); ++left)
        for (std::size_t right = 0; right < ascending.size(); ++right)
            EXPECT_TRUE((number(ascending[left]) <=> number(ascending[right])) == (left <=> right))
                << ascending[left] << ' ' << ascending[right];
    EXPECT_EQ(number("1.5"), number("1.500"));
    EXPECT_EQ(number("-0"), number("0.00"));
    EXPECT_EQ(std::unordered_set<decimal>({number("1.5"), number("1.50")}).size(), 1);
}

TEST(decimal, is_negated) {
    EXPECT_EQ(to_string(-number("1.50")), "-1.50");
    EXPECT_EQ(to_string(-number("-3")), "3");
    EXPECT_EQ(to_string(-number("0.0")), "0.0");
    EXPECT_TRUE((-decimal::infinity()).is_minus_infinity());
    EXPECT_TRUE((-decimal::nan()).is_nan());
}

TEST(decimal, is_rounded_half_away_from_zero) {
    const auto rounded = [](std::string_view text, int scale) { return to_string(number(text).rounded(scale)); };
    EXPECT_EQ(rounded("1.25", 1), "1.3");
    EXPECT_EQ(rounded("-1.25", 1), "-1.3");
    EXPECT_EQ(rounded("1.249", 1), "1.2");
    EXPECT_EQ(rounded("9.99", 1), "10.0");
    EXPECT_EQ(rounded("-0.5", 0), "-1");
    EXPECT_EQ(rounded("0.49", 0), "0");
    EXPECT_EQ(rounded("99999.5", 0), "100000");
    EXPECT_EQ(rounded("1.5", 3), "1.500");
    EXPECT_EQ(rounded("7", 2), "7.00");
    EXPECT_EQ(rounded("-0.04", 1), "0.0");
    EXPECT_EQ(rounded("NaN", 2), "NaN");
    EXPECT_THROW(static_cast<void>(number("1").rounded(-1)), conversion_error);
    EXPECT_THROW(static_cast<void>(number("1").rounded(16'384)), conversion_error);
    EXPECT_THROW(static_cast<void>(number(std::string(131'072, '9') + ".9").rounded(0)), conversion_error);
}

TEST(decimal_codec, has_postgresqls_groups) {
    EXPECT_EQ(encoded(number("12345.6700")), bytes("0003 0001 0000 0004 0001 0929 1a2c"));
    EXPECT_EQ(encoded(number("-0.0001")), bytes("0001 ffff 4000 0004 0001"));
    EXPECT_EQ(encoded(number("0.00")), bytes("0000 0000 0000 0002"));
    EXPECT_EQ(encoded(number("-20000")), bytes("0001 0001 4000 0000 0002"));
    EXPECT_EQ(encoded(decimal::nan()), bytes("0000 0000 c000 0000"));
    EXPECT_EQ(encoded(decimal::infinity()), bytes("0000 0000 d000 0000"));
    EXPECT_EQ(encoded(decimal::minus_infinity()), bytes("0000 0000 f000 0000"));
}

TEST(decimal_codec, survives_a_round_trip) {
    for (const auto* text : {"0", "-1", "123456789.123456789", "1e100", "1e-100", "NaN", "Infinity", "0.000"})
        EXPECT_EQ(to_string(round_trip(number(text))), spelled(text));
    const std::vector<std::optional<decimal>> list{decimal(1), std::nullopt, number("2.50")};
    EXPECT_EQ(round_trip(list), list);
}

TEST(decimal_codec, reads_every_number_and_text) {
    EXPECT_EQ(decoded<decimal>(cell(type_oid::int8, encoded(std::int64_t{-5}))), decimal(-5));
    EXPECT_EQ(to_string(decoded<decimal>(cell(type_oid::float8, encoded(0.1)))), "0.1");
    EXPECT_EQ(to_string(decoded<decimal>(cell(type_oid::float4, encoded(0.1F)))), "0.1");
    EXPECT_EQ(to_string(decoded<decimal>(cell(type_oid::text, "1.50"))), "1.50");
    EXPECT_THAT(refusal<decimal>(cell(type_oid::text, "x")), HasSubstr("does not spell a wharf::decimal"));
    EXPECT_THAT(refusal<decimal>(cell(type_oid::date, bytes("00000000"))),
                HasSubstr("date cannot be read as wharf::decimal"));
}

TEST(decimal_codec, malformed_bytes_are_refused) {
    for (const auto* bad : {
             "", "0001 0000 0000 0000",      // a group too few
             "0000 0000 0000 0000 00",       // a byte too many
             "0001 0000 0000 0000 2710",     // 10000
             "0001 0000 1234 0000 0001",     // no sign
             "0001 7fff 0000 4000 0001",     // scale
             "0001 ffff 0000 0002 0001",     // 0.0001 with two digits behind the point
             "0002 0000 0000 0000 0001 0001" // 1.0001 without any
         })
        EXPECT_NE(refusal<decimal>(cell(type_oid::numeric, bytes(bad))), "") << bad;
    EXPECT_EQ(to_string(decoded<decimal>(cell(type_oid::numeric, bytes("0003 0001 0000 0000 0000 0007 0000")))), "7");
}

} // namespace
} // namespace wharf::testing
