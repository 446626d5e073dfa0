// Objects that leave a session and come back, while the transaction around that is undone or ends.
#include "unit/orm/models.hpp"

namespace {

using namespace models;
using wharf::orm::object_status;

template <class Backend>
class leaving_on : public session_test<Backend> {
protected:
    /// A user, nodes root > child, an order with a line; all committed.
    void fill(wharf::session& session) {
        user_ = session.add(User{.name = "John"});
        root_ = session.add(Node{.name = "root", .children = {Node{.name = "child"}}});
        order_ = session.add(Order{.code = "A", .lines = {Line{.number = 1}}});
        session.commit();
        child_ = root_->children[0];
        line_ = order_->lines[0];
    }
    [[nodiscard]] std::int64_t children_of(const std::string& name) {
        return this->count("nodes c JOIN nodes p ON p.id = c.parent_id WHERE p.name = '" + name + "'");
    }
    wharf::entity<User> user_{};
    wharf::entity<Node> root_{};
    wharf::entity<Node> child_{};
    wharf::entity<Order> order_{};
    wharf::entity<Line> line_{};
};
TYPED_TEST_SUITE(leaving_on, wharf::test::backends);

// ---- expunge() and rollback

TYPED_TEST(leaving_on, expunged_object_that_was_added_again_is_out_after_the_rollback) {
    wharf::session session = this->session();
    this->fill(session);
    this->user_->name = "written";
    session.flush();
    session.expunge(this->user_);
    session.add(this->user_);
    session.rollback();
    EXPECT_FALSE(session.contains(this->user_));
    EXPECT_EQ(this->user_.state()->status, object_status::detached);
    EXPECT_EQ(this->user_.read()->name, "written");
    session.add(this->user_); // its row holds the old name: this is a change, and is compared with that
    EXPECT_TRUE(session.is_modified(this->user_));
    session.commit();
    EXPECT_EQ(this->text("SELECT name FROM users"), "written");
}

TYPED_TEST(leaving_on, expunged_object_whose_deletion_is_undone_has_its_row) {
    wharf::session session = this->session();
    this->fill(session);
    session.remove(this->user_);
    session.flush();
    session.expunge(this->user_);
    session.rollback();
    this->user_->name = "changed";
    session.add(this->user_);
    session.commit();
    EXPECT_EQ(this->text("SELECT name FROM users"), "changed");
}

TYPED_TEST(leaving_on, expunged_object_whose_second_insert_is_undone_is_inserted_when_it_is_added) {
    wharf::session session = this->session();
    this->fill(session);
    session.remove(this->user_);
    session.commit();
    session.add(this->user_);
    session.flush();
    session.expunge(this->user_);
    session.rollback();
    session.add(this->user_);
    session.commit();
    EXPECT_EQ(this->count("users"), 1);
}

TYPED_TEST(leaving_on, expunged_object_forgets_the_key_of_a_row_that_has_never_been) {
    wharf::session session = this->session();
    this->fill(session);
    this->child_->parent = session.add(Node{.name = "undone"});
    session.flush();
    session.expunge(this->child_);
    session.rollback();
    session.add(Node{.name = "stranger"}); // gets the key of that row, where keys are given once more
    session.flush();
    session.add(this->child_);
    session.commit();
    EXPECT_EQ(this->children_of("root"), 1);
}

TYPED_TEST(leaving_on, object_that_left_is_referred_to_by_its_row_after_the_rollback) {
    wharf::session session = this->session();
    this->fill(session);
    this->child_->parent = nullptr;
    session.expunge(this->root_);
    session.rollback();
    this->child_->name = "changed";
    session.commit();
    EXPECT_EQ(this->children_of("root"), 1);
    EXPECT_EQ(this->child_->parent.get()->name, "root");
}

TYPED_TEST(leaving_on, key_that_the_database_made_is_unset_when_the_insert_is_undone) {
    wharf::session session = this->session();
    auto level = session.savepoint();
    auto user = session.add(User{.name = "a"});
    session.flush();
    session.expunge(user);
    session.add(user);
    level.rollback();
    EXPECT_EQ(user.read()->id, 0);
    session.add(user);
    session.commit();
    EXPECT_EQ(this->count("users"), 1);
}

// ---- detached objects that are added, and the rollback of that

TYPED_TEST(leaving_on, object_that_is_out_again_is_in_no_collection) {
    wharf::session session = this->session();
    this->fill(session);
    session.close();
    session.add(this->child_);
    auto root = session.get_one<Node>(this->root_->id); // read beside the one that is out
    EXPECT_EQ(root->children.size(), 1U);
    session.rollback();
    ASSERT_EQ(root->children.size(), 1U);
    EXPECT_NE(root->children[0], this->child_);
}

TYPED_TEST(leaving_on, object_read_meanwhile_refers_to_the_row_of_one_that_is_out_again) {
    wharf::session session = this->session();
    this->fill(session);
    const auto child_key = this->child_->id;
    session.close();
    session.add(this->root_);
    auto child = session.get_one<Node>(child_key);
    EXPECT_EQ(child->parent.get(), this->root_);
    session.rollback();
    EXPECT_FALSE(session.contains(this->root_));
    child->name = "changed";
    session.commit();
    EXPECT_EQ(this->children_of("root"), 1);
}

TYPED_TEST(leaving_on, adding_what_is_out_again_brings_nothing_along) {
    wharf::session session = this->session();
    this->fill(session);
    session.close();
    session.add(this->order_);
    session.add(this->line_);
    session.rollback();
    session.add(this->order_);
    EXPECT_FALSE(session.contains(this->line_));
}

// ---- close()

TYPED_TEST(leaving_on, reference_to_a_new_object_that_is_lost_with_its_session_is_what_the_row_has) {
    wharf::session session = this->session();
    this->fill(session);
    this->child_->parent = session.add(Node{.name = "new"});
    session.close();
    session.add(this->child_);
    session.commit();
    EXPECT_EQ(this->count("nodes"), 2);
    EXPECT_EQ(this->children_of("root"), 1);
}

TYPED_TEST(leaving_on, row_that_was_read_again_before_the_close_is_not_stale) {
    wharf::session session = this->session();
    this->fill(session);
    this->child_->name = "undone";
    session.rollback();
    {
        wharf::session other = this->session();
        other.get_one<Node>(this->child_->id)->name = "theirs";
        other.commit();
    }
    this->child_->parent = nullptr; // reads the row again
    session.close();
    session.add(this->child_);
    EXPECT_NO_THROW(session.commit());
    EXPECT_EQ(this->text("SELECT name FROM nodes WHERE parent_id IS NULL AND name <> 'root'"), "theirs");
}

TYPED_TEST(leaving_on, values_that_were_read_behind_a_write_stay_readable_after_close) {
    wharf::session session = this->session();
    this->fill(session);
    session.close();
    session.execute("UPDATE users SET name = 'x'");
    auto user = session.select<User>().one();
    session.close();
    EXPECT_EQ(user.read()->name, "x");
    EXPECT_EQ(this->text("SELECT name FROM users"), "John");
}

// ---- what was deleted and is added again

TYPED_TEST(leaving_on, rows_inserted_once_more_find_each_other_by_their_keys) {
    wharf::session session = this->session();
    this->fill(session);
    session.remove(this->line_);
    session.remove(this->order_);
    session.commit();
    session.add(this->order_);
    session.add(this->line_);
    session.commit();
    EXPECT_EQ(this->count("lines"), 1);
    ASSERT_EQ(this->order_->lines.size(), 1U);
    EXPECT_EQ(this->order_->lines[0], this->line_);
}

TYPED_TEST(leaving_on, new_row_that_names_a_new_one_by_its_key_is_in_its_collection) {
    wharf::session session = this->session();
    Line line{.number = 7};
    line.order.set_key("B");
    auto added = session.add(std::move(line));
    auto order = session.add(Order{.code = "B"});
    session.commit();
    ASSERT_EQ(order->lines.size(), 1U);
    EXPECT_EQ(order->lines[0], added);
}

TYPED_TEST(leaving_on, member_of_a_deleted_object_follows_its_reference) {
    wharf::session session = this->session();
    this->fill(session);
    auto other = session.add(Order{.code = "B"});
    session.remove(this->line_);
    session.commit();
    session.add(this->line_);
    this->line_->order = other;
    session.commit();
    EXPECT_EQ(this->text("SELECT order_code FROM lines"), "B");
    EXPECT_EQ(this->line_->order_code, "B");
}

TYPED_TEST(leaving_on, deleted_object_that_was_taken_out_does_not_go_back_to_its_parent) {
    wharf::session session = this->session();
    this->fill(session);
    session.remove(this->line_);
    session.flush();
    session.add(this->line_);
    this->order_->lines.remove(this->line_);
    EXPECT_THROW(session.commit(), wharf::error);
    session.rollback();
    EXPECT_EQ(this->count("lines"), 1);
}

TYPED_TEST(leaving_on, member_that_was_changed_before_the_removal_is_what_is_inserted) {
    wharf::session session = this->session();
    this->fill(session);
    session.add(Order{.code = "B"});
    session.commit();
    this->line_->order_code = "B";
    session.remove(this->line_);
    session.commit();
    session.add(this->line_);
    session.commit();
    EXPECT_EQ(this->text("SELECT order_code FROM lines"), "B");
}

TYPED_TEST(leaving_on, deleted_object_that_a_savepoint_added_has_its_unwritten_values_back) {
    wharf::session session = this->session();
    this->fill(session);
    this->user_->name = "changed";
    session.remove(this->user_);
    session.flush();
    auto level = session.savepoint();
    session.add(this->user_);
    level.rollback();
    EXPECT_EQ(this->user_.state()->status, object_status::deleted);
    EXPECT_EQ(this->user_.read()->name, "changed");
}

} // namespace
