#include "wharf/row/numbers.hpp"

#include "unit/row/cells.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace wharf::testing {
namespace {

using ::testing::HasSubstr;

TEST(number_codec, encodes_big_endian) {
    EXPECT_EQ(encoded(std::int16_t{-2}), bytes("fffe"));
    EXPECT_EQ(encoded(std::int32_t{0x01020304}), bytes("01020304"));
    EXPECT_EQ(encoded(std::int64_t{-1}), bytes("ffffffffffffffff"));
    EXPECT_EQ(encoded(1.5F), bytes("3fc00000"));
    EXPECT_EQ(encoded(-2.0), bytes("c000000000000000"));
    EXPECT_EQ(encoded(true), bytes("01"));
    EXPECT_EQ(encoded(false), bytes("00"));
}

TEST(number_codec, unsigned_type_is_stored_as_next_wider_signed_one) {
    EXPECT_EQ(codec<std::uint8_t>::type, type_oid::int2);
    EXPECT_EQ(codec<std::uint16_t>::type, type_oid::int4);
    EXPECT_EQ(codec<std::uint32_t>::type, type_oid::int8);
    EXPECT_EQ(encoded(std::uint16_t{65535}), bytes("0000ffff"));
    EXPECT_EQ(encoded(std::uint32_t{4294967295U}), bytes("00000000ffffffff"));
    EXPECT_EQ(encoded(std::uint64_t{5}), bytes("0000000000000005"));
    EXPECT_THROW(encoded(std::uint64_t{1} << 63), conversion_error);
}

template <class T>
class every_integer : public ::testing::Test {};
using integers = ::testing::Types<signed char, unsigned char, short, unsigned short, int, unsigned, long, long long>;
TYPED_TEST_SUITE(every_integer, integers);

TYPED_TEST(every_integer, extremes_survive_a_round_trip) {
    using limits = std::numeric_limits<TypeParam>;
    EXPECT_EQ(round_trip(limits::min()), limits::min());
    EXPECT_EQ(round_trip(limits::max()), limits::max());
}

TYPED_TEST(every_integer, reads_every_width_that_fits) {
    EXPECT_EQ(decoded<TypeParam>(cell(type_oid::int2, bytes("0064"))), TypeParam{100});
    EXPECT_EQ(decoded<TypeParam>(cell(type_oid::int4, bytes("00000064"))), TypeParam{100});
    EXPECT_EQ(decoded<TypeParam>(cell(type_oid::int8, bytes("0000000000000064"))), TypeParam{100});
}

TYPED_TEST(every_integer, wrong_length_is_refused) {
    EXPECT_THAT(refusal<TypeParam>(cell(type_oid::int4, bytes("000064"))), HasSubstr("int4 is malformed (3 bytes)"));
    EXPECT_THAT(refusal<TypeParam>(cell(type_oid::int8, "")), HasSubstr("int8 is malformed (0 bytes)"));
}

TEST(number_codec, integer_out_of_range_is_refused_and_never_cut_off) {
    EXPECT_THAT(refusal<std::int16_t>(cell(type_oid::int4, bytes("00008000"))),
                HasSubstr("int4 is not one that std::int16_t can hold"));
    EXPECT_THAT(refusal<std::uint32_t>(cell(type_oid::int4, bytes("ffffffff"))), HasSubstr("std::uint32_t"));
    EXPECT_THAT(refusal<std::int32_t>(cell(type_oid::int8, bytes("0000000080000000"))), HasSubstr("std::int32_t"));
    EXPECT_THAT(refusal<std::uint64_t>(cell(type_oid::int8, bytes("ffffffffffffffff"))), HasSubstr("std::uint64_t"));
}

TEST(number_codec, refusal_does_not_show_the_value) {
    EXPECT_THAT(refusal<std::int16_t>(cell(type_oid::int4, encoded(1234567))), Not(HasSubstr("1234567")));
}

TEST(number_codec, float_narrower_than_value_is_refused_unless_exact) {
    EXPECT_EQ(decoded<float>(cell(type_oid::float8, encoded(0.5))), 0.5F);
    EXPECT_EQ(decoded<float>(cell(type_oid::float8, encoded(double{0.1F}))), 0.1F);
    EXPECT_THAT(refusal<float>(cell(type_oid::float8, encoded(0.1))), HasSubstr("float can hold"));
    EXPECT_THAT(refusal<float>(cell(type_oid::float8, encoded(1e300))), HasSubstr("float can hold"));
    EXPECT_TRUE(std::isnan(decoded<float>(cell(type_oid::float8, encoded(std::numeric_limits<double>::quiet_NaN())))));
    EXPECT_EQ(decoded<float>(cell(type_oid::float8, encoded(-std::numeric_limits<double>::infinity()))),
              -std::numeric_limits<float>::infinity());
}

TEST(number_codec, float_reads_integers_that_it_holds_exactly) {
    EXPECT_EQ(decoded<double>(cell(type_oid::int8, encoded(std::int64_t{1} << 53))), 9007199254740992.0);
    EXPECT_NE(refusal<double>(cell(type_oid::int8, encoded((std::int64_t{1} << 53) + 1))), "");
    EXPECT_NE(refusal<float>(cell(type_oid::int4, encoded(16777217))), "");
}

TEST(number_codec, integer_does_not_read_floats_text_or_bool) {
    EXPECT_THAT(refusal<int>(cell(type_oid::float8, encoded(1.0))), HasSubstr("float8 cannot be read as std::int32_t"));
    EXPECT_THAT(refusal<int>(cell(type_oid::text, "12")), HasSubstr("text cannot be read as std::int32_t"));
    EXPECT_THAT(refusal<int>(cell(type_oid::boolean, bytes("01"))), HasSubstr("bool cannot be read"));
    EXPECT_THAT(refusal<int>({type_oid::text, wire_format::text, false, "1234"}), HasSubstr("cannot be read"));
    EXPECT_THAT(refusal<int>(cell(type_oid{99999}, "12")), HasSubstr("type 99999"));
}

TEST(number_codec, reads_the_text_form_of_numbers) {
    const auto text = [](type_oid type, std::string_view spelling) {
        return cell_view{type, wire_format::text, false, spelling};
    };
    EXPECT_EQ(decoded<std::int16_t>(text(type_oid::int8, "-32768")), -32768);
    EXPECT_EQ(decoded<float>(text(type_oid::float4, "0.1")), 0.1F);
    EXPECT_EQ(decoded<double>(text(type_oid::float8, "-Infinity")), -std::numeric_limits<double>::infinity());
    EXPECT_EQ(decoded<int>(text(type_oid::numeric, "12.00")), 12);
    EXPECT_TRUE(decoded<bool>(text(type_oid::boolean, "t")));
    for (const auto* bad : {"", "-", "x", "1x", " 1", "32768", "1.5", "99999999999999999999"})
        EXPECT_NE(refusal<std::int16_t>(text(type_oid::int4, bad)), "") << bad;
    EXPECT_NE(refusal<float>(text(type_oid::float8, "0.1")), "");
    EXPECT_NE(refusal<int>(text(type_oid::float8, "1")), "");
    EXPECT_NE(refusal<bool>(text(type_oid::boolean, "x")), "");
}

TEST(number_codec, bool_reads_one_and_zero) {
    EXPECT_TRUE(decoded<bool>(cell(type_oid::boolean, bytes("01"))));
    EXPECT_FALSE(decoded<bool>(cell(type_oid::int8, encoded(std::int64_t{0}))));
    EXPECT_TRUE(decoded<bool>(cell(type_oid::int8, encoded(std::int64_t{1}))));
    EXPECT_NE(refusal<bool>(cell(type_oid::int8, encoded(std::int64_t{2}))), "");
    EXPECT_NE(refusal<bool>(cell(type_oid::text, "t")), "");
    EXPECT_NE(refusal<bool>(cell(type_oid::boolean, "")), "");
}

// What PostgreSQL sends for 12345.6700::numeric(20,4), -0.0001, 3::numeric, 'NaN'.
TEST(number_codec, numeric_is_read_as_double_and_where_whole_as_integer) {
    EXPECT_EQ(decoded<double>(cell(type_oid::numeric, bytes("0003 0001 0000 0004 0001 0929 1a2c"))), 12345.67);
    EXPECT_EQ(decoded<double>(cell(type_oid::numeric, bytes("0001 ffff 4000 0004 0001"))), -0.0001);
    EXPECT_EQ(decoded<std::int64_t>(cell(type_oid::numeric, bytes("0001 0000 0000 0002 0003"))), 3);
    EXPECT_EQ(decoded<std::int64_t>(cell(type_oid::numeric, bytes("0001 0001 4000 0000 0002"))), -20000);
    EXPECT_TRUE(std::isnan(decoded<double>(cell(type_oid::numeric, bytes("0000 0000 c000 0000")))));
    EXPECT_NE(refusal<std::int64_t>(cell(type_oid::numeric, bytes("0003 0001 0000 0004 0001 0929 1a2c"))), "");
    EXPECT_NE(refusal<std::int16_t>(cell(type_oid::numeric, bytes("0001 0002 0000 0000 0001"))), "");
    EXPECT_NE(refusal<std::int64_t>(cell(type_oid::numeric, bytes("0000 0000 c000 0000"))), "");
}

TEST(number_codec, malformed_numeric_is_refused) {
    EXPECT_NE(refusal<double>(cell(type_oid::numeric, bytes("0003 0001"))), "");
    EXPECT_NE(refusal<double>(cell(type_oid::numeric, bytes("ffff 0001 0000 0000 0001"))), "");
    EXPECT_NE(refusal<double>(cell(type_oid::numeric, bytes("0001 0000 0000 0000 270f ffff"))), "");
    EXPECT_NE(refusal<double>(cell(type_oid::numeric, bytes("0001 0000 0000 0000 2710"))), "");
    EXPECT_NE(refusal<double>(cell(type_oid::numeric, bytes("0001 0000 0000 ffff 0001"))), "");
}

} // namespace
} // namespace wharf::testing
