// The order of what a flush writes.
#include "unit/orm/hand_made_plan.hpp"

#include "wharf/base/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wharf::orm::test {
namespace {

using testing::ElementsAre;

class order : public testing::Test {
protected:
    order() {
        users.nullable_unique("email").plain("name");
        profiles.refers_to(users, "user");
        nodes.may_refer_to(nodes, "parent");
    }

    table users{"users"};
    table profiles{"profiles"};
    table nodes{"nodes"};
    hand_made_plan made{};
};

class order_of_values_together : public order {
protected:
    order_of_values_together() { seats.plain("hall").plain("number").plain("note").unique_together({1, 2}); }

    table seats{"seats"};
};

TEST_F(order_of_values_together, delete_goes_before_the_insert_and_the_update_that_take_them) {
    made.remove(seats, {1, 7, 1, null});
    made.remove(seats, {2, 7, 2, null});
    made.insert(seats, {null, 7, 1, null});
    made.update(seats, {3, 7, 3, null}, {3, 7, 2, null});
    EXPECT_THAT(made.steps(), ElementsAre("delete seats 1 2", "insert seats #0", "update seats.number 3"));
}

TEST_F(order_of_values_together, half_of_them_and_null_are_no_meeting) {
    made.remove(seats, {1, 7, 1, null});
    made.remove(seats, {2, 7, null, null});
    made.insert(seats, {null, 7, 2, null});
    made.insert(seats, {null, 7, null, null});
    EXPECT_THAT(made.steps(), ElementsAre("insert seats #0 #1", "delete seats 1 2"));
}

TEST_F(order_of_values_together, chain_of_updates_begins_at_its_free_end) {
    made.update(seats, {1, 7, 1, null}, {1, 7, 2, null});
    made.update(seats, {2, 7, 2, null}, {2, 7, 3, null});
    made.update(seats, {3, 7, 3, null}, {3, 8, 3, null});
    EXPECT_THAT(made.steps(), ElementsAre("update seats.hall 3", "update seats.number 2", "update seats.number 1"));
}

TEST_F(order, meetings_are_found_so_many_rows_at_a_time) {
    for (std::int64_t id = 0; id < 10; ++id) {
        made.insert(nodes, {100 + id, id == 0 ? value() : value(99 + id)});
        made.update(users, {id, id, 1}, {id, id + 1, 1});
    }
    for (std::int64_t id = 10; id < 15; ++id)
        made.remove(users, {id, id, 1});
    dependency_finder finder(made.plan);
    int turns = 1;
    while (finder.look(10))
        ++turns;
    EXPECT_EQ(turns, 5); // 25 rows, each looked at twice
    const auto edges = [](const dependencies& of) {
        std::vector<std::pair<node, node>> all;
        for (const auto& edge : of.edges)
            all.emplace_back(edge.from, edge.to);
        return all;
    };
    EXPECT_EQ(edges(finder.found()), edges(find_dependencies(made.plan)));
    EXPECT_EQ(edges(find_dependencies(made.plan)).size(), 19U);
}

TEST_F(order, without_meetings_is_inserts_updates_deletes_by_table) {
    made.remove(users, {1, null, null});
    made.remove(profiles, {1, 1});
    made.update(users, {2, null, null}, {2, null, 5});
    made.update(users, {3, null, null}, {3, null, 6});
    const auto user = made.insert(users, {null, null, null});
    made.insert(profiles, {null, null}, {{1, user}});
    made.insert(users, {null, null, null});
    EXPECT_THAT(made.steps(), ElementsAre("insert users #0 #2", "insert profiles #1", "update users.name 2 3",
                                          "delete profiles 1", "delete users 1"));
}

TEST_F(order, children_added_first_are_inserted_behind_their_parents) {
    made.insert(users, {null, null, null});
    made.insert(profiles, {null, null}, {{1, 0}});
    std::swap(made.plan.inserts[0], made.plan.inserts[1]);
    made.plan.inserts[0].deferred[0].target = 1;
    EXPECT_THAT(made.steps(), ElementsAre("insert users #1", "insert profiles #0"));
}

TEST_F(order, child_that_names_its_parent_by_key_is_inserted_behind_it) {
    made.insert(nodes, {2, 1});
    made.insert(nodes, {3, 2});
    made.insert(nodes, {1, null});
    EXPECT_THAT(made.steps(), ElementsAre("insert nodes 1", "insert nodes 2", "insert nodes 3"));
}

TEST_F(order, rows_of_a_tree_are_written_level_by_level) {
    const auto root = made.insert(nodes, {null, null});
    const auto left = made.insert(nodes, {null, null}, {{1, root}});
    made.insert(nodes, {null, null}, {{1, left}});
    made.insert(nodes, {null, null}, {{1, root}});
    for (const std::int64_t key : {7, 8, 9})
        made.remove(nodes, {key, key == 7 ? value() : value(key - 1)});
    EXPECT_THAT(made.steps(), ElementsAre("insert nodes #0", "insert nodes #1 #3", "insert nodes #2", "delete nodes 9",
                                          "delete nodes 8", "delete nodes 7"));
}

TEST_F(order, delete_that_frees_a_value_goes_before_the_insert_that_needs_it) {
    made.remove(users, {1, 7, null});
    made.insert(users, {null, 7, null});
    made.insert(users, {null, 8, null});
    EXPECT_THAT(made.steps(), ElementsAre("delete users 1", "insert users #0 #1"));
}

TEST_F(order, delete_that_frees_a_value_goes_before_the_update_that_needs_it) {
    made.remove(users, {1, 7, null});
    made.update(users, {2, null, null}, {2, 7, null});
    EXPECT_THAT(made.steps(), ElementsAre("delete users 1", "update users.email 2"));
}

TEST_F(order, delete_takes_the_children_of_the_row_along_to_the_front) {
    made.remove(users, {1, 7, null});
    made.remove(profiles, {1, 1});
    made.insert(users, {null, 7, null});
    EXPECT_THAT(made.steps(), ElementsAre("delete profiles 1", "delete users 1", "insert users #0"));
}

TEST_F(order, two_nulls_do_not_meet) {
    made.remove(users, {1, null, null});
    made.update(users, {2, null, null}, {2, null, 5});
    made.insert(users, {null, null, null});
    EXPECT_THAT(made.steps(), ElementsAre("insert users #0", "update users.name 2", "delete users 1"));
}

TEST_F(order, delete_that_frees_a_key_goes_before_the_insert_and_the_update_that_need_it) {
    made.remove(nodes, {1, null});
    made.insert(nodes, {1, null});
    made.remove(nodes, {5, null});
    made.update(nodes, {2, null}, {5, null});
    EXPECT_THAT(made.steps(), ElementsAre("delete nodes 1 5", "insert nodes 1", "update nodes.id 2"));
}

TEST_F(order, child_that_moves_away_is_updated_before_its_parent_is_deleted_also_early) {
    made.remove(users, {1, 7, null});
    made.update(profiles, {4, 1}, {4, 2});
    made.insert(users, {null, 7, null});
    EXPECT_THAT(made.steps(), ElementsAre("update profiles.user 4", "delete users 1", "insert users #0"));
}

TEST_F(order, update_that_frees_a_value_goes_before_the_row_that_takes_it) {
    made.update(users, {1, 7, null}, {1, 8, null});
    made.insert(users, {null, 7, null});
    EXPECT_THAT(made.steps(), ElementsAre("update users.email 1", "insert users #0"));
}

TEST_F(order, chain_of_updates_is_written_from_its_free_end_and_split_where_rows_meet) {
    made.update(users, {1, 7, null}, {1, 8, null});
    made.update(users, {2, 8, null}, {2, 9, null});
    made.update(users, {3, 10, null}, {3, 11, null});
    EXPECT_THAT(made.steps(), ElementsAre("update users.email 2 3", "update users.email 1"));
}

TEST_F(order, unique_foreign_key_is_freed_before_another_row_takes_it) {
    table passports("passports");
    passports.refer(users, "owner", {.unique = true});
    made.remove(passports, {1, 5});
    made.insert(passports, {null, 5});
    EXPECT_THAT(made.steps(), ElementsAre("delete passports 1", "insert passports #0"));
}

TEST_F(order, reference_that_the_database_holds_counts_though_the_object_has_cleared_it) {
    made.remove(nodes, {1, 2}); // the rows as the database has them
    made.remove(nodes, {2, null});
    made.insert(nodes, {2, null});
    EXPECT_THAT(made.steps(), ElementsAre("delete nodes 1", "delete nodes 2", "insert nodes 2"));
}

TEST_F(order, row_that_refers_to_a_renamed_one_is_written_behind_it) {
    made.update(nodes, {1, null}, {5, null});
    made.insert(nodes, {6, 5});
    EXPECT_THAT(made.steps(), ElementsAre("update nodes.id 1", "insert nodes 6"));
}

TEST_F(order, row_that_keeps_its_key_is_updated_before_the_one_that_takes_it) {
    made.update(users, {2, null, 4}, {1, null, 4});
    made.update(users, {1, 7, null}, {1, 7, 5});
    EXPECT_THAT(made.steps(), ElementsAre("update users.name 1", "update users.id 2"));
}

TEST_F(order, row_that_keeps_its_key_is_updated_before_the_insert_that_takes_it) {
    made.insert(users, {1, null, null});
    made.update(users, {1, 7, null}, {1, 7, 5});
    EXPECT_THAT(made.steps(), ElementsAre("update users.name 1", "insert users 1"));
}

TEST_F(order, key_is_given_away_behind_those_who_let_go_of_it) {
    made.update(nodes, {1, null}, {5, null});
    made.update(nodes, {2, 1}, {2, null});
    EXPECT_THAT(made.steps(), ElementsAre("update nodes.parent 2", "update nodes.id 1"));
}

TEST_F(order, new_reference_to_a_new_row_whose_value_a_deleted_one_frees) {
    made.remove(users, {1, 7, null});
    const auto fresh = made.insert(users, {null, 7, null});
    made.update(profiles, {3, 2}, {3, null}, {{1, fresh}});
    EXPECT_THAT(made.steps(), ElementsAre("delete users 1", "insert users #0", "update profiles.user 3"));
}

} // namespace
} // namespace wharf::orm::test
