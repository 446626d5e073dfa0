// Members that are written between the plan of a flush and what its objects are told of it: the change is kept, and the
// next flush finds it.
#include "unit/orm/session_without_database.hpp"
#include "wharf/row/codecs.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace written_meanwhile_tests {

struct Room;
struct House {
    std::int64_t id{};
    std::string name{};
    std::optional<std::int32_t> floors{};
    std::int32_t version{};
    wharf::has_many<Room> rooms{};
};
/// Its foreign key is a member, too.
struct Room {
    std::int64_t id{};
    std::optional<std::int64_t> house_id{};
    wharf::belongs_to<std::optional<House>> house{};
    std::string name{};
};

constexpr auto wharf_mapping(wharf::type<House>) {
    return wharf::table<House>("houses", wharf::primary_key<&House::id>().generated(), wharf::column<&House::name>(),
                               wharf::column<&House::floors>().unique(), wharf::column<&House::version>().version(),
                               wharf::relation<&House::rooms>());
}
constexpr auto wharf_mapping(wharf::type<Room>) {
    return wharf::table<Room>("rooms", wharf::primary_key<&Room::id>().generated(), wharf::column<&Room::house_id>(),
                              wharf::relation<&Room::house>().column<&Room::house_id>(), wharf::column<&Room::name>());
}

using namespace wharf::orm;

class written_meanwhile : public testing::Test, protected wharf::orm::test::session_without_database {
protected:
    /// Between its plan and its end.
    void flush_with(const std::function<void()>& write, std::initializer_list<std::int64_t> generated = {}) {
        auto changes = plan();
        write();
        tell(changes, generated);
    }
    /// What the next flush writes to the one row that it updates.
    planned_update next_update() {
        auto changes = plan();
        EXPECT_EQ(changes.updates.size(), 1U);
        return changes.updates.empty() ? planned_update() : changes.updates.front();
    }
};

constexpr std::size_t name_of_house = 1;

TEST_F(written_meanwhile, member_of_a_row_that_is_updated_is_written_by_the_next_flush) {
    auto house = session().add(House{.name = "read"});
    commit({1});
    house->name = "sent";
    flush_with([&] { house->name = "later"; });
    EXPECT_EQ(house.read()->name, "later");
    EXPECT_EQ(house.read()->version, 1);
    const auto next = next_update();
    EXPECT_TRUE(next.changed.test(name_of_house));
    EXPECT_EQ(next.changed.count(), 1U);
    std::vector<std::string_view> before;
    split_row(next.before, 4, before);
    EXPECT_EQ(before[name_of_house].substr(4), "sent");
    flush();
    EXPECT_FALSE(session().is_modified());
    EXPECT_EQ(house.read()->version, 2);
}

TEST_F(written_meanwhile, change_back_to_what_was_read_is_one) {
    auto house = session().add(House{.name = "read"});
    commit({1});
    house->name = "sent";
    flush_with([&] { house->name = "read"; });
    EXPECT_EQ(house.read()->name, "read");
    EXPECT_TRUE(next_update().changed.test(name_of_house));
}

TEST_F(written_meanwhile, member_that_the_flush_did_not_write_is_written_by_the_next_one) {
    auto house = session().add(House{.name = "read"});
    commit({1});
    house->name = "sent";
    flush_with([&] { house->floors = 3; });
    EXPECT_EQ(house.read()->floors, 3);
    EXPECT_TRUE(next_update().changed.test(2));
    EXPECT_EQ(next_update().changed.count(), 1U);
}

TEST_F(written_meanwhile, member_of_a_new_row_is_written_by_the_next_flush) {
    auto house = session().add(House{});
    house->name = "sent";
    flush_with([&] { house->name = "later"; }, {7});
    EXPECT_EQ(house.read()->id, 7);
    EXPECT_EQ(house.read()->name, "later");
    EXPECT_TRUE(next_update().changed.test(name_of_house));
    EXPECT_EQ(next_update().changed.count(), 1U);
}

TEST_F(written_meanwhile, generated_key_of_a_new_row_is_kept_and_renames_it) {
    auto house = session().add(House{});
    house->name = "sent";
    flush_with([&] { house->id = 70; }, {7});
    EXPECT_EQ(house.read()->id, 70);
    EXPECT_EQ(house.state()->key, key_value(7));
    EXPECT_TRUE(next_update().changed.test(0));
    flush();
    EXPECT_EQ(house.state()->key, key_value(70));
}

TEST_F(written_meanwhile, key_of_a_row_that_is_updated_is_written_by_the_next_flush) {
    auto house = session().add(House{.name = "read"});
    commit({1});
    house->id = 2;
    flush_with([&] { house->id = 3; });
    EXPECT_EQ(house.state()->key, key_value(2));
    EXPECT_EQ(find(wharf::describe<House>(), 2), house.state());
    EXPECT_EQ(next_update().key, key_value(2));
    flush();
    EXPECT_EQ(find(wharf::describe<House>(), 3), house.state());
}

