#include "postgres/adapt_parameter.hpp"

#include "wharf/base/error.hpp"
#include "wharf/row/arrays.hpp"
#include "wharf/row/codecs.hpp"
#include "wharf/row/encode.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace wharf::postgres {
namespace {

using protocol::format_code;

// What one value becomes: in binary "b:" and the bytes in hex, in text "t:" and the text.
template <class T>
std::string adapted(const T& value, type_oid wanted) {
    parameters values;
    encode_parameter(values, value);
    adapted_parameters out;
    adapt_parameters(values, std::span(&wanted, 1), nullptr, out);
    if (load<std::int32_t>(out.bytes.data()) < 0) return "NULL";
    const std::string bytes = out.bytes.substr(4);
    EXPECT_EQ(load<std::int32_t>(out.bytes.data()), static_cast<std::int32_t>(bytes.size()));
    if (out.formats.at(0) == format_code::text) return "t:" + bytes;
    std::string hex = "b:";
    for (const char byte : bytes) {
        constexpr std::string_view digits = "0123456789abcdef";
        hex += digits[static_cast<unsigned char>(byte) >> 4];
        hex += digits[static_cast<unsigned char>(byte) & 15];
    }
    return hex;
}

template <class T>
std::string refusal(const T& value, type_oid wanted) {
    try {
        return adapted(value, wanted);
    } catch (const conversion_error& refused) {
        return refused.what();
    }
}

TEST(adapt_parameter, integers_change_their_width) {
    EXPECT_EQ(adapted(std::int64_t{-2}, type_oid::int4), "b:fffffffe");
    EXPECT_EQ(adapted(std::int64_t{300}, type_oid::int2), "b:012c");
    EXPECT_EQ(adapted(std::int16_t{-1}, type_oid::int8), "b:ffffffffffffffff");
    EXPECT_EQ(adapted(std::int64_t{4294967295}, type_oid::oid), "b:ffffffff");
}

TEST(adapt_parameter, integer_out_of_range_is_refused_without_its_value) {
    const std::string message = refusal(std::int64_t{70000}, type_oid::int2);
    EXPECT_EQ(message, "parameter $1: this value of type int8 does not fit int2, which the statement wants");
    EXPECT_NE(refusal(std::int64_t{2147483648}, type_oid::int4).find("does not fit"), std::string::npos);
    EXPECT_NE(refusal(std::int64_t{-2147483649}, type_oid::int4).find("does not fit"), std::string::npos);
    EXPECT_NE(refusal(-1, type_oid::oid).find("does not fit"), std::string::npos);
}

TEST(adapt_parameter, integers_become_floats_where_that_is_exact) {
    EXPECT_EQ(adapted(3, type_oid::float8), "b:4008000000000000");
    EXPECT_EQ(adapted(3, type_oid::float4), "b:40400000");
    EXPECT_EQ(adapted(std::int64_t{1} << 53, type_oid::float8), "b:4340000000000000");
    EXPECT_NE(refusal((std::int64_t{1} << 53) + 1, type_oid::float8).find("does not fit"), std::string::npos);
    EXPECT_NE(refusal(std::numeric_limits<std::int64_t>::min(), type_oid::float4).find("does not fit"),
              std::string::npos);
}

TEST(adapt_parameter, floats_change_their_width) {
    EXPECT_EQ(adapted(1.5, type_oid::float4), "b:3fc00000");
    EXPECT_EQ(adapted(1.5F, type_oid::float8), "b:3ff8000000000000");
    EXPECT_EQ(adapted(std::numeric_limits<double>::infinity(), type_oid::float4), "b:7f800000");
    EXPECT_NE(refusal(1e300, type_oid::float4).find("does not fit"), std::string::npos);
    EXPECT_NE(refusal(1.5, type_oid::int4).find("wants int4, and float8 was given"), std::string::npos);
}

TEST(adapt_parameter, numbers_become_numeric_as_text) {
    EXPECT_EQ(adapted(std::int64_t{-12}, type_oid::numeric), "t:-12");
    EXPECT_EQ(adapted(0.1, type_oid::numeric), "t:0.1");
    EXPECT_EQ(adapted(0.1F, type_oid::numeric), "t:0.1");
    EXPECT_EQ(adapted(std::nan(""), type_oid::numeric), "t:NaN");
    EXPECT_EQ(adapted(-std::numeric_limits<double>::infinity(), type_oid::numeric), "t:-Infinity");
}

TEST(adapt_parameter, text_becomes_anything) {
    EXPECT_EQ(adapted("2026-01-01", type_oid::date), "t:2026-01-01");
    EXPECT_EQ(adapted("5", type_oid::int8), "t:5");
    EXPECT_EQ(adapted("happy", type_oid{16999}), "t:happy");
    EXPECT_EQ(adapted("ab", type_oid::varchar), "b:6162");
    EXPECT_EQ(adapted("{}", type_oid::json), "b:7b7d");
    EXPECT_EQ(adapted("{}", type_oid::jsonb), "b:017b7d");
}

TEST(adapt_parameter, types_of_extensions_get_text) {
    EXPECT_EQ(adapted(5, type_oid{16999}), "t:5");
    EXPECT_EQ(adapted(true, type_oid{16999}), "t:t");
    EXPECT_EQ(adapted(std::vector<float>{1, 2.5}, type_oid{16999}), "t:{1,2.5}");
}

TEST(adapt_parameter, numeric_reaches_integers_only_where_it_is_one) {
    EXPECT_EQ(adapted(decimal::parse("7.00").value(), type_oid::int4), "b:00000007");
    EXPECT_EQ(adapted(decimal(-1), type_oid::int8), "b:ffffffffffffffff");
    EXPECT_EQ(adapted(decimal::parse("0.1").value(), type_oid::float8), "t:0.1");
    EXPECT_NE(refusal(decimal::parse("7.5").value(), type_oid::int4).find("numeric does not fit int4"),
              std::string::npos);
    EXPECT_NE(refusal(decimal::nan(), type_oid::int4).find("does not fit"), std::string::npos);
    EXPECT_NE(refusal(decimal(70000), type_oid::int2).find("does not fit"), std::string::npos);
}

TEST(adapt_parameter, text_reaches_char_only_where_it_is_one_byte) {
    EXPECT_EQ(adapted("x", type_oid::character), "b:78");
    EXPECT_NE(refusal("xy", type_oid::character).find("text does not fit \"char\""), std::string::npos);
    EXPECT_NE(refusal("", type_oid::character).find("does not fit"), std::string::npos);
    EXPECT_EQ(adapted('x', type_oid::text), "b:78");
}

TEST(adapt_parameter, integers_are_identifiers_of_transactions_and_objects) {
    EXPECT_EQ(adapted(5, type_oid::xid), "b:00000005");
    EXPECT_EQ(adapted(5, type_oid::regclass), "b:00000005");
    EXPECT_EQ(adapted(std::uint64_t{5}, type_oid::xid8), "b:0000000000000005");
    EXPECT_NE(refusal(-5, type_oid::xid8).find("does not fit"), std::string::npos);
}

TEST(adapt_parameter, types_of_one_family_change_into_each_other) {
    EXPECT_EQ(adapted(*bit_string::parse("101"), type_oid::bit), "b:00000003a0");
    EXPECT_EQ(adapted(std::chrono::seconds(1), type_oid::time), "b:00000000000f4240");
    EXPECT_NE(refusal(std::chrono::hours(25), type_oid::time).find("does not fit"), std::string::npos);
    EXPECT_NE(refusal(interval::of_days(1), type_oid::time).find("does not fit"), std::string::npos);
    EXPECT_EQ(adapted(range<std::int32_t>(1, 5), type_oid::int8range), "t:[1,5)");
    EXPECT_EQ(adapted(multirange<std::int32_t>{{1, 5}}, type_oid::nummultirange), "t:{[1,5)}");
    EXPECT_EQ(adapted(*inet::parse("10.0.0.0/8"), type_oid::cidr), "t:10.0.0.0/8");
    EXPECT_NE(refusal(range<std::int32_t>(1, 5), type_oid::daterange).find("wants daterange"), std::string::npos);
    EXPECT_NE(refusal(date{}, type_oid::timestamptz).find("wants timestamptz"), std::string::npos);
}

TEST(adapt_parameter, arrays_of_several_dimensions_and_vectors) {
    const std::vector<std::vector<std::int64_t>> square{{1, 2}, {3, 4}};
    EXPECT_EQ(adapted(square, type_oid::int2_array).substr(0, 58),
              "b:00000002000000000000001500000002000000010000000200000001");
    EXPECT_EQ(adapted(square, type_oid::numeric_array), "t:{{1,2},{3,4}}");
    EXPECT_EQ(adapted(std::vector<std::int64_t>{1, 2}, type_oid::int2vector), "t:1 2");
    EXPECT_EQ(adapted(std::vector<std::optional<int>>{1, std::nullopt}, type_oid::numeric_array), "t:{1,NULL}");
}

TEST(adapt_parameter, dates_and_times_reach_types_of_extensions) {
    EXPECT_EQ(adapted(date{}, type_oid{16999}), "t:1970-01-01");
    EXPECT_EQ(adapted(timestamptz{}, type_oid{16999}), "t:1970-01-01 00:00:00+00");
}

TEST(adapt_parameter, null_fits_every_type) {
    EXPECT_EQ(adapted(std::optional<std::int64_t>(), type_oid::date), "NULL");
    EXPECT_EQ(adapted(nullptr, type_oid{16999}), "NULL");
}

TEST(adapt_parameter, arrays_change_the_type_of_their_elements) {
    EXPECT_EQ(adapted(std::vector<std::int64_t>{1, 2}, type_oid::int4_array), "b:00000001"
                                                                              "00000000"
                                                                              "00000017"
                                                                              "00000002"
                                                                              "00000001"
                                                                              "00000004"
                                                                              "00000001"
                                                                              "00000004"
                                                                              "00000002");
    EXPECT_EQ(adapted(std::vector<double>{1.5}, type_oid::float4_array), "b:00000001"
                                                                         "00000000"
                                                                         "000002bc"
                                                                         "00000001"
                                                                         "00000001"
                                                                         "00000004"
                                                                         "3fc00000");
    EXPECT_EQ(adapted(std::vector<std::int64_t>{}, type_oid::int4_array).substr(0, 10), "b:00000000");
}

TEST(adapt_parameter, array_with_one_element_out_of_range_is_refused) {
    EXPECT_NE(refusal(std::vector<std::int64_t>{1, 70000}, type_oid::int2_array).find("does not fit int2[]"),
              std::string::npos);
}

TEST(adapt_parameter, text_array_becomes_an_array_of_anything) {
    EXPECT_EQ(adapted(std::vector<std::string>{"a", "b\"c\\"}, type_oid::uuid_array), "t:{a,\"b\\\"c\\\\\"}");
    EXPECT_EQ(adapted(std::vector<std::string>{"a"}, type_oid{16999}), "t:{a}");
    EXPECT_EQ(adapted(std::vector<std::string>{"a"}, type_oid::varchar_array).substr(0, 26),
              "b:000000010000000000000413");
}

TEST(adapt_parameter, what_does_not_go_together_names_both_types_and_the_number) {
    parameters values;
    encode_parameters(values, 1, true);
    const std::array wanted{type_oid::int4, type_oid::date};
    adapted_parameters out;
    try {
        adapt_parameters(values, wanted, nullptr, out);
        FAIL() << "accepted";
    } catch (const conversion_error& refused) {
        EXPECT_STREQ(refused.what(), "parameter $2: the statement wants date, and bool was given");
    }
}

TEST(adapt_parameter, same_types_fit_as_they_are) {
    parameters values;
    encode_parameters(values, 1, std::optional<bool>());
    EXPECT_TRUE(fits_as_it_is(values, std::array{type_oid::int4, type_oid::date}));
    EXPECT_FALSE(fits_as_it_is(values, std::array{type_oid::int8, type_oid::date}));
}

} // namespace
} // namespace wharf::postgres
