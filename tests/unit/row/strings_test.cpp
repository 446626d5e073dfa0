#include "wharf/row/strings.hpp"

#include "unit/row/cells.hpp"
#include "wharf/row/json.hpp"
#include "wharf/row/uuid.hpp"

#include <gtest/gtest.h>

#include <set>
#include <unordered_set>

namespace wharf::testing {
namespace {

using ::testing::HasSubstr;

TEST(string_codec, text_is_its_bytes) {
    EXPECT_EQ(encoded(std::string("h\xc3\xa9")), "h\xc3\xa9");
    EXPECT_EQ(encoded(std::string_view("")), "");
    const char* literal = "abc";
    EXPECT_EQ(encoded(literal), "abc");
}

TEST(string_codec, reads_everything_that_is_sent_as_text) {
    for (const auto type : {type_oid::text, type_oid::varchar, type_oid::bpchar, type_oid::name, type_oid::json,
                            type_oid::xml, type_oid::unknown, type_oid{16385}}) {
        EXPECT_EQ(decoded<std::string>(cell(type, "abc")), "abc");
        EXPECT_EQ(decoded<std::string_view>(cell(type, "abc")), "abc");
    }
    EXPECT_EQ(decoded<std::string>(cell(type_oid::jsonb, "\1{}")), "{}");
    EXPECT_EQ(decoded<std::string>(cell(type_oid::numeric, bytes("0001 ffff 4000 0005 0001"))), "-0.00010");
}

TEST(string_codec, other_types_are_refused) {
    EXPECT_THAT(refusal<std::string>(cell(type_oid::int4, bytes("00000001"))),
                HasSubstr("int4 cannot be read as std::string"));
    EXPECT_THAT(refusal<std::string>(cell(type_oid::bytea, "ab")), HasSubstr("bytea"));
    EXPECT_THAT(refusal<std::string>(cell(type_oid{20000}, bytes("0001 0000"))), HasSubstr("type 20000"));
    EXPECT_THAT(refusal<std::string>(cell(type_oid::jsonb, "\2{}")), HasSubstr("malformed"));
    EXPECT_THAT(refusal<std::string>(cell(type_oid::jsonb, "")), HasSubstr("malformed"));
}

TEST(string_codec, decoding_reuses_memory) {
    std::string out;
    out.reserve(100);
    const auto* memory = out.data();
    codec<std::string>::decode(cell(type_oid::text, "abc"), out);
    EXPECT_EQ(out.data(), memory);
}

TEST(bytes_codec, survives_a_round_trip) {
    const std::vector<std::byte> value{std::byte{0}, std::byte{255}, std::byte{10}};
    EXPECT_EQ(encoded(value), bytes("00ff0a"));
    EXPECT_EQ(round_trip(value), value);
    EXPECT_EQ(round_trip(std::vector<std::byte>{}), std::vector<std::byte>{});
    EXPECT_NE(refusal<std::vector<std::byte>>(cell(type_oid::text, "a")), "");
}

TEST(json_codec, is_jsonb_with_its_version) {
    EXPECT_EQ(codec<json>::type, type_oid::jsonb);
    EXPECT_EQ(encoded(json("{\"a\":1}")), "\1{\"a\":1}");
    EXPECT_EQ(round_trip(json("[]")), json("[]"));
    EXPECT_EQ(decoded<json>(cell(type_oid::json, "[1]")).text(), "[1]");
    EXPECT_EQ(decoded<json>(cell(type_oid::text, "[1]")).text(), "[1]");
    EXPECT_NE(refusal<json>(cell(type_oid::int4, "aaaa")), "");
}

TEST(uuid, parses_the_usual_spellings) {
    const auto value = uuid::parse("550e8400-e29b-41d4-a716-446655440000");
    ASSERT_TRUE(value);
    EXPECT_EQ(to_string(*value), "550e8400-e29b-41d4-a716-446655440000");
    EXPECT_EQ(uuid::parse("550E8400E29B41D4A716446655440000"), value);
    EXPECT_EQ(uuid::parse("{550e8400-e29b-41d4-a716-446655440000}"), value);
    for (const auto* bad : {"", "5", "550e8400-e29b-41d4-a716-44665544000", "550e8400-e29b-41d4-a716-4466554400000",
                            "550e8400xe29b-41d4-a716-446655440000", "550e8400-e29b-41d4-a716-44665544000g",
                            "550e8400-e29b-41d4-a716446655440000-", "{550e8400-e29b-41d4-a716-446655440000",
                            "-50e8400-e29b-41d4-a716-446655440000"})
        EXPECT_FALSE(uuid::parse(bad)) << bad;
}

TEST(uuid, generated_ones_carry_version_and_variant_and_differ) {
    std::unordered_set<uuid> seen;
    for (int i = 0; i < 1000; ++i) {
        const auto random = uuid::random();
        EXPECT_EQ(random.bytes[6] >> 4, 4);
        EXPECT_EQ(random.bytes[8] >> 6, 2);
        EXPECT_TRUE(seen.insert(random).second);
    }
}

TEST(uuid, ordered_ones_are_made_in_increasing_order) {
    auto previous = uuid::ordered();
    for (int i = 0; i < 10'000; ++i) {
        const auto next = uuid::ordered();
        EXPECT_EQ(next.bytes[6] >> 4, 7);
        EXPECT_EQ(next.bytes[8] >> 6, 2);
        ASSERT_LT(previous, next);
        previous = next;
    }
}

TEST(uuid_codec, reads_uuid_text_and_bytes) {
    const auto value = uuid::random();
    EXPECT_EQ(round_trip(value), value);
    EXPECT_EQ(decoded<uuid>(cell(type_oid::bytea, encoded(value))), value);
    EXPECT_EQ(decoded<uuid>(cell(type_oid::text, to_string(value))), value);
    EXPECT_THAT(refusal<uuid>(cell(type_oid::text, "no uuid")), HasSubstr("does not spell a wharf::uuid"));
    EXPECT_THAT(refusal<uuid>(cell(type_oid::uuid, "short")), HasSubstr("malformed (5 bytes)"));
    EXPECT_THAT(refusal<uuid>(cell(type_oid::int4, "1234")), HasSubstr("int4"));
}

TEST(bytes, text_of_either_form_is_read) {
    const auto read = [](std::string_view text, type_oid type = type_oid::bytea) {
        return decoded<std::vector<std::byte>>(cell_view{type, wire_format::text, false, text});
    };
    const std::vector<std::byte> expected{std::byte{0}, std::byte{0xff}, std::byte{'\\'}, std::byte{'x'}};
    EXPECT_EQ(read("\\x00ff5c78"), expected);
    EXPECT_EQ(read("\\000\\377\\\\x"), expected); // bytea_output=escape
    EXPECT_EQ(read(""), std::vector<std::byte>{});
    for (const std::string_view wrong : {"\\", "\\00", "\\400", "\\09a", "\\x0", "\\xzz"})
        EXPECT_THROW((void)read(wrong), conversion_error) << wrong;
    EXPECT_THROW((void)read("plain", type_oid::text), conversion_error);
}

} // namespace
} // namespace wharf::testing
