// What a rollback puts back: objects, references and collections, whatever they were when the level began.
#include "unit/orm/models.hpp"

namespace {

using namespace models;
using wharf::orm::object_status;

template <class Backend>
class undo_on : public session_test<Backend> {
protected:
    /// A user with one profile, and nodes root > child; all committed.
    void fill(wharf::session& session) {
        user_ = session.add(User{.name = "John", .email = "john@x", .profiles = {Profile{.bio = "a"}}});
        root_ = session.add(Node{.name = "root", .children = {Node{.name = "child"}}});
        session.commit();
        profile_ = user_->profiles[0];
        child_ = root_->children[0];
    }
    wharf::entity<User> user_{};
    wharf::entity<Profile> profile_{};
    wharf::entity<Node> root_{};
    wharf::entity<Node> child_{};
};
TYPED_TEST_SUITE(undo_on, wharf::test::backends);

TYPED_TEST(undo_on, reference_to_a_new_object_is_the_old_one_again_and_nothing_is_written) {
    auto session = this->session();
    this->fill(session);
    auto added = session.add(Node{.name = "new"});
    this->child_->parent = added;
    session.rollback();
    EXPECT_EQ(this->child_->parent.get(), this->root_);
    EXPECT_EQ(added.state()->status, object_status::transient);
    EXPECT_FALSE(session.is_modified());
    session.commit();
    EXPECT_EQ(this->count("nodes"), 2);
    EXPECT_EQ(this->count("nodes WHERE parent_id IS NOT NULL"), 1);
}

TYPED_TEST(undo_on, reference_to_a_new_object_inside_a_savepoint_goes_with_it) {
    auto session = this->session();
    this->fill(session);
    {
        auto inner = session.savepoint();
        this->child_->parent = session.add(Node{.name = "new"});
        session.flush();
    }
    EXPECT_EQ(this->child_->parent.get(), this->root_);
    session.commit();
    EXPECT_EQ(this->count("nodes"), 2);
}

TYPED_TEST(undo_on, violation_does_not_come_back_after_the_rollback) {
    auto session = this->session();
    this->fill(session);
    this->profile_->user = session.add(User{.name = "b", .email = "john@x"});
    EXPECT_THROW(session.commit(), wharf::unique_violation);
    session.rollback();
    EXPECT_EQ(this->profile_->user.get(), this->user_);
    session.commit();
    EXPECT_EQ(this->count("users"), 1);
}

TYPED_TEST(undo_on, change_from_before_a_savepoint_goes_with_the_whole) {
    auto session = this->session();
    this->fill(session);
    this->user_->name = "dirty";
    auto inner = session.savepoint();
    session.rollback();
    EXPECT_EQ(this->user_->name, "John");
    session.commit();
    EXPECT_EQ(this->text("SELECT name FROM users"), "John");
}

TYPED_TEST(undo_on, change_flushed_in_a_released_savepoint_goes_with_the_whole) {
    auto session = this->session();
    this->fill(session);
    this->child_->name = "dirty";
    {
        auto inner = session.savepoint();
        session.flush();
        session.remove(this->child_);
        inner.commit();
    }
    EXPECT_EQ(this->child_.state()->status, object_status::deleted);
    session.rollback();
    EXPECT_EQ(this->child_.state()->status, object_status::persistent);
    EXPECT_EQ(this->child_->name, "child");
    EXPECT_EQ(this->child_->parent.get(), this->root_);
    EXPECT_EQ(this->root_->children.size(), 1U);
    EXPECT_FALSE(session.is_modified());
    EXPECT_EQ(this->count("nodes"), 2);
}

TYPED_TEST(undo_on, pending_object_that_a_savepoint_removed_is_pending_again) {
    auto session = this->session();
    auto added = session.add(User{.name = "before"});
    {
        auto inner = session.savepoint();
        session.remove(added);
        EXPECT_EQ(added.state()->status, object_status::transient);
    }
    EXPECT_EQ(added.state()->status, object_status::pending);
    session.commit();
    EXPECT_EQ(this->text("SELECT name FROM users"), "before");
}

TYPED_TEST(undo_on, pending_object_that_a_savepoint_renamed_has_its_name_back) {
    auto session = this->session();
    auto added = session.add(User{.name = "before"});
    {
        auto inner = session.savepoint();
        added->name = "inside";
        session.flush();
        EXPECT_NE(added->id, 0);
    }
    EXPECT_EQ(added->name, "before");
    EXPECT_EQ(added->id, 0);
    session.commit();
    EXPECT_EQ(this->text("SELECT name FROM users"), "before");
}

TYPED_TEST(undo_on, collection_of_a_removed_parent_has_its_items_back) {
    auto session = this->session();
    this->fill(session);
    this->child_->parent = nullptr;
    session.remove(this->root_);
    session.flush();
    session.rollback();
    EXPECT_EQ(this->child_->parent.get(), this->root_);
    ASSERT_EQ(this->root_->children.size(), 1U);
    EXPECT_EQ(this->root_->children[0], this->child_);
}

TYPED_TEST(undo_on, values_that_nobody_committed_are_not_kept) {
    auto session = this->session();
    this->fill(session);
    session.execute("UPDATE users SET name = 'raw'");
    session.refresh(this->user_);
    EXPECT_EQ(this->user_.read()->name, "raw");
    session.rollback();
    EXPECT_EQ(this->user_.read()->name, "John");
    EXPECT_EQ(this->user_->name, "John");
    EXPECT_FALSE(session.is_modified());
}

TYPED_TEST(undo_on, rows_that_nobody_committed_are_no_objects) {
    auto session = this->session();
    session.execute("INSERT INTO users(id, name) VALUES (77, 'ghost')");
    auto ghost = session.template get_one<User>(77);
    session.rollback();
    EXPECT_FALSE(session.template get<User>(77));
    EXPECT_TRUE(session.template select<User>().all().empty());
}

TYPED_TEST(undo_on, collection_that_was_loaded_behind_a_write_is_loaded_again) {
    auto session = this->session();
    this->fill(session);
    session.close();
    auto user = session.template select<User>().one();
    session.execute("INSERT INTO profiles(user_id, bio) SELECT id, 'raw' FROM users");
    EXPECT_EQ(user->profiles.size(), 2U);
    session.rollback();
    EXPECT_EQ(user->profiles.size(), 1U);
}

TYPED_TEST(undo_on, object_that_was_detached_before_is_detached_again) {
    auto session = this->session();
    this->fill(session);
    session.expunge(this->profile_);
    this->profile_->bio = "changed";
    session.add(this->profile_);
    session.flush();
    session.rollback();
    EXPECT_EQ(this->profile_.state()->status, object_status::detached);
    EXPECT_FALSE(session.contains(this->profile_));
    session.add(this->profile_);
    session.commit();
    EXPECT_EQ(this->text("SELECT bio FROM profiles"), "changed");
}

TYPED_TEST(undo_on, expunged_object_is_not_brought_back) {
    auto session = this->session();
    auto added = session.add(User{.name = "a"});
    session.flush();
    session.expunge(added);
    session.rollback();
    EXPECT_EQ(added.state()->status, object_status::detached);
    session.add(added); // its row is not there: it is inserted
    session.commit();
    EXPECT_EQ(this->count("users"), 1);
}

TYPED_TEST(undo_on, keys_that_changed_places_are_back) {
    auto session = this->session();
    auto one = session.add(Order{.code = "1", .state = "one"});
    auto two = session.add(Order{.code = "2", .state = "two"});
    session.commit();
    session.remove(one);
    session.flush();
    two->code = "1";
    session.flush();
    EXPECT_EQ(session.template get<Order>("1"), two);
    session.rollback();
    EXPECT_EQ(session.template get<Order>("1"), one);
    EXPECT_EQ(session.template get<Order>("2"), two);
    EXPECT_EQ(two->code, "2");
}

TYPED_TEST(undo_on, inner_level_is_undone_before_the_outer_one) {
    auto session = this->session();
    this->fill(session);
    auto outer = session.savepoint();
    this->user_->name = "outer";
    session.flush();
    {
        auto inner = session.savepoint();
        this->user_->name = "inner";
        this->user_->profiles.clear();
        session.remove(this->profile_);
        session.flush();
    }
    EXPECT_EQ(this->user_->name, "outer");
    EXPECT_EQ(this->user_->profiles.size(), 1U);
    outer.rollback();
    EXPECT_EQ(this->user_->name, "John");
    session.commit();
    EXPECT_EQ(this->count("profiles"), 1);
}

TYPED_TEST(undo_on, change_in_a_strict_transaction_that_had_written_is_undone) {
    auto session = this->session();
    this->fill(session);
    auto tx = session.begin({.isolation = wharf::isolation::repeatable_read});
    session.add(Node{.name = "written"});
    session.flush();
    this->user_->name = "changed";
    tx.rollback();
    EXPECT_EQ(this->user_.read()->name, "John");
    EXPECT_FALSE(session.is_modified());
}

TYPED_TEST(undo_on, collection_that_was_loaded_before_the_rollback_loses_what_is_deleted_after_it) {
    auto session = this->session();
    this->fill(session);
    session.expire(this->user_);
    static_cast<void>(this->user_.read()->name); // its collection is not loaded any more
    this->profile_->bio = "changed";
    session.commit();
    EXPECT_EQ(this->user_.read()->profiles.size(), 1U);
    session.rollback();
    session.remove(this->profile_);
    session.commit();
    EXPECT_TRUE(this->user_.read()->profiles.empty());
}

TYPED_TEST(undo_on, pending_object_is_in_the_collection_of_its_pending_parent_after_a_refresh) {
    auto session = this->session();
    auto root = session.add(Node{.name = "root"});
    auto child = session.add(Node{.name = "child", .parent = root});
    auto inner = session.savepoint();
    session.flush();
    session.refresh(root); // and its collection
    inner.rollback();
    ASSERT_EQ(root->children.size(), 1U);
    EXPECT_EQ(root->children[0], child);
}

TYPED_TEST(undo_on, object_of_a_row_that_was_never_committed_makes_room_for_the_next_one_with_its_key) {
    auto session = this->session();
    session.execute("INSERT INTO nodes (id, name) VALUES (5, 'ghost')");
    const auto ghost = session.template get<Node>(5);
    session.rollback();
    auto node = session.add(Node{.id = 5, .name = "node"});
    session.commit();
    EXPECT_EQ(ghost.state()->status, object_status::detached);
    session.expire_all();
    EXPECT_EQ(session.template get<Node>(5), node);
    EXPECT_EQ(session.object_count(), 1U);
}

TYPED_TEST(undo_on, object_that_was_expired_before_the_savepoint_does_not_keep_the_changes_made_inside) {
    auto session = this->session();
    auto node = session.add(Node{.name = "node"});
    session.flush();
    session.expire(node);
    {
        auto inner = session.savepoint();
        node->name = "changed";
    }
    session.rollback();
    EXPECT_EQ(node.read()->name, "node");
}

TYPED_TEST(undo_on, new_objects_that_refer_to_each_other_by_key_do_so_by_object_when_their_rows_have_gone) {
    auto session = this->session();
    auto root = session.add(Node{.name = "root"});
    auto other = session.add(Node{.name = "other"});
    auto child = session.add(Node{.name = "child", .parent = root});
    session.flush();
    child->parent = other;
    session.expire(child); // refers to root's key again
    session.rollback();
    session.add(child);
    session.commit();
    EXPECT_EQ(this->count("nodes"), 2);
    EXPECT_EQ(child->parent.get(), root);
}

TYPED_TEST(undo_on, object_of_a_session_that_has_ended_is_detached_again_when_the_next_one_rolls_back) {
    auto first = this->session();
    this->fill(first);
    this->user_->name = "changed";
    first.close();
    auto next = this->session();
    next.add(this->user_);
    next.rollback();
    EXPECT_EQ(this->user_.state()->status, object_status::detached);
    EXPECT_EQ(this->user_.read()->name, "changed");
}

TYPED_TEST(undo_on, new_object_of_a_session_that_has_ended_is_new_again_when_the_next_one_rolls_back) {
    wharf::entity<Node> node;
    {
        auto first = this->session();
        node = first.add(Node{.name = "node"});
    }
    auto next = this->session();
    next.add(node);
    next.rollback();
    EXPECT_EQ(node.state()->status, object_status::transient);
    next.commit();
    EXPECT_EQ(this->count("nodes"), 0);
}

TYPED_TEST(undo_on, collection_that_a_later_session_had_changed_is_put_back_by_an_earlier_one) {
    auto early = this->session();
    auto later = this->session();
    auto root = later.add(Node{.name = "root"});
    later.commit();
    auto first = root->children.add(Node{.name = "first"});
    auto second = root->children.add(Node{.name = "second"});
    later.commit();
    later.close();
    early.add(root);
    early.add(first);
    early.add(second);
    ASSERT_EQ(root->children.size(), 2U);
    ASSERT_EQ(root->children[0], first);
    {
        auto scope = early.savepoint();
        root->children.remove(first);
        early.flush();
    }
    ASSERT_EQ(root->children.size(), 2U);
    EXPECT_EQ(root->children[0], first); // in its place, not only somewhere
    EXPECT_FALSE(early.is_modified());
}

} // namespace
