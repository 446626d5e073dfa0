// What removed objects are good for until they have gone, and after.
#include "unit/orm/models.hpp"

namespace {

using namespace models;
using wharf::orm::object_status;

template <class Backend>
class removed_objects : public session_test<Backend> {};
TYPED_TEST_SUITE(removed_objects, wharf::test::backends);

TYPED_TEST(removed_objects, object_that_was_changed_before_its_removal_is_not_modified_once_it_is_deleted) {
    auto session = this->session();
    auto user = session.add(User{.name = "John"});
    session.commit();
    user->name = "changed";
    session.remove(user);
    EXPECT_TRUE(session.is_modified(user));
    session.flush();
    EXPECT_EQ(user.state()->status, object_status::deleted);
    EXPECT_FALSE(session.is_modified(user));
}

TYPED_TEST(removed_objects, values_of_an_object_that_a_strict_transaction_deletes_stay_readable) {
    auto session = this->session();
    auto user = session.add(User{.name = "John"});
    session.commit();
    auto tx = session.begin({.isolation = wharf::isolation::serializable});
    session.remove(user);
    session.flush();
    EXPECT_EQ(user.read()->name, "John");
    tx.commit();
    EXPECT_EQ(user.state()->status, object_status::detached);
    EXPECT_EQ(user.read()->name, "John");
}

TYPED_TEST(removed_objects, values_of_an_object_that_is_expunged_in_a_strict_transaction_stay_readable) {
    auto session = this->session();
    auto user = session.add(User{.name = "John"});
    session.commit();
    auto tx = session.begin({.isolation = wharf::isolation::repeatable_read});
    static_cast<void>(session.template select<Profile>().all());
    session.expunge(user);
    EXPECT_EQ(user.read()->name, "John");
    tx.commit();
    EXPECT_EQ(user.read()->name, "John");
}

TYPED_TEST(removed_objects, removed_object_may_refer_to_a_pending_one_that_was_removed_too) {
    auto session = this->session();
    auto node = session.add(Node{.name = "row"});
    session.commit();
    auto pending = session.add(Node{.name = "pending"});
    node->parent = pending;
    session.remove(node);
    session.remove(pending);
    session.commit();
    EXPECT_EQ(this->count("nodes"), 0);
    EXPECT_EQ(pending.state()->status, object_status::transient);
}

TYPED_TEST(removed_objects, what_refers_to_an_object_whose_row_another_takes_over_refers_to_that_one) {
    auto session = this->session();
    auto removed = session.add(Order{.code = "A", .state = "old", .lines = {Line{.number = 1}}});
    session.commit();
    auto line = removed->lines[0];
    session.remove(removed);
    auto added = session.add(Order{.code = "A", .state = "new"});
    session.flush();
    EXPECT_EQ(line->order.get(), added);
    EXPECT_EQ(added->lines.size(), 1U);
    session.rollback();
    EXPECT_EQ(line->order.get(), removed);
    EXPECT_EQ(removed->lines.size(), 1U);

    session.remove(removed);
    session.add(added);
    session.commit();
    line->quantity = 3;
    session.commit();
    EXPECT_EQ(this->count("lines WHERE quantity = 3"), 1);
}

TYPED_TEST(removed_objects, what_refers_to_an_object_whose_row_somebody_else_removed_refers_to_the_one_that_has_its_key) {
    auto session = this->session();
    auto gone = session.add(Order{.code = "A", .state = "old"});
    session.commit();
    {
        auto other = this->session();
        other.execute("DELETE FROM orders");
        other.commit();
    }
    auto line = session.add(Line{.number = 1, .order = gone});
    auto added = session.add(Order{.code = "A", .state = "new"});
    session.flush();
    EXPECT_EQ(line->order.get(), added);
    EXPECT_EQ(added->lines.size(), 1U);
    EXPECT_EQ(gone.state()->status, object_status::detached);
    line->quantity = 3;
    session.flush();
    session.rollback();
    EXPECT_EQ(gone.state()->status, object_status::persistent);
    EXPECT_EQ(added.state()->status, object_status::transient);
    EXPECT_TRUE(added.read()->lines.empty());

    session.add(line);
    session.add(added);
    session.commit();
    line->quantity = 3;
    session.commit();
    EXPECT_EQ(this->count("lines WHERE quantity = 3"), 1);
}

TYPED_TEST(removed_objects, object_whose_row_was_gone_in_a_transaction_that_is_rolled_back_is_in_the_session_again) {
    auto session = this->session();
    auto order = session.add(Order{.code = "A", .state = "old"});
    session.commit();
    session.execute("DELETE FROM orders");
    session.expire(order);
    EXPECT_FALSE(session.template get<Order>("A"));
    EXPECT_EQ(order.state()->status, object_status::detached);
    session.rollback();
    EXPECT_EQ(order.state()->status, object_status::persistent);
    EXPECT_EQ(session.template get<Order>("A"), order);
    order->state = "new";
    session.commit();
    EXPECT_EQ(this->count("orders WHERE state = 'new'"), 1);
}

TYPED_TEST(removed_objects, rows_that_refer_to_a_row_are_in_the_collection_of_the_object_that_takes_it_over) {
    {
        auto session = this->session();
        session.add(Order{.code = "A", .state = "old", .lines = {Line{.number = 1}}});
        session.commit();
    }
    auto session = this->session();
    session.remove(session.template get_one<Order>("A"));
    auto added = session.add(Order{.code = "A", .state = "new"});
    session.commit();
    EXPECT_EQ(added->lines.size(), 1U);
}

} // namespace
