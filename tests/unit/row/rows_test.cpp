#include "wharf/row/rows.hpp"

#include "unit/row/cells.hpp"
#include "wharf/row/codecs.hpp"
#include "wharf/row/encode.hpp"

#include <gtest/gtest.h>

namespace app {

struct account_id {
    std::int64_t value{};
    bool operator==(const account_id&) const = default;
};

struct person {
    std::int64_t id{};
    std::string name{};
    std::optional<double> score{};
};

struct owner {
    account_id account{};
};

} // namespace app

template <>
struct wharf::codec<app::account_id> : wharf::wraps<&app::account_id::value> {};

namespace wharf::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

static_assert(encodable<int> && decodable<int> && !nullable<int>);
static_assert(nullable<std::optional<int>> && decodable<std::optional<std::string>>);
static_assert(encodable<const char*> && !decodable<const char*>);
static_assert(!encodable<app::person> && !decodable<app::person> && row_struct<app::person>);
static_assert(decodable<app::account_id> && !row_struct<app::account_id>);
static_assert(!encodable<std::optional<std::optional<int>>>);
static_assert(!encodable<void*> && !encodable<wchar_t>);

std::vector<column_info> columns(std::vector<std::pair<std::string, type_oid>> list) {
    std::vector<column_info> made;
    for (auto& [name, type] : list)
        made.push_back({name, type});
    return made;
}

result people() {
    return make_result(columns({{"score", type_oid::float8}, {"id", type_oid::int4}, {"name", type_oid::text}}),
                       {{encoded(1.5), encoded(7), "Ada"}, {std::nullopt, encoded(8), "Bob"}});
}

template <class Function>
std::string refusal_of(Function function) {
    try {
        function();
    } catch (const conversion_error& error) {
        return error.what();
    }
    return {};
}

TEST(rows, struct_is_read_by_the_names_of_its_members) {
    const rows<app::person> all(people());
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].id, 7);
    EXPECT_EQ(all[0].name, "Ada");
    EXPECT_EQ(all[0].score, 1.5);
    EXPECT_EQ(all[1].name, "Bob");
    EXPECT_EQ(all[1].score, std::nullopt);
}

TEST(rows, struct_with_other_members_than_columns_is_refused_by_name) {
    const auto other = make_result(columns({{"id", type_oid::int4}, {"title", type_oid::text}}), {});
    EXPECT_THAT(
        refusal_of([&] { rows<app::person>{other}; }),
        AllOf(HasSubstr("no column for member \"name\", \"score\""), HasSubstr("no member for column \"title\"")));
    const auto twice = make_result(
        columns(
            {{"id", type_oid::int4}, {"id", type_oid::int4}, {"name", type_oid::text}, {"score", type_oid::float8}}),
        {});
    EXPECT_THAT(refusal_of([&] { rows<app::person>{twice}; }), HasSubstr("column \"id\" twice"));
}

TEST(rows, struct_is_read_by_position_whatever_its_members_are_called) {
    struct named_otherwise {
        std::optional<double> first{};
        int second{};
        std::string third{};
    };
    const auto found = rows<by_position<named_otherwise>>(people());
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].first, 1.5);
    EXPECT_EQ(found[1].second, 8);
    EXPECT_EQ(found[1].third, "Bob");
}

TEST(rows, struct_of_another_size_is_refused_by_position_with_both_lists) {
    EXPECT_EQ(refusal_of([] { rows<by_position<app::owner>> unused(people()); }),
              R"(the statement returns 3 columns ("score", "id", "name") where the struct has 1 members ("account"))");
}

TEST(rows, errors_name_the_column_of_a_struct_by_position) {
    EXPECT_THAT(refusal_of([] { rows<by_position<app::person>> unused(people()); }), HasSubstr("column \"score\""));
}

TEST(rows, several_types_give_tuples_by_position) {
    rows<std::optional<float>, int, std::string> all(people());
    int sum = 0;
    for (auto& [score, id, name] : all)
        sum += id;
    EXPECT_EQ(sum, 15);
    EXPECT_EQ(std::get<2>(all[1]), "Bob");
}

TEST(rows, other_number_of_columns_is_refused_with_their_names) {
    EXPECT_THAT(refusal_of([] { rows<int, std::string>{people()}; }),
                HasSubstr("3 columns (\"score\", \"id\", \"name\") where 2 are read"));
    EXPECT_THAT(refusal_of([] { rows<int>{result{}}; }), HasSubstr("0 columns"));
}

TEST(rows, errors_name_the_column) {
    EXPECT_THAT(refusal_of([] { rows<double, int, std::string>{people()}; }),
                AllOf(HasSubstr("column \"score\""), HasSubstr("NULL"), HasSubstr("std::optional")));
    EXPECT_THAT(refusal_of([] { rows<std::optional<double>, std::string, std::string>{people()}; }),
                HasSubstr("column \"id\": a value of type int4 cannot be read as std::string"));
}

struct measured {
    std::int16_t small{};
    std::int32_t middle{};
    std::int64_t large{};
    float single{};
    double precise{};
};

TEST(rows, numbers_are_read_from_columns_of_their_own_type_and_of_others) {
    const auto list = [](type_oid large) {
        return columns({{"precise", type_oid::float8},
                        {"large", large},
                        {"single", type_oid::float4},
                        {"small", type_oid::int2},
                        {"middle", type_oid::int4}});
    };
    const auto check = [](const result& from, std::int64_t large) {
        const measured row = rows<measured>(from).one();
        EXPECT_EQ(row.precise, -2.5);
        EXPECT_EQ(row.large, large);
        EXPECT_EQ(row.single, 0.5F);
        EXPECT_EQ(row.small, -3);
        EXPECT_EQ(row.middle, 4);
    };
    const auto small = encoded(std::int16_t{-3});
    const auto far = std::numeric_limits<std::int64_t>::min();
    check(make_result(list(type_oid::int8), {{encoded(-2.5), encoded(far), encoded(0.5F), small, encoded(4)}}), far);
    check(make_result(list(type_oid::int4), {{encoded(-2.5), encoded(9), encoded(0.5F), small, encoded(4)}}), 9);
}

