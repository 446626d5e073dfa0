// Rows that wait for each other in a circle: written in two steps, or refused by name before anything is sent.
#include "unit/orm/hand_made_plan.hpp"

#include "wharf/base/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wharf::orm::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class circles : public testing::Test {
protected:
    circles() {
        nodes.may_refer_to(nodes, "parent");
        seats.nullable_unique("number").unique("label").plain("note");
        departments.may_refer_to(people, "head");
        people.refers_to(departments, "department");
    }

    std::string refusal() {
        try {
            static_cast<void>(made.steps());
        } catch (const usage_error& refused) {
            return refused.what();
        }
        return "not refused";
    }

    table nodes{"nodes"};
    table seats{"seats"};
    table departments{"departments"};
    table people{"people"};
    hand_made_plan made{};
};

TEST_F(circles, of_values_together_is_cut_at_a_changed_column_that_may_be_null) {
    table places{"places"};
    places.plain("hall").plain("number").unique_together({1, 2});
    made.update(places, {1, 7, 1}, {1, 7, 2});
    made.update(places, {2, 7, 2}, {2, 7, 1});
    EXPECT_THAT(made.steps(), ElementsAre("clear places.number 1 2", "update places.number 1 2"));
}

TEST_F(circles, of_values_together_of_which_none_may_be_null_is_refused_by_name) {
    table places{"places"};
    places.refers_to(nodes, "hall").refers_to(nodes, "number").unique_together({1, 2});
    made.update(places, {1, 7, 1}, {1, 7, 2});
    made.update(places, {2, 7, 2}, {2, 7, 1});
    EXPECT_THAT(refusal(), AllOf(HasSubstr("places.hall"), HasSubstr("places.number")));
}

TEST_F(circles, inserted_rows_get_their_references_afterwards) {
    made.insert(nodes, {null, null});
    made.insert(nodes, {null, null});
    for (const std::size_t i : {0U, 1U})
        made.plan.inserts[i].deferred.push_back({1, 1 - i, 0, 0});
    EXPECT_THAT(made.steps(), ElementsAre("insert nodes #0 #1", "update nodes.parent #0 #1"));
    EXPECT_TRUE(made.plan.inserts[0].postponed.test(1));
}

TEST_F(circles, row_that_refers_to_itself_gets_its_generated_key_first) {
    made.insert(nodes, {null, null});
    made.plan.inserts[0].deferred.push_back({1, 0, 0, 0});
    EXPECT_THAT(made.steps(), ElementsAre("insert nodes #0", "update nodes.parent #0"));
}

TEST_F(circles, row_that_refers_to_itself_by_a_known_key_is_one_insert) {
    made.insert(nodes, {4, 4});
    EXPECT_THAT(made.steps(), ElementsAre("insert nodes 4"));
}

TEST_F(circles, between_two_tables_is_cut_where_null_is_allowed) {
    made.insert(departments, {null, null});
    const auto head = made.insert(people, {null, null}, {{1, 0}});
    made.plan.inserts[0].deferred.push_back({1, head, 0, 0});
    EXPECT_THAT(made.steps(), ElementsAre("insert departments #0", "insert people #1", "update departments.head #0"));
}

TEST_F(circles, deleted_rows_are_set_null_first) {
    made.remove(nodes, {1, 2});
    made.remove(nodes, {2, 1});
    made.remove(nodes, {3, 1});
    EXPECT_THAT(made.steps(), ElementsAre("clear nodes.parent 1 2", "delete nodes 2 3", "delete nodes 1"));
}

TEST_F(circles, deleted_rows_of_two_tables_are_set_null_where_it_is_allowed) {
    made.remove(departments, {1, 5});
    made.remove(people, {5, 1});
    made.remove(people, {6, 1});
    EXPECT_THAT(made.steps(), ElementsAre("clear departments.head 1", "delete people 5 6", "delete departments 1"));
    EXPECT_EQ(made.plan.deletes[0].earlier, 1U);
}

TEST_F(circles, deleted_rows_that_cannot_be_null_are_left_to_the_database) {
    table left("left");
    table right("right");
    left.refers_to(right, "other");
    right.refers_to(left, "other");
    made.remove(left, {1, 1});
    made.remove(right, {1, 1});
    EXPECT_EQ(made.steps().size(), 2U);
}

