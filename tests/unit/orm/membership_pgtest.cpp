// Who belongs to a session: what is added with what, what is refused, what leaves.
#include "unit/orm/models.hpp"

namespace {

using namespace models;
using wharf::orm::object_status;

template <class Backend>
class membership_on : public session_test<Backend> {};
TYPED_TEST_SUITE(membership_on, wharf::test::backends);

TYPED_TEST(membership_on, object_of_another_session_is_refused_through_every_way_in) {
    auto one = this->session();
    auto two = this->session();
    auto theirs = one.add(User{.name = "theirs"});
    auto mine = two.add(Profile{.user = User{.name = "mine"}, .bio = "x"});
    EXPECT_THROW(two.add(theirs), wharf::usage_error);
    EXPECT_THROW(two.add(Profile{.user = theirs, .bio = "x"}), wharf::usage_error);
    EXPECT_THROW(mine->user = theirs, wharf::usage_error);
    EXPECT_THROW(theirs->profiles.add(mine), wharf::usage_error);
    EXPECT_EQ(two.new_objects().size(), 2U);
    two.commit();
    EXPECT_EQ(this->text("SELECT name FROM users"), "mine");
    one.commit();
    EXPECT_EQ(this->count("users"), 2);
}

TYPED_TEST(membership_on, pending_parent_that_leaves_is_not_inserted_by_its_child) {
    auto session = this->session();
    auto user = session.add(User{.name = "gone"});
    auto profile = session.add(Profile{.user = user, .bio = "x"});
    session.remove(user);
    EXPECT_THROW(session.commit(), wharf::usage_error);
    session.remove(profile);
    session.commit();
    EXPECT_EQ(this->count("users"), 0);

    auto root = session.add(Node{.name = "root"});
    auto child = session.add(Node{.name = "child", .parent = root});
    session.remove(root); // the reference may be NULL
    session.commit();
    EXPECT_FALSE(child->parent);
    EXPECT_EQ(this->count("nodes"), 1);

    auto expunged = session.add(Node{.name = "expunged"});
    auto its_child = session.add(Node{.name = "its child", .parent = expunged});
    session.expunge(expunged);
    EXPECT_THROW(session.commit(), wharf::usage_error); // it refers to what is not in the session
    its_child->parent = nullptr;
    session.commit();
    EXPECT_EQ(this->count("nodes WHERE name = 'expunged'"), 0);
    EXPECT_EQ(this->count("nodes"), 2);
}

TYPED_TEST(membership_on, object_detached_by_the_end_of_its_session_is_written_by_the_next) {
    wharf::entity<User> user;
    {
        auto session = this->session();
        user = session.add(User{.name = "a"});
        session.commit();
    }
    user->name = "b";
    auto next = this->session();
    next.add(user);
    EXPECT_TRUE(next.is_modified(user));
    next.commit();
    EXPECT_EQ(this->text("SELECT name FROM users"), "b");
    next.close();
    user->name = "c";
    next.add(user);
    next.commit();
    EXPECT_EQ(this->text("SELECT name FROM users"), "c");
}

TYPED_TEST(membership_on, deleted_object_can_be_added_again_before_and_after_the_commit) {
    auto session = this->session();
    auto user = session.add(User{.name = "a"});
    session.commit();
    session.remove(user);
    session.flush();
    session.add(user);
    EXPECT_EQ(user.state()->status, object_status::pending);
    session.commit();
    EXPECT_EQ(this->count("users"), 1);
    session.remove(user);
    session.commit();
    EXPECT_EQ(this->count("users"), 0);
    session.add(user);
    session.commit();
    EXPECT_EQ(this->count("users"), 1);
    EXPECT_EQ(user.state()->status, object_status::persistent);
}

TYPED_TEST(membership_on, item_named_twice_is_in_the_collection_once) {
    auto session = this->session();
    wharf::entity<Profile> profile = Profile{.bio = "x"};
    auto user = session.add(User{.name = "a", .profiles = {profile, profile}});
    EXPECT_EQ(user->profiles.size(), 1U);
    session.commit();
    EXPECT_EQ(user->profiles.size(), 1U);
    EXPECT_EQ(this->count("profiles"), 1);
}

TYPED_TEST(membership_on, item_of_two_new_parents_belongs_to_the_last) {
    auto session = this->session();
    wharf::entity<Profile> profile = Profile{.bio = "x"};
    auto one = session.add(User{.name = "one", .profiles = {profile}});
    auto two = session.add(User{.name = "two", .profiles = {profile}});
    EXPECT_EQ(one->profiles.size(), 0U);
    EXPECT_EQ(two->profiles.size(), 1U);
    session.commit();
    EXPECT_EQ(this->count("profiles p JOIN users u ON u.id = p.user_id WHERE u.name = 'two'"), 1);
}

TYPED_TEST(membership_on, row_put_into_the_collection_of_a_new_object_moves_there) {
    auto session = this->session();
    auto root = session.add(Node{.name = "root", .children = {Node{.name = "child"}}});
    session.commit();
    auto child = root->children[0];
    auto other = session.add(Node{.name = "other", .children = {child}});
    EXPECT_EQ(root->children.size(), 0U);
    session.commit();
    EXPECT_EQ(child->parent.get(), other);
    EXPECT_EQ(this->count("nodes c JOIN nodes p ON p.id = c.parent_id WHERE p.name = 'other'"), 1);
}

TYPED_TEST(membership_on, items_of_a_collection_that_is_added_are_read_first_where_their_values_are_old) {
    auto session = this->session();
    auto old_parent = session.add(Node{.name = "old"});
    auto one = session.add(Node{.name = "one", .parent = old_parent});
    auto two = session.add(Node{.name = "two", .parent = old_parent});
    auto three = session.add(Node{.name = "three", .parent = old_parent});
    session.commit();
    const auto outdate = [&](const wharf::entity<Node>& node) {
        auto other = this->session();
        other.execute(wharf::raw_sql("UPDATE nodes SET name = name || '!', parent_id = NULL WHERE id = " +
                                     std::to_string(node.read()->id)));
        other.commit();
        session.expire(node);
    };
    outdate(one);
    outdate(two);
    outdate(three);
    auto added = session.add(Node{.name = "added", .children = {one}});
    wharf::entity<Node> by_reference(Node{.name = "by reference", .children = {two}});
    session.add(Node{.name = "child"})->parent = by_reference;
    old_parent->children.add(Node{.name = "by collection", .children = {three}});
    EXPECT_NO_THROW(session.commit()); // what was read first is what the database has
    EXPECT_EQ(one.read()->name, "one!");
    EXPECT_EQ(this->count("nodes c JOIN nodes p ON p.id = c.parent_id WHERE c.name IN ('one!', 'two!', 'three!') AND "
                          "p.name IN ('added', 'by reference', 'by collection')"),
              3);
    EXPECT_EQ(old_parent->children.size(), 1U);
}

TYPED_TEST(membership_on, values_that_were_read_again_stay_readable_after_close) {
    auto session = this->session();
    auto user = session.add(User{.name = "John"});
    session.commit();
    user->name = "changed";
    session.commit();
    session.expire(user);
    EXPECT_EQ(user.read()->name, "changed");
    session.close();
    EXPECT_EQ(user.read()->name, "changed");
}

} // namespace
