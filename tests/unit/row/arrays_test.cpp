#include "wharf/row/arrays.hpp"

#include "row/json_array.hpp"
#include "unit/row/cells.hpp"
#include "wharf/row/array.hpp"
#include "wharf/row/strings.hpp"
#include "wharf/row/type_name.hpp"

#include <gtest/gtest.h>

namespace wharf::testing {
namespace {

using ::testing::HasSubstr;

TEST(array_codec, encodes_header_and_elements) {
    EXPECT_EQ(encoded(std::vector<std::int32_t>{1, -1}),
              bytes("00000001 00000000 00000017 00000002 00000001 00000004 00000001 00000004 ffffffff"));
    EXPECT_EQ(encoded(std::vector<std::string>{"ab", ""}),
              bytes("00000001 00000000 00000019 00000002 00000001 00000002 6162 00000000"));
    EXPECT_EQ(encoded(std::vector<float>{1.5F}),
              bytes("00000001 00000000 000002bc 00000001 00000001 00000004 3fc00000"));
    EXPECT_EQ(encoded(std::vector<bool>{true}), bytes("00000001 00000000 00000010 00000001 00000001 00000001 01"));
}

TEST(array_codec, empty_one_has_no_dimensions) {
    EXPECT_EQ(encoded(std::vector<std::int64_t>{}), bytes("00000000 00000000 00000014"));
    EXPECT_EQ(round_trip(std::vector<std::int64_t>{}), std::vector<std::int64_t>{});
}

TEST(array_codec, span_is_encoded_as_vector) {
    const std::vector<float> values{1, 2, 3};
    EXPECT_EQ(encoded(std::span<const float>(values)), encoded(values));
}

TEST(array_codec, survives_a_round_trip) {
    const std::vector<bool> flags{true, false, true};
    EXPECT_EQ(round_trip(flags), flags);
    const std::vector<std::int16_t> small{1, -2};
    EXPECT_EQ(round_trip(small), small);
    const std::vector<std::int64_t> large{1, -2, std::int64_t{1} << 60};
    EXPECT_EQ(round_trip(large), large);
    const std::vector<float> floats{0.1F, -2};
    EXPECT_EQ(round_trip(floats), floats);
    const std::vector<double> doubles{0.1, -2};
    EXPECT_EQ(round_trip(doubles), doubles);
    const std::vector<std::string> texts{"a", "", "long enough to live on the heap, this one"};
    EXPECT_EQ(round_trip(texts), texts);
    const std::vector<uuid> keys{uuid::random(), uuid::random()};
    EXPECT_EQ(round_trip(keys), keys);
}

TEST(array_codec, reads_elements_of_other_widths_in_range) {
    const auto ints = encoded(std::vector<std::int32_t>{1, 70000});
    EXPECT_EQ(decoded<std::vector<std::int64_t>>(cell(type_oid::int4_array, ints)),
              (std::vector<std::int64_t>{1, 70000}));
    EXPECT_NE(refusal<std::vector<std::int16_t>>(cell(type_oid::int4_array, ints)), "");
}

TEST(array_codec, shorter_array_leaves_nothing_of_the_longer_one) {
    std::vector<std::string> out{"a", "b", "c"};
    codec<std::vector<std::string>>::decode(cell(type_oid::text_array, encoded(std::vector<std::string>{"x"})), out);
    EXPECT_EQ(out, std::vector<std::string>{"x"});
}

TEST(array_codec, null_elements_and_several_dimensions_are_refused) {
    EXPECT_THAT(refusal<std::vector<std::int32_t>>(
                    cell(type_oid::int4_array, bytes("00000001 00000001 00000017 00000001 00000001 ffffffff"))),
                HasSubstr("int4[] contains NULL"));
    EXPECT_THAT(refusal<std::vector<std::int32_t>>(
                    cell(type_oid::int4_array,
                         bytes("00000002 00000000 00000017 00000001 00000001 00000001 00000001 00000004 00000001"))),
                HasSubstr("2 dimensions where 1 are read"));
}

TEST(array_codec, optional_elements_hold_null) {
    const std::vector<std::optional<std::int32_t>> value{1, std::nullopt};
    EXPECT_EQ(encoded(value), bytes("00000001 00000001 00000017 00000002 00000001 00000004 00000001 ffffffff"));
    EXPECT_EQ(round_trip(value), value);
    EXPECT_EQ(codec<std::vector<std::optional<std::int32_t>>>::type, type_oid::int4_array);
}

TEST(array_codec, nested_vectors_are_dimensions) {
    const std::vector<std::vector<std::int16_t>> value{{1, 2}, {3, 4}, {5, 6}};
    EXPECT_EQ(encoded(value), bytes("00000002 00000000 00000015 00000003 00000001 00000002 00000001"
                                    "00000002 0001 00000002 0002 00000002 0003 00000002 0004 00000002 0005"
                                    "00000002 0006"));
    EXPECT_EQ(round_trip(value), value);
    EXPECT_EQ(codec<std::vector<std::vector<std::int16_t>>>::type, type_oid::int2_array);
    const std::vector<std::vector<std::vector<std::optional<std::string>>>> deep{{{"a", std::nullopt}}, {{"", "b"}}};
    EXPECT_EQ(round_trip(deep), deep);
    const std::vector<std::vector<bool>> flags{{true, false}};
    EXPECT_EQ(round_trip(flags), flags);
}

TEST(array_codec, vectors_without_elements_are_the_empty_array) {
    const std::vector<std::vector<std::int32_t>> value{{}, {}};
    EXPECT_EQ(encoded(value), bytes("00000000 00000000 00000017"));
    EXPECT_EQ(round_trip(value), (std::vector<std::vector<std::int32_t>>{}));
}

TEST(array_codec, vectors_of_different_sizes_are_refused) {
    using nested = std::vector<std::vector<std::int32_t>>;
    EXPECT_THROW(encoded(nested{{1, 2}, {3}}), conversion_error);
    EXPECT_THROW(encoded(nested{{}, {3}}), conversion_error);
    EXPECT_THROW(encoded(nested{{1}, {}}), conversion_error);
    EXPECT_THROW(encoded(std::vector<nested>{{{1}}, {{1}, {2}}}), conversion_error);
}

TEST(array_codec, std_array_wants_exactly_its_size) {
    const std::array<double, 3> value{1, 2, 3};
    EXPECT_EQ(round_trip(value), value);
    EXPECT_EQ(encoded(value), encoded(std::vector<double>{1, 2, 3}));
    EXPECT_THAT((refusal<std::array<double, 3>>(cell(type_oid::float8_array, encoded(std::vector<double>{1, 2})))),
                HasSubstr("float8[] has 2 elements where exactly 3 are read"));
    EXPECT_NE((refusal<std::array<double, 3>>(cell(type_oid::float8_array, encoded(std::vector<double>{})))), "");
    const std::vector<std::array<std::string, 2>> pairs{{"a", "b"}, {"c", "d"}};
    EXPECT_EQ(round_trip(pairs), pairs);
}

TEST(array_codec, general_array_keeps_lower_bounds) {
    const array<std::int32_t> value({{2, 0}, {1, -5}}, {7, 8});
    EXPECT_EQ(encoded(value), bytes("00000002 00000000 00000017 00000002 00000000 00000001 fffffffb"
                                    "00000004 00000007 00000004 00000008"));
    EXPECT_EQ(round_trip(value), value);
    EXPECT_EQ(round_trip(array<std::int32_t>()), array<std::int32_t>());
    EXPECT_EQ(encoded(array<std::int32_t>({1, 2})), encoded(std::vector<std::int32_t>{1, 2}));
    const auto vector = decoded<std::vector<std::int32_t>>(
        cell(type_oid::int2vector, bytes("00000001 00000000 00000015 00000001 00000000 00000002 0007")));
    EXPECT_EQ(vector, std::vector<std::int32_t>{7});
}

TEST(array_codec, general_array_whose_parts_disagree_is_refused) {
    EXPECT_THROW(encoded(array<std::int32_t>({{2, 1}, {2, 1}}, {1, 2, 3})), conversion_error);
    EXPECT_THROW(encoded(array<std::int32_t>({}, {1})), conversion_error);
    EXPECT_THROW(encoded(array<std::int32_t>({{-1, 1}}, {})), conversion_error);
    EXPECT_THROW(encoded(array<std::int32_t>({{1, 2147483647}}, {1})), conversion_error);
    EXPECT_THROW(encoded(array<std::int32_t>(std::vector<array_dimension>(7, {1, 1}), {1})), conversion_error);
}

TEST(array_codec, reads_postgresqls_text_form) {
    const auto literal = [](type_oid type, std::string_view text) {
        return cell_view{type, wire_format::text, false, text};
    };
    using strings = std::vector<std::optional<std::string>>;
    EXPECT_EQ(decoded<strings>(literal(type_oid::text_array, R"({a,"b \"c\\", d e ,NULL,"NULL",""})")),
              (strings{"a", "b \"c\\", "d e", std::nullopt, "NULL", ""}));
    EXPECT_EQ(decoded<strings>(literal(type_oid{20000}, "{x}")), strings{"x"});
    EXPECT_EQ(decoded<std::vector<int>>(literal(type_oid::int4_array, "{}")), std::vector<int>{});
    EXPECT_EQ(decoded<array<int>>(literal(type_oid::int4_array, "[0:1][-1:0]={{1,2},{3,4}}")),
              array<int>({{2, 0}, {2, -1}}, {1, 2, 3, 4}));
    for (const auto* bad :
         {"", "{", "}", "{1", "1", "{1}x", "{1,}", "{,1}", "{1,,2}", "{{1},2}", "{{1},{2,3}}", "{\"1}", "[0:1]={1}",
          "[0:1]{1,2}", "[0:0][0:0]={1}", "{{{{{{{1}}}}}}}", "{1{2}}", "{1}{2}", "{\\"})
        EXPECT_NE(refusal<array<int>>(literal(type_oid::int4_array, bad)), "") << bad;
}

TEST(array_codec, array_of_a_type_of_an_extension_is_read_by_its_header) {
    const auto content = bytes("00000001 00000000 00004e21 00000001 00000001 00000002 6869");
    EXPECT_EQ(decoded<std::vector<std::string>>(cell(type_oid{20000}, content)), std::vector<std::string>{"hi"});
}

TEST(array_codec, hostile_bytes_are_refused_before_memory_is_reserved) {
    using ints = std::vector<std::int32_t>;
    for (const auto* bad : {
             "",
             "00000001 00000000 00000017",                                        // no dimension
             "00000001 00000000 00000017 7fffffff 00000001",                      // 2^31 - 1 elements of nothing
             "00000001 00000000 00000017 ffffffff 00000001",                      // -1 elements
             "00000001 00000000 00000017 00000002 00000001 00000004 00000001",    // one element too few
             "00000001 00000000 00000017 00000001 00000001 7fffffff 00000001",    // element beyond the end
             "00000001 00000000 00000017 00000001 00000001 fffffffe 00000001",    // length -2
             "00000001 00000000 00000017 00000001 00000001 00000004 00000001 00", // a byte too many
             "00000000 00000000 00000017 00",
             "00000001 00000000 00000017 00000000 00000001 00", // no elements and a byte
             "00000002 00000000 00000017 7fffffff 00000001 7fffffff 00000001 00000004 00000001",
             "00000006 00000000 00000017 00010000 00000001 00010000 00000001 00010000 00000001 00010000 00000001"
             "00010000 00000001 00010000 00000001 00000004 00000001",
             "ffffffff 00000000 00000017 00000001 00000001",
             "7fffffff 00000000 00000017 00000001 00000001",
         })
        EXPECT_NE(refusal<ints>(cell(type_oid::int4_array, bytes(bad))), "") << bad;
    EXPECT_NE(refusal<ints>(cell(type_oid::int4, bytes("00000001"))), "");
    EXPECT_NE(refusal<ints>(cell(type_oid::text_array, encoded(std::vector<std::string>{"1"}))), "");
}

TEST(array_codec, every_cut_of_an_array_is_refused) {
    const auto whole = encoded(std::vector<std::string>{"one", "two"});
    for (std::size_t length = 0; length < whole.size(); ++length)
        EXPECT_NE(refusal<std::vector<std::string>>(cell(type_oid::text_array, whole.substr(0, length))), "") << length;
}

TEST(array_codec, reads_what_sqlite_keeps) {
    EXPECT_EQ(decoded<std::vector<float>>(cell(type_oid::bytea, bytes("0000c03f 000000c0"))),
              (std::vector<float>{1.5F, -2}));
    EXPECT_EQ(decoded<std::vector<double>>(cell(type_oid::bytea, bytes("000000000000f83f"))), std::vector<double>{1.5});
    EXPECT_EQ(decoded<std::vector<float>>(cell(type_oid::bytea, "")), std::vector<float>{});
    EXPECT_NE(refusal<std::vector<float>>(cell(type_oid::bytea, "abc")), "");
    EXPECT_EQ(decoded<std::vector<std::int64_t>>(cell(type_oid::text, "[1, -2,9223372036854775807]")),
              (std::vector<std::int64_t>{1, -2, 9223372036854775807}));
    EXPECT_EQ(decoded<std::vector<std::string>>(cell(type_oid::text, R"(["a\n\"", "\u00e9\ud83d\ude00", ""])")),
              (std::vector<std::string>{"a\n\"", "\xc3\xa9\xf0\x9f\x98\x80", ""}));
    EXPECT_EQ(decoded<std::vector<bool>>(cell(type_oid::text, " [true,false] ")), (std::vector<bool>{true, false}));
    EXPECT_EQ(decoded<std::vector<double>>(cell(type_oid::text, "[1e3,-0.5]")), (std::vector<double>{1000, -0.5}));
    const auto key = uuid::random();
    EXPECT_EQ(decoded<std::vector<uuid>>(cell(type_oid::text, "[\"" + to_string(key) + "\"]")), std::vector<uuid>{key});
    EXPECT_THAT(refusal<std::vector<std::int32_t>>(cell(type_oid::text, "[1,null]")), HasSubstr("contains NULL"));
    using nested = std::vector<std::vector<std::optional<std::int32_t>>>;
    EXPECT_EQ(decoded<nested>(cell(type_oid::text, "[[1,null], [2,3]]")), (nested{{1, std::nullopt}, {2, 3}}));
    for (const auto* bad : {"[[1],2]", "[1,[2]]", "[[1],[2,3]]", "[[1],[]]", "[[1]", "[[1]]]", "[[[1]]]", "[[1] [2]]"})
        EXPECT_NE(refusal<nested>(cell(type_oid::text, bad)), "") << bad;
}

TEST(json_array, anything_but_a_strict_array_of_scalars_is_refused) {
    for (const auto* bad : {"",
                            "1",
                            "[",
                            "]",
                            "[1",
                            "[1,]",
                            "[,1]",
                            "[1 2]",
                            "[1]x",
                            "[01]",
                            "[-]",
                            "[1.]",
                            "[1e]",
                            "[.5]",
                            "[+1]",
                            "[1]]",
                            "[[1]]",
                            "[{}]",
                            "['a']",
                            "[NaN]",
                            "[tru]",
                            "[1.5]",
                            "[9223372036854775808]",
                            "[\"1\"]",
                            "[1e0]"})
        EXPECT_NE(refusal<std::vector<std::int64_t>>(cell(type_oid::text, bad)), "") << bad;
    for (const auto* bad : {"[\"]", "[\"\\\"]", "[\"\\x\"]", "[\"\\u12\"]", "[\"\\ud800\"]", "[\"\\udc00\"]",
                            "[\"\\ud800\\u0041\"]", "[\"\n\"]", "[a]", "[true", "[\"\\u12g4\"]"})
        EXPECT_NE(refusal<std::vector<std::string>>(cell(type_oid::text, bad)), "") << bad;
}

TEST(json_array, strings_are_escaped) {
    std::string out;
    detail::append_json_string(out, std::string_view("a\"\\\n\0\x7f\xc3\xa9", 8));
    EXPECT_EQ(out, "\"a\\\"\\\\\\u000a\\u0000\x7f\xc3\xa9\"");
    detail::json_array_reader reader("[" + out + "]");
    const std::string text = "[" + out + "]";
    detail::json_array_reader again(text);
    ASSERT_EQ(again.next(), detail::json_array_reader::token::string);
    EXPECT_EQ(again.string(), std::string("a\"\\\n\0\x7f\xc3\xa9", 8));
    EXPECT_EQ(again.next(), detail::json_array_reader::token::end);
}

TEST(array_writer, writes_null_elements) {
    std::string out = "before";
    array_writer writer(out, type_oid::int4);
    writer.add_null();
    writer.add_encoded(bytes("00000007"));
    writer.finish();
    EXPECT_EQ(out, "before" + bytes("00000001 00000001 00000017 00000002 00000001 ffffffff 00000004 00000007"));
}

TEST(type_name, knows_arrays_and_their_elements) {
    EXPECT_EQ(name_of(type_oid::int8), "int8");
    EXPECT_EQ(name_of(type_oid::text_array), "text[]");
    EXPECT_EQ(name_of(type_oid{123456}), "type 123456");
    EXPECT_EQ(array_of(type_oid::uuid), type_oid::uuid_array);
    EXPECT_EQ(array_of(type_oid::xml), type_oid::xml_array);
    EXPECT_EQ(array_of(type_oid::xml_array), type_oid::unspecified);
    EXPECT_EQ(name_of(type_oid::character_array), "\"char\"[]");
    EXPECT_EQ(element_of(type_oid::oidvector), type_oid::oid);
    EXPECT_EQ(element_of(type_oid::float4_array), type_oid::float4);
    EXPECT_EQ(element_of(type_oid::int4), type_oid::unspecified);
    EXPECT_EQ(element_of(type_oid::unspecified), type_oid::unspecified);
}

} // namespace
} // namespace wharf::testing