TEST_F(circles, swapped_values_go_by_way_of_null) {
    made.update(seats, {1, 10, 1, null}, {1, 20, 1, null});
    made.update(seats, {2, 20, 2, null}, {2, 10, 2, null});
    EXPECT_THAT(made.steps(), ElementsAre("clear seats.number 1 2", "update seats.number 1 2"));
    EXPECT_EQ(made.plan.updates[0].earlier, 1U);
    EXPECT_EQ(decode(made.plan.updates[0].before, 4)[1], null);
    EXPECT_FALSE(made.plan.updates[2].last);
}

TEST_F(circles, swapped_values_that_cannot_be_null_are_refused_by_name) {
    made.update(seats, {1, null, 1, null}, {1, null, 2, null});
    made.update(seats, {2, null, 2, null}, {2, null, 1, null});
    EXPECT_THAT(refusal(), AllOf(HasSubstr("seats.label"), HasSubstr("may be NULL")));
}

TEST_F(circles, swapped_values_of_a_deferrable_column_are_left_to_its_constraint) {
    unique_columns label{&seats.type(), {}};
    label.columns.set(2);
    const auto swap = [&](hand_made_plan& in) {
        in.update(seats, {1, null, 1, null}, {1, null, 2, null});
        in.update(seats, {2, null, 2, null}, {2, null, 1, null});
    };
    hand_made_plan refused;
    swap(refused);
    try {
        static_cast<void>(refused.steps());
        FAIL() << "not refused";
    } catch (const values_in_circle& circle) {
        EXPECT_EQ(circle.columns(), std::vector{label});
    }
    swap(made);
    EXPECT_THAT(made.steps(std::span(&label, 1)), ElementsAre("update seats.label 1 2"));
    EXPECT_TRUE(made.plan.defers_constraints);
}

TEST_F(circles, swapped_keys_are_refused_by_name) {
    made.update(nodes, {1, null}, {2, null});
    made.update(nodes, {2, null}, {1, null});
    EXPECT_THAT(refusal(), HasSubstr("nodes.id"));
}

TEST_F(circles, update_that_frees_one_column_and_waits_for_another_is_two_updates) {
    made.update(seats, {1, null, 1, 0}, {1, null, 2, 0});
    made.update(seats, {2, null, 2, 0}, {2, null, 3, 0});
    hand_made_plan both;
    table pairs("pairs");
    pairs.unique("left").unique("right");
    both.update(pairs, {1, 1, 1}, {1, 2, 3});
    both.update(pairs, {2, 2, 2}, {2, 4, 1});
    EXPECT_THAT(both.steps(), ElementsAre("update pairs.right 1", "update pairs.left.right 2", "update pairs.left 1"));
    EXPECT_EQ(both.plan.updates[2].earlier, 1U);
    EXPECT_FALSE(both.plan.updates[0].last);
    EXPECT_TRUE(both.plan.updates[2].last);
}

TEST_F(circles, row_replaced_by_another_that_its_children_move_to) {
    table users("users");
    table profiles("profiles");
    users.nullable_unique("email");
    profiles.refers_to(users, "user");
    made.remove(users, {1, 7});
    const auto fresh = made.insert(users, {null, 7});
    made.update(profiles, {3, 1}, {3, null}, {{1, fresh}});
    EXPECT_THAT(made.steps(),
                ElementsAre("clear users.email 1", "insert users #0", "update profiles.user 3", "delete users 1"));
}

TEST_F(circles, new_rows_that_cannot_be_null_are_refused_by_name) {
    table left("left");
    table right("right");
    left.refers_to(right, "other");
    right.refers_to(left, "other");
    made.insert(left, {null, null});
    made.insert(right, {null, null}, {{1, 0}});
    made.plan.inserts[0].deferred.push_back({1, 1, 0, 0});
    EXPECT_THAT(refusal(), AllOf(HasSubstr("circle"), HasSubstr("left.other"), HasSubstr("right.other")));
}

TEST_F(circles, many_at_once_take_as_many_steps_as_one) {
    for (std::int64_t i = 0; i < 200; i += 2) {
        made.update(seats, {i, i, i, null}, {i, i + 1, i, null});
        made.update(seats, {i + 1, i + 1, i + 1, null}, {i + 1, i, i + 1, null});
        made.remove(nodes, {i, i + 1});
        made.remove(nodes, {i + 1, i});
    }
    EXPECT_EQ(made.steps().size(), 4U);
}

} // namespace
} // namespace wharf::orm::test
