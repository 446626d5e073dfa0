// Enums, composites and hstore by their exact bytes.
#include "unit/row/cells.hpp"
#include "wharf/row/codecs.hpp"
#include "wharf/row/user_types.hpp"

#include <gtest/gtest.h>

namespace app {

enum class mood { sad, ok };
enum class level : std::int8_t { low = -10, high = 20 };

struct place {
    std::string name{};
    std::optional<std::int32_t> number{};
    bool operator==(const place&) const = default;
};

} // namespace app

template <>
struct wharf::codec<app::mood> : wharf::enum_codec<app::mood, "sad", "ok"> {};
template <>
struct wharf::codec<app::level>
    : wharf::labelled_enum<wharf::label{app::level::low, "low"}, wharf::label{app::level::high, "high"}> {};
template <>
struct wharf::codec<app::place> : wharf::composite_codec<app::place> {};

namespace wharf::testing {
namespace {

using ::testing::HasSubstr;

constexpr auto mood_type = type_oid{20'000};
constexpr auto place_type = type_oid{20'001};
constexpr auto number_type = type_oid{20'002};
constexpr auto numbers_type = type_oid{20'003};

user_types known_types() {
    user_types known;
    known.add({{numbers_type, type_form::array, number_type, "app.numbers", {}},
               {mood_type, type_form::enumeration, type_oid::unspecified, "app.mood", {}},
               {number_type, type_form::domain, type_oid::int4, "app.number", {}},
               {place_type,
                type_form::composite,
                type_oid::unspecified,
                "app.place",
                {{"name", type_oid::text}, {"number", number_type}}}});
    return known;
}

TEST(user_types, know_what_a_type_is_read_and_written_as) {
    const auto known = known_types();
    EXPECT_EQ(known.find(type_oid::int4), nullptr);
    EXPECT_EQ(known.find(mood_type)->name, "app.mood");
    EXPECT_EQ(known.read_as(number_type), type_oid::int4);
    EXPECT_EQ(known.read_as(numbers_type), type_oid::int4_array);
    EXPECT_EQ(known.written_as(numbers_type), numbers_type) << "an array says of what it is";
    EXPECT_EQ(known.read_as(type_oid::text), type_oid::text);
}

TEST(user_types, domains_in_a_circle_end) {
    user_types known;
    known.add({{type_oid{20'000}, type_form::domain, type_oid{20'001}, "a", {}},
               {type_oid{20'001}, type_form::domain, type_oid{20'000}, "b", {}}});
    EXPECT_GE(known.read_as(type_oid{20'000}), type_oid{20'000});
}

TEST(enum_codec, writes_and_reads_labels) {
    const auto known = known_types();
    EXPECT_EQ(encoded(app::mood::ok), "ok");
    EXPECT_EQ(encoded(app::level::low), "low");
    EXPECT_EQ(decoded<app::mood>({mood_type, wire_format::binary, false, "sad", &known}), app::mood::sad);
    EXPECT_EQ(decoded<app::level>(cell(type_oid::text, "high")), app::level::high);
    EXPECT_THROW(encoded(static_cast<app::mood>(2)), conversion_error);
    EXPECT_THROW(encoded(static_cast<app::level>(0)), conversion_error);
}

TEST(enum_codec, unknown_label_is_named) {
    const auto known = known_types();
    EXPECT_EQ(refusal<app::mood>({mood_type, wire_format::binary, false, "bad", &known}),
              R"(the label "bad" of type app.mood is none of those that the C++ enum has ("sad", "ok"))");
    EXPECT_NE(refusal<app::mood>(cell(type_oid::int4, encoded(1))), "");
}

TEST(composite_codec, writes_count_types_and_lengths) {
    EXPECT_EQ(encoded(app::place{"ab", 7}),
              bytes("00000002 00000019 00000002") + "ab" + bytes("00000017 00000004 00000007"));
    EXPECT_EQ(encoded(app::place{"", std::nullopt}), bytes("00000002 00000019 00000000 00000017 ffffffff"));
}

TEST(composite_codec, reads_members_through_what_is_known_of_their_types) {
    const auto known = known_types();
    const auto value = bytes("00000002 00000019 00000002") + "ab" + bytes("00004e22 00000004 00000007");
    EXPECT_EQ(decoded<app::place>({place_type, wire_format::binary, false, value, &known}), (app::place{"ab", 7}));
    EXPECT_THAT(refusal<app::place>({place_type, wire_format::binary, false, value, nullptr}),
                HasSubstr("member \"number\": a value of type type 20002"));
}

TEST(composite_codec, malformed_values_are_refused) {
    const auto whole = encoded(app::place{"ab", 7});
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_NE(refusal<app::place>(cell(type_oid::record, std::string_view(whole).substr(0, size))), "") << size;
    EXPECT_NE(refusal<app::place>(cell(type_oid::record, whole + "x")), "");
    EXPECT_NE(refusal<app::place>(cell(type_oid::record, bytes("7fffffff 00000019 00000000"))), "");
    EXPECT_NE(refusal<app::place>(cell(type_oid::record, bytes("ffffffff"))), "");
    EXPECT_NE(refusal<app::place>(cell(type_oid::record, bytes("00000002 00000019 fffffffe 00000017 ffffffff"))), "");
    EXPECT_NE(refusal<app::place>(cell(type_oid::int4, whole)), "");
}

TEST(hstore, has_exact_bytes) {
    const hstore value{{"a", "x"}, {"b", std::nullopt}};
    EXPECT_EQ(encoded(value),
              bytes("00000002 00000001") + "a" + bytes("00000001") + "x" + bytes("00000001") + "b" + bytes("ffffffff"));
    EXPECT_EQ(round_trip(value), value);
    EXPECT_EQ(round_trip(hstore()), hstore());
}

TEST(hstore, malformed_values_are_refused) {
    const auto whole = encoded(hstore{{"a", "x"}, {"b", std::nullopt}});
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_NE(refusal<hstore>(cell(type_oid::hstore, std::string_view(whole).substr(0, size))), "") << size;
    EXPECT_NE(refusal<hstore>(cell(type_oid::hstore, whole + "x")), "");
    EXPECT_NE(refusal<hstore>(cell(type_oid::hstore, bytes("00000001 ffffffff ffffffff"))), "") << "a key is not NULL";
    EXPECT_NE(refusal<hstore>(cell(type_oid::hstore, bytes("7fffffff"))), "");
}

} // namespace
} // namespace wharf::testing
