#include "orm/identity_map.hpp"

#include "orm/slab.hpp"
#include "wharf/orm/describe.hpp"
#include "wharf/orm/errors.hpp"
#include "wharf/row/codecs.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

namespace identity_map_tests {

struct Thing {
    std::int64_t id{};
    std::string name{};
};
struct Other {
    std::int64_t id{};
};
constexpr auto wharf_mapping(wharf::type<Thing>) {
    return wharf::table<Thing>("things", wharf::primary_key<&Thing::id>(), wharf::column<&Thing::name>());
}
constexpr auto wharf_mapping(wharf::type<Other>) {
    return wharf::table<Other>("others", wharf::primary_key<&Other::id>());
}

using namespace wharf::orm;

entity_base make(const class_descriptor& type, std::int64_t key) {
    auto made = entity_base::adopt(make_object(type));
    made.state()->key = key_value(key);
    return made;
}

TEST(identity_map, finds_by_class_and_key) {
    identity_map map;
    const auto thing = make(wharf::describe<Thing>(), 1);
    const auto other = make(wharf::describe<Other>(), 1);
    map.insert(*thing.state());
    map.insert(*other.state());
    EXPECT_EQ(map.find(wharf::describe<Thing>(), key_value(std::int64_t{1})), thing.state());
    EXPECT_EQ(map.find(wharf::describe<Other>(), key_value(std::int64_t{1})), other.state());
    EXPECT_EQ(map.find(wharf::describe<Thing>(), key_value(std::int64_t{2})), nullptr);
    EXPECT_EQ(map.find(wharf::describe<Thing>(), key_value()), nullptr);
}

TEST(identity_map, holds_one_reference_until_it_is_erased) {
    identity_map map;
    const auto thing = make(wharf::describe<Thing>(), 1);
    map.insert(*thing.state());
    EXPECT_EQ(thing.state()->references, 2U);
    EXPECT_EQ(map.erase(*thing.state()).state(), thing.state());
    EXPECT_EQ(thing.state()->references, 1U);
    EXPECT_FALSE(map.erase(*thing.state()));
    map.insert(*thing.state());
    map.clear();
    EXPECT_EQ(thing.state()->references, 1U);
}

TEST(identity_map, random_inserts_and_erases_agree_with_a_list) {
    identity_map map;
    std::vector<entity_base> in;
    std::mt19937 random(1);
    std::int64_t next = 0;
    for (int step = 0; step < 20'000; ++step) {
        if (in.empty() || random() % 5 < 3) {
            in.push_back(make(wharf::describe<Thing>(), next++));
            map.insert(*in.back().state());
        } else {
            const auto at = random() % in.size();
            EXPECT_TRUE(map.erase(*in[at].state()));
            in[at] = in.back();
            in.pop_back();
        }
    }
    EXPECT_EQ(map.size(), in.size());
    for (const auto& object : in)
        EXPECT_EQ(map.find(wharf::describe<Thing>(), object.state()->key), object.state());
}

TEST(slab, objects_outlive_the_memory_that_made_them) {
    std::vector<entity_base> kept;
    {
        object_memory memory;
        for (int i = 0; i < 1000; ++i) {
            auto made = entity_base::adopt(memory.make(wharf::describe<Thing>()));
            static_cast<Thing*>(made.state()->object())->name = std::string(40, 'x') + std::to_string(i);
            if (i % 100 == 0) kept.push_back(made);
        }
    }
    ASSERT_EQ(kept.size(), 10U);
    for (std::size_t i = 0; i < kept.size(); ++i)
        EXPECT_EQ(static_cast<Thing*>(kept[i].state()->object())->name, std::string(40, 'x') + std::to_string(i * 100));
}

TEST(entity, is_shared_nullable_and_checked) {
    wharf::entity<Thing> empty;
    EXPECT_FALSE(empty);
    EXPECT_THROW(static_cast<void>(empty->name), wharf::usage_error);
    wharf::entity<Thing> thing = Thing{.name = "a"};
    const wharf::entity<const Thing> reader = thing;
    thing->name = "b";
    EXPECT_EQ(reader->name, "b");
    EXPECT_TRUE(reader == thing);
    EXPECT_FALSE(thing == wharf::entity<Thing>(Thing{.name = "b"}));
    EXPECT_EQ(std::hash<wharf::entity<Thing>>{}(thing), std::hash<wharf::entity<Thing>>{}(wharf::entity(thing)));
}

} // namespace identity_map_tests
