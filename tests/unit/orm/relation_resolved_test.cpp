// What relations point to is found once: with a class that is used the others of its schema are known, and a program at
// work looks up nothing.
#include "orm/registry.hpp"
#include "wharf/orm/session.hpp"

#include <gmock/gmock.h>

#include <cstdint>
#include <string>

namespace zoo {

// Of these classes only `keeper` is named below.
struct keeper;
struct animal;
struct species;
struct house {
    std::int64_t id{};
    wharf::has_many<keeper> keepers{};
};
struct keeper {
    std::int64_t id{};
    wharf::belongs_to<std::optional<house>> works_in{};
    wharf::belongs_to<std::optional<keeper>> chief{};
    wharf::has_many<animal> animals{};
    wharf::has_many<keeper> staff{};
};
struct animal {
    std::int64_t id{};
    wharf::belongs_to<species> kind{};
    wharf::belongs_to<keeper> fed_by{};
    wharf::belongs_to<std::optional<keeper>> watched_by{};
};
struct species {
    std::string name{};
};
constexpr auto wharf_mapping(wharf::type<house>) {
    return wharf::table<house>("houses", wharf::primary_key<&house::id>(), wharf::relation<&house::keepers>());
}
constexpr auto wharf_mapping(wharf::type<keeper>) {
    return wharf::table<keeper>("keepers", wharf::primary_key<&keeper::id>().generated(),
                                wharf::relation<&keeper::works_in>(), wharf::relation<&keeper::chief>(),
                                wharf::relation<&keeper::animals>().inverse<&animal::watched_by>(),
                                wharf::relation<&keeper::staff>());
}
constexpr auto wharf_mapping(wharf::type<animal>) {
    return wharf::table<animal>("animals", wharf::primary_key<&animal::id>(), wharf::relation<&animal::kind>(),
                                wharf::relation<&animal::fed_by>(), wharf::relation<&animal::watched_by>());
}
constexpr auto wharf_mapping(wharf::type<species>) {
    return wharf::table<species>("species", wharf::primary_key<&species::name>());
}

} // namespace zoo

namespace shop {

struct item;
struct basket {
    std::int64_t id{};
    wharf::has_many<item> items{};
};
struct item {
    std::int64_t id{};
    wharf::belongs_to<basket> in{};
};
constexpr auto wharf_mapping(wharf::type<basket>) {
    return wharf::table<basket>("baskets", wharf::primary_key<&basket::id>().generated(),
                                wharf::relation<&basket::items>());
}
constexpr auto wharf_mapping(wharf::type<item>) {
    return wharf::table<item>("items", wharf::primary_key<&item::id>().generated(), wharf::relation<&item::in>());
}

} // namespace shop

namespace wharf::testing {
namespace {

TEST(relations, of_a_class_that_is_used_know_classes_that_are_not) {
    const auto& keeper = describe<zoo::keeper>();
    const auto& house = *keeper.relations[0].target_class;
    const auto& animal = *keeper.relations[2].target_class;
    EXPECT_EQ(house.table, "houses");
    EXPECT_EQ(animal.table, "animals");
    EXPECT_EQ(house.relations[0].target_class, &keeper);
    ASSERT_NE(animal.relations[0].target_class, nullptr);
    EXPECT_EQ(animal.relations[0].target_class->table, "species");
    EXPECT_EQ(keeper.relations[1].target_class, &keeper);
}

TEST(relations, know_their_other_side) {
    const auto& keeper = describe<zoo::keeper>();
    const auto& house = *keeper.relations[0].target_class;
    const auto& animal = *keeper.relations[2].target_class;
    constexpr auto none = orm::relation_descriptor::no_other_side;
    EXPECT_EQ(keeper.relations[0].other_side, 0);
    EXPECT_EQ(house.relations[0].other_side, 0);
    EXPECT_EQ(keeper.relations[1].other_side, 3) << "staff";
    EXPECT_EQ(keeper.relations[3].other_side, 1) << "chief";
    EXPECT_EQ(keeper.relations[2].other_side, 2) << "watched_by, which the mapping names";
    EXPECT_EQ(animal.relations[2].other_side, 2);
    EXPECT_EQ(animal.relations[1].other_side, none) << "fed_by is nobody's other side";
    EXPECT_EQ(animal.relations[0].other_side, none);
}

TEST(relations, are_not_looked_up_while_a_session_works) {
    engine one{"sqlite://"};
    session session{one};
    session.execute("CREATE TABLE baskets (id INTEGER PRIMARY KEY AUTOINCREMENT)");
    session.execute("CREATE TABLE items (id INTEGER PRIMARY KEY AUTOINCREMENT, in_id bigint REFERENCES baskets(id))");
    const auto warm = session.add(shop::basket{.items = {shop::item{}}});
    session.commit();

    auto& registry = orm::registry::instance();
    const auto before = registry.lookups();
    auto basket = session.add(shop::basket{});
    for (int i = 0; i != 100; ++i)
        basket->items.add(shop::item{});
    for (int i = 0; i != 100; ++i)
        session.add(shop::item{.in = basket});
    session.commit();
    session.refresh(basket);
    EXPECT_EQ(basket->items.size(), 200U);
    basket->items[0]->in = warm;
    basket->items.remove(basket->items[0]);
    session.rollback();
    EXPECT_EQ(registry.lookups(), before);
}

} // namespace
} // namespace wharf::testing
