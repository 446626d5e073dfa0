// What the mapping of relations becomes. This file never sees `press`, which relation_mapping_elsewhere.cpp maps.
#include "relation_mapping_leaf.hpp"
#include "wharf/base/error.hpp"
#include "wharf/orm/session.hpp"

#include <gmock/gmock.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace presses {
struct press;
}

namespace reading {

struct copy;
struct book {
    std::int64_t id{};
    wharf::belongs_to<presses::press> press{};
    wharf::belongs_to<std::optional<book>> sequel_of{};
    wharf::belongs_to<std::optional<copy>> master{};
    std::string title{};
    wharf::has_many<copy> copies{};
};
struct copy {
    std::int64_t book_id{};
    std::int32_t number{};
    wharf::belongs_to<book> book_{};
    std::int32_t shelf_row{};
};
struct loan {
    std::int64_t id{};
    std::int64_t of_book{};
    std::int32_t of_number{};
    wharf::belongs_to<copy> what{};
};
constexpr auto wharf_mapping(wharf::type<book>) {
    return wharf::table<book>("books", wharf::columns<&book::title>(), wharf::relation<&book::press>(),
                              wharf::primary_key<&book::id>().generated(),
                              wharf::relation<&book::sequel_of>().column("previous"), wharf::relation<&book::master>(),
                              wharf::relation<&book::copies>());
}
constexpr auto wharf_mapping(wharf::type<copy>) {
    return wharf::table<copy>("copies", wharf::primary_key<&copy::book_id, &copy::number>(),
                              wharf::relation<&copy::book_>().key<&copy::book_id>(),
                              wharf::columns<&copy::shelf_row>());
}
constexpr auto wharf_mapping(wharf::type<loan>) {
    return wharf::table<loan>("loans", wharf::primary_key<&loan::id>(),
                              wharf::relation<&loan::what>().column<&loan::of_book, &loan::of_number>());
}

struct nowhere;
struct lost {
    std::int64_t id{};
    wharf::belongs_to<nowhere> where{};
};
constexpr auto wharf_mapping(wharf::type<lost>) {
    return wharf::table<lost>("lost", wharf::primary_key<&lost::id>(), wharf::relation<&lost::where>());
}

struct mismatched {
    std::int64_t id{};
    std::string book_id{};
    wharf::belongs_to<book> book_{};
};
constexpr auto wharf_mapping(wharf::type<mismatched>) {
    return wharf::table<mismatched>("mismatched", wharf::primary_key<&mismatched::id>(),
                                    wharf::relation<&mismatched::book_>().column<&mismatched::book_id>());
}
struct incomplete {
    std::int64_t id{};
    std::int64_t one{};
    wharf::belongs_to<copy> copy_{};
};
constexpr auto wharf_mapping(wharf::type<incomplete>) {
    return wharf::table<incomplete>("incomplete", wharf::primary_key<&incomplete::id>(),
                                    wharf::relation<&incomplete::copy_>().column<&incomplete::one>());
}
struct doubled {
    std::int64_t id{};
    std::int64_t book_id{};
    wharf::belongs_to<reading::book> book{};
};
constexpr auto wharf_mapping(wharf::type<doubled>) {
    return wharf::table<doubled>("doubled", wharf::primary_key<&doubled::id>(), wharf::columns<&doubled::book_id>(),
                                 wharf::relation<&doubled::book>());
}

} // namespace reading

namespace wharf::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

std::vector<std::string_view> names(const orm::class_descriptor& type) {
    std::vector<std::string_view> out;
    for (const auto& column : type.columns)
        out.push_back(column.name);
    return out;
}

TEST(relation, foreign_keys_stand_where_their_relation_is_listed) {
    const auto& type = describe<reading::book>();
    EXPECT_THAT(names(type), ElementsAre("id", "title", "press_id", "previous", "master_book_id", "master_number"));
    ASSERT_EQ(type.relations.size(), 4U);
    const auto& press = type.relations[0];
    EXPECT_EQ(press.name, "press");
    EXPECT_THAT(press.columns, ElementsAre(2));
    EXPECT_FALSE(press.nullable || type.columns[2].nullable);
    EXPECT_EQ(type.columns[2].type, nullptr);
    EXPECT_EQ(type.columns[2].relation, 0);
    EXPECT_TRUE(type.relations[1].nullable && type.columns[3].nullable);
    EXPECT_EQ(type.relations[3].kind, orm::relation_kind::has_many);
    EXPECT_TRUE(type.relations[3].columns.empty());
}

TEST(relation, the_target_need_not_be_seen_to_know_its_key) {
    EXPECT_EQ(describe<reading::book>().columns[2].wire, type_oid::text);
    ASSERT_NE(orm::find_descriptor(orm::tag_of<presses::press>), nullptr);
    EXPECT_EQ(orm::find_descriptor(orm::tag_of<presses::press>)->table, "presses");
}

TEST(relation, the_target_need_not_be_used_to_be_known) {
    const auto& leaf = describe<plants::leaf>();
    ASSERT_NE(leaf.relations[0].target_class, nullptr);
    EXPECT_EQ(leaf.relations[0].target_class->table, "roots");
    EXPECT_EQ(leaf.columns[1].wire, type_oid::text);
}

TEST(relation, a_composite_key_gives_several_columns) {
    const auto& type = describe<reading::book>();
    EXPECT_THAT(type.relations[2].columns, ElementsAre(4, 5));
    EXPECT_EQ(type.columns[4].wire, type_oid::int8);
    EXPECT_EQ(type.columns[5].wire, type_oid::int4);
}

TEST(relation, foreign_keys_in_members_are_columns_once) {
    const auto& copy = describe<reading::copy>();
    EXPECT_THAT(names(copy), ElementsAre("book_id", "number", "shelf_row"));
    EXPECT_THAT(copy.relations[0].columns, ElementsAre(0));
    EXPECT_EQ(copy.columns[0].relation, 0);
    EXPECT_NE(copy.columns[0].type, nullptr);
    const auto& loan = describe<reading::loan>();
    EXPECT_THAT(names(loan), ElementsAre("id", "of_book", "of_number"));
    EXPECT_THAT(loan.relations[0].columns, ElementsAre(1, 2));
}

TEST(relation, members_are_reached_through_the_descriptor) {
    reading::book object;
    EXPECT_EQ(describe<reading::book>().relations[0].at(&object), &object.press);
    EXPECT_EQ(describe<reading::book>().relations[3].at(&object), &object.copies);
}

template <class T>
auto describing() {
    return [] { static_cast<void>(describe<T>()); };
}

TEST(relation, that_cannot_work_says_why) {
    EXPECT_THAT(describing<reading::lost>(),
                ThrowsMessage<configuration_error>(
                    HasSubstr("the relation where of table lost points to the class reading::nowhere, whose mapping "
                              "no source file has that uses reading::lost")));
    EXPECT_THAT(describing<reading::mismatched>(), ThrowsMessage<configuration_error>(HasSubstr(
                                                       "in the member book_id, whose type is not that of the key")));
    EXPECT_THAT(describing<reading::incomplete>(),
                ThrowsMessage<configuration_error>(HasSubstr("names 1 members for its foreign key, but the key of its "
                                                             "target has 2 columns")));
    EXPECT_THAT(describing<reading::doubled>(),
                ThrowsMessage<configuration_error>(HasSubstr("table doubled has two columns book_id")));
}

} // namespace
} // namespace wharf::testing