TEST_F(written_meanwhile, member_of_an_object_that_takes_a_row_over_is_written_by_the_next_flush) {
    auto old = session().add(House{.name = "old"});
    commit({7});
    session().remove(old);
    auto fresh = session().add(House{.id = 7, .name = "fresh", .floors = 1});
    fresh->name = "sent";
    flush_with([&] { fresh->name = "later"; });
    EXPECT_EQ(fresh.read()->name, "later");
    EXPECT_EQ(fresh.read()->version, 1);
    EXPECT_TRUE(next_update().changed.test(name_of_house));
    EXPECT_EQ(next_update().changed.count(), 1U);
}

TEST_F(written_meanwhile, foreign_key_beside_a_relation_is_written_by_the_next_flush) {
    auto one = session().add(House{.name = "one"});
    auto other = session().add(House{.name = "other"});
    auto room = session().add(Room{.name = "r"});
    commit({1, 2, 3});
    room->house = one;
    flush_with([&] { room->house_id = 2; });
    EXPECT_EQ(room.read()->house.key(), 1);
    EXPECT_EQ(room.read()->house_id, 2);
    EXPECT_TRUE(next_update().changed.test(1));
    flush();
    EXPECT_EQ(room.read()->house.key(), 2);
    EXPECT_EQ(other.read()->rooms.size(), 1U);
}

TEST_F(written_meanwhile, foreign_key_that_was_sent_from_the_member_may_become_what_it_was) {
    session().add(House{.name = "one"});
    session().add(House{.name = "other"});
    auto room = session().add(Room{.house_id = 1, .name = "r"});
    commit({1, 2, 3});
    room->house_id = 2;
    flush_with([&] { room->house_id = 1; });
    EXPECT_EQ(room.read()->house.key(), 2);
    flush();
    EXPECT_EQ(room.read()->house.key(), 1);
    EXPECT_FALSE(session().is_modified());
}

TEST_F(written_meanwhile, row_that_is_written_in_two_steps_keeps_what_was_written) {
    auto one = session().add(House{.name = "one", .floors = 1});
    auto other = session().add(House{.name = "other", .floors = 2});
    commit({1, 2});
    one->floors = 2; // a swap: one of them is NULL in between
    other->floors = 1;
    flush_with([&] {
        one->floors = 20;
        other->name = "later";
    });
    EXPECT_EQ(one.read()->floors, 20);
    EXPECT_EQ(other.read()->floors, 1);
    EXPECT_EQ(other.read()->name, "later");
    const auto changes = plan();
    ASSERT_EQ(changes.updates.size(), 2U);
    for (const auto& update : changes.updates)
        EXPECT_EQ(update.changed.count(), 1U);
    flush();
    EXPECT_FALSE(session().is_modified());
}

TEST_F(written_meanwhile, version_that_the_flush_raised_is_what_the_next_one_expects) {
    auto house = session().add(House{.name = "read"});
    commit({1});
    house->name = "sent";
    flush_with([&] { house->name = "later"; });
    std::vector<std::string_view> before;
    const auto next = next_update();
    split_row(next.before, 4, before);
    EXPECT_EQ(before[3].back(), '\1');
}

TEST_F(written_meanwhile, check_that_was_asked_for_holds_for_the_next_flush) {
    auto house = session().add(House{.name = "read"});
    commit({1});
    house->name = "sent";
    flush_with([&] { house.check_row(); });
    EXPECT_EQ(house.state()->checks, object_state::check_row);
}

TEST_F(written_meanwhile, rollback_takes_it_back_with_the_rest) {
    auto house = session().add(House{.name = "read"});
    commit({1});
    house->name = "sent";
    flush_with([&] { house->name = "later"; });
    session().rollback();
    EXPECT_EQ(house.read()->name, "read");
    EXPECT_FALSE(session().is_modified());
}

TEST_F(written_meanwhile, between_any_two_rows_that_are_told_is_kept) {
    for (std::size_t rows = 0; rows < 16; ++rows) {
        session_without_database in;
        auto changed = in.session().add(House{.name = "c"});
        in.commit({1});
        changed->name = "sent";
        auto added = in.session().add(House{});
        added->name = "sent";
        auto room = in.session().add(Room{.house = added});
        room->name = "sent";
        auto changes = in.plan();
        in.order(changes, {2, 3});
        plan_applier telling(in.parts(), changes);
        for (std::size_t i = 0; i < rows; ++i)
            telling.tell(1);
        (*changed).name = "later"; // these are watched, or were touched
        added->name = "later";
        room->name = "later";
        telling.tell(~std::size_t{0});
        EXPECT_EQ(in.plan().updates.size(), 3U) << rows;
        EXPECT_EQ(room.read()->house.key(), 2) << rows;
        in.flush();
        EXPECT_FALSE(in.session().is_modified()) << rows;
        EXPECT_EQ(added.read()->name, "later") << rows;
    }
}

} // namespace written_meanwhile_tests