TEST(rows, number_of_another_length_than_its_types_is_refused) {
    const auto read = [](std::optional<std::string> cell) {
        return refusal_of([&] { (void)rows<std::int32_t>(make_result(columns({{"n", type_oid::int4}}), {{cell}})); });
    };
    EXPECT_THAT(read(encoded(std::int64_t{1})), HasSubstr("column \"n\""));
    EXPECT_THAT(read(encoded(std::int16_t{1})), HasSubstr("column \"n\""));
    EXPECT_THAT(read(""), HasSubstr("column \"n\""));
    EXPECT_THAT(read(std::nullopt), HasSubstr("is NULL"));
    EXPECT_EQ(read(encoded(1)), "");
}

TEST(rows, one_insists_on_exactly_one) {
    const auto shape = columns({{"id", type_oid::int4}});
    EXPECT_EQ(rows<int>(make_result(shape, {{encoded(5)}})).one(), 5);
    EXPECT_THROW(static_cast<void>(rows<int>(make_result(shape, {})).one()), no_result);
    EXPECT_THROW(static_cast<void>(rows<int>(make_result(shape, {{encoded(1)}, {encoded(2)}})).one()),
                 multiple_results);
    EXPECT_EQ(rows<int>(make_result(shape, {})).first(), std::nullopt);
    EXPECT_EQ(rows<int>(make_result(shape, {{encoded(1)}, {encoded(2)}})).first(), 1);
    EXPECT_EQ(rows<int>(make_result(shape, {})).one_or_none(), std::nullopt);
    EXPECT_EQ(rows<int>(make_result(shape, {{encoded(1)}, {encoded(2)}})).to_vector(), (std::vector<int>{1, 2}));
}

TEST(rows, bools_are_bools) {
    rows<bool> flags(make_result(columns({{"f", type_oid::boolean}}), {{encoded(true)}, {encoded(false)}}));
    for (bool& flag : flags)
        flag = !flag;
    EXPECT_FALSE(flags[0]);
    EXPECT_TRUE(flags[1]);
}

TEST(rows, strong_type_is_read_and_written_as_what_it_wraps) {
    const auto from = make_result(columns({{"account", type_oid::int8}}), {{encoded(std::int64_t{9})}});
    EXPECT_EQ(rows<app::account_id>(from).one().value, 9);
    EXPECT_EQ(rows<app::owner>(from).one().account.value, 9);
    EXPECT_EQ(encoded(app::account_id{9}), encoded(std::int64_t{9}));
    EXPECT_EQ(codec<app::account_id>::type, type_oid::int8);
}

TEST(decode_row, reads_one_row_and_views_into_it) {
    const auto from = people();
    const auto [score, id, name] = decode_row<std::optional<double>, int, std::string_view>(from[0]);
    EXPECT_EQ(name, "Ada");
    EXPECT_EQ(decode_row<app::person>(from[1]).id, 8);
    auto row = from[0];
    double first{};
    decode_next(row, first);
    EXPECT_EQ(first, 1.5);
    std::string wrong;
    EXPECT_THAT(refusal_of([&] { decode_next(row, wrong); }), HasSubstr("column \"id\""));
}

TEST(encode_parameter, covers_null_in_all_its_spellings) {
    parameters values;
    const char* text = nullptr;
    encode_parameters(values, 5, "abc", std::optional<int>{}, std::optional<int>{6}, std::nullopt, nullptr, text,
                      std::string("d"), app::account_id{3});
    ASSERT_EQ(values.size(), 9U);
    EXPECT_EQ(values[0].type, type_oid::int4);
    EXPECT_EQ(values[1].bytes, "abc");
    EXPECT_TRUE(values[2].null);
    EXPECT_EQ(values[2].type, type_oid::int4);
    EXPECT_EQ(values[3].bytes, encoded(6));
    EXPECT_TRUE(values[4].null);
    EXPECT_EQ(values[4].type, type_oid::unspecified);
    EXPECT_TRUE(values[5].null);
    EXPECT_TRUE(values[6].null);
    EXPECT_EQ(values[7].bytes, "d");
    EXPECT_EQ(values[8].type, type_oid::int8);
}

TEST(type_operations, do_what_the_codec_does) {
    constexpr const auto& operations = operations_of<std::optional<std::int64_t>>;
    static_assert(operations.type == type_oid::int8 && operations.nullable);
    std::optional<std::int64_t> value{5};
    EXPECT_FALSE(operations.is_default(&value));
    parameters values;
    operations.encode(&value, values);
    EXPECT_EQ(values[0].bytes, encoded(std::int64_t{5}));
    operations.decode({}, &value);
    EXPECT_FALSE(value.has_value());
    EXPECT_TRUE(operations.is_default(&value));
    encode_parameter(values, operations, &value);
    EXPECT_TRUE(values[1].null);
    operations.decode(cell(type_oid::int2, bytes("0003")), &value);
    EXPECT_EQ(value, 3);
    EXPECT_EQ(operations_of<const char*>.decode, nullptr);
    int plain = 0;
    EXPECT_THROW(operations_of<int>.decode({}, &plain), conversion_error);
}

} // namespace
} // namespace wharf::testing
