// The three places of a mapping, and what becomes of it.
#include "wharf/orm/describe.hpp"

#include <gmock/gmock.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace shop {

struct product {
    std::int64_t id{};
    std::string name{};
    std::optional<double> price{};
    std::int32_t version{};
    bool shown{true};
};
constexpr auto wharf_mapping(wharf::type<product>) {
    return wharf::table<product>(
        "products", wharf::columns<&product::name>(), wharf::column<&product::id>().primary_key().generated(),
        wharf::column<&product::price>("list_price").indexed(), wharf::column<&product::version>().version(),
        wharf::column<&product::shown>().server_default("true"));
}

struct stock {
    std::int64_t product_id{};
    std::string warehouse{};
    std::int32_t pieces{};
};
constexpr auto wharf_mapping(wharf::type<stock>) {
    return wharf::table<stock>("stock", wharf::primary_key<&stock::warehouse, &stock::product_id>(),
                               wharf::columns<&stock::pieces>());
}

struct two_step {
    int a{};
    int b{};
};
constexpr auto wharf_mapping(wharf::type<two_step>) {
    return wharf::table<two_step>("t", wharf::column<&two_step::b>("second").primary_key(),
                                  wharf::column<&two_step::a>().primary_key());
}

class account {
public:
    static constexpr auto mapping() {
        return wharf::table<account>("accounts", wharf::primary_key<&account::id_>(),
                                     wharf::column<&account::owner_>("owner").unique());
    }

private:
    std::int64_t id_{};
    std::string owner_{};
};

struct foreign { // as if a third party had written it
    int id{};
};

struct unmapped {};

} // namespace shop

template <>
inline constexpr auto wharf::mapping<shop::foreign> =
    wharf::table<shop::foreign>("foreign", wharf::primary_key<&shop::foreign::id>());

namespace wharf::testing {
namespace {

using ::testing::ElementsAre;

std::vector<std::string_view> names(const orm::class_descriptor& type) {
    std::vector<std::string_view> out;
    for (const auto& column : type.columns)
        out.push_back(column.name);
    return out;
}

TEST(mapping, in_each_of_its_places_is_found) {
    static_assert(mapped<shop::product> && mapped<const shop::product>);
    static_assert(mapped<shop::account>);
    static_assert(mapped<shop::foreign>);
    static_assert(!mapped<shop::unmapped> && !mapped<int>);
    EXPECT_EQ(describe<shop::account>().table, "accounts");
    EXPECT_EQ(describe<shop::foreign>().table, "foreign");
}

TEST(key_of, one_column_is_its_type_several_are_a_tuple) {
    static_assert(std::same_as<key_of<shop::product>, std::int64_t>);
    static_assert(std::same_as<key_of<const shop::stock>, std::tuple<std::string, std::int64_t>>);
    static_assert(std::same_as<key_of<shop::two_step>, std::tuple<int, int>>);
}

TEST(describe, a_class_with_columns_lists_the_key_first) {
    const auto& type = describe<shop::product>();
    EXPECT_EQ(type.table, "products");
    EXPECT_THAT(names(type), ElementsAre("id", "name", "list_price", "version", "shown"));
    EXPECT_EQ(type.key_size, 1U);
    EXPECT_EQ(type.version_column, 3);
    EXPECT_TRUE(type.columns[0].key && type.columns[0].generated);
    EXPECT_TRUE(type.columns[2].nullable && type.columns[2].indexed);
    EXPECT_EQ(type.columns[2].wire, type_oid::float8);
    EXPECT_EQ(type.columns[4].server_default, "true");
    EXPECT_FALSE(type.columns[1].key || type.columns[1].nullable || type.columns[1].generated);
}

TEST(describe, composite_keys_keep_the_order_of_their_entry) {
    EXPECT_THAT(names(describe<shop::stock>()), ElementsAre("warehouse", "product_id", "pieces"));
    EXPECT_EQ(describe<shop::stock>().key_size, 2U);
    EXPECT_THAT(names(describe<shop::two_step>()), ElementsAre("second", "a"));
}

TEST(describe, members_are_reached_through_the_descriptor) {
    const auto& type = describe<shop::product>();
    alignas(shop::product) char memory[sizeof(shop::product)];
    ASSERT_EQ(type.size, sizeof memory);
    type.construct(memory);
    auto& object = *reinterpret_cast<shop::product*>(memory);
    EXPECT_TRUE(object.shown);
    *static_cast<std::string*>(type.columns[1].at(memory)) = "chair";
    EXPECT_EQ(object.name, "chair");
    EXPECT_TRUE(type.columns[0].type->is_default(type.columns[0].at(memory)));
    type.destroy(memory);
}

TEST(describe, twice_and_by_tag_is_the_same_descriptor) {
    EXPECT_EQ(&describe<shop::product>(), &describe<const shop::product>());
    EXPECT_EQ(orm::find_descriptor(orm::tag_of<shop::product>), &describe<shop::product>());
    EXPECT_EQ(orm::find_descriptor(orm::tag_of<shop::unmapped>), nullptr);
}

TEST(member_name, the_spellings_of_both_compilers_are_understood) {
    EXPECT_EQ(orm::member_name("constexpr const char* f() [with auto Member = &blog::User::name]"), "name");
    EXPECT_EQ(orm::member_name("const char *f() [Member = &User::id_]"), "id_");
    EXPECT_EQ(orm::member_name("f() [with auto Member = (int Derived::*)(&Base::count)]"), "count");
    EXPECT_EQ(orm::member_name(orm::detail::member_spelling<&shop::stock::warehouse>()), "warehouse");
}

} // namespace
} // namespace wharf::testing
