// Objects with changes that leave their session, or lose their row, and come back: what a rollback makes of the
// changes.
#include "unit/orm/models.hpp"

namespace {

using namespace models;
using wharf::orm::object_status;

template <class Backend>
class left_and_back : public session_test<Backend> {
protected:
    left_and_back() {
        user_ = session_.add(User{.name = "John", .email = "john@x"});
        root_ = session_.add(Node{.name = "root"});
        child_ = session_.add(Node{.name = "child", .parent = root_});
        other_ = session_.add(Node{.name = "other"});
        session_.commit();
    }
    void expect_names(const std::string& user, const std::string& child) {
        EXPECT_EQ(this->text("SELECT name FROM users"), user);
        EXPECT_EQ(this->text("SELECT name FROM nodes WHERE id = " + std::to_string(child_.read()->id)), child);
    }
    std::string parent_of_child() {
        return this->text("SELECT p.name FROM nodes c JOIN nodes p ON p.id = c.parent_id WHERE c.id = " +
                          std::to_string(child_.read()->id));
    }
    void change() {
        user_->name = "changed";
        child_->parent = other_;
    }
    void expect_changed() {
        EXPECT_EQ(user_.read()->name, "changed");
        EXPECT_EQ(child_->parent.get(), other_);
        EXPECT_TRUE(session_.is_modified(user_));
        EXPECT_TRUE(session_.is_modified(child_));
        session_.commit();
        EXPECT_EQ(this->text("SELECT name FROM users"), "changed");
        EXPECT_EQ(parent_of_child(), "other");
        EXPECT_FALSE(session_.is_modified());
    }

    wharf::session session_{this->engine_};
    wharf::entity<User> user_{};
    wharf::entity<Node> root_{};
    wharf::entity<Node> child_{};
    wharf::entity<Node> other_{};
};
TYPED_TEST_SUITE(left_and_back, wharf::test::backends);

TYPED_TEST(left_and_back, changes_before_a_savepoint_are_written_though_rows_were_deleted_and_inserted_inside) {
    this->change();
    {
        auto inner = this->session_.savepoint();
        this->session_.remove(this->user_);
        this->session_.remove(this->child_);
        this->session_.flush();
        this->session_.add(this->user_);
        this->session_.add(this->child_);
        this->session_.flush();
    }
    this->expect_changed();
}

TYPED_TEST(left_and_back, changes_before_a_savepoint_are_written_though_rows_were_deleted_and_added_inside) {
    this->change();
    {
        auto inner = this->session_.savepoint();
        this->session_.remove(this->user_);
        this->session_.remove(this->child_);
        this->session_.flush();
        this->session_.add(this->user_);
        this->session_.add(this->child_);
    }
    this->expect_changed();
}

TYPED_TEST(left_and_back, changes_before_a_savepoint_are_written_though_removal_was_called_off_inside) {
    this->change();
    {
        auto inner = this->session_.savepoint();
        this->session_.remove(this->user_);
        this->session_.remove(this->child_);
        this->session_.add(this->user_);
        this->session_.add(this->child_);
        this->session_.flush();
    }
    this->expect_changed();
}

TYPED_TEST(left_and_back, changes_before_a_savepoint_are_written_though_objects_were_expunged_and_added_inside) {
    this->change();
    {
        auto inner = this->session_.savepoint();
        this->session_.expunge(this->user_);
        this->session_.expunge(this->child_);
        this->session_.add(this->user_);
        this->session_.add(this->child_);
        this->child_->parent = this->other_;
        this->session_.flush();
    }
    // expunge() is not undone: what they have is theirs, and is written where they are added.
    EXPECT_EQ(this->user_.state()->status, object_status::detached);
    EXPECT_EQ(this->user_.read()->name, "changed");
    this->session_.add(this->user_);
    EXPECT_TRUE(this->session_.is_modified(this->user_));
    this->session_.commit();
    EXPECT_EQ(this->text("SELECT name FROM users"), "changed");
}

TYPED_TEST(left_and_back, changes_of_the_savepoint_are_not_written) {
    {
        auto inner = this->session_.savepoint();
        this->change();
        this->session_.remove(this->user_);
        this->session_.remove(this->child_);
        this->session_.flush();
        this->session_.add(this->user_);
        this->session_.add(this->child_);
        this->session_.flush();
    }
    EXPECT_EQ(this->user_.read()->name, "John");
    EXPECT_EQ(this->child_->parent.get(), this->root_);
    EXPECT_FALSE(this->session_.is_modified());
    this->session_.commit();
    this->expect_names("John", "child");
    EXPECT_EQ(this->parent_of_child(), "root");
}

// The same in the transaction itself: a detached object with changes comes in, and its row is deleted and inserted.
TYPED_TEST(left_and_back, detached_object_keeps_the_changes_that_it_brought_along) {
    this->session_.expunge(this->user_);
    this->user_->name = "changed";
    for (const bool flushed : {false, true}) {
        this->session_.add(this->user_);
        this->session_.remove(this->user_);
        this->session_.flush();
        this->session_.add(this->user_);
        if (flushed) this->session_.flush();
        this->session_.rollback();
        EXPECT_EQ(this->user_.state()->status, object_status::detached) << flushed;
        EXPECT_EQ(this->user_.read()->name, "changed") << flushed;
    }
    this->session_.add(this->user_);
    EXPECT_TRUE(this->session_.is_modified(this->user_));
    this->session_.commit();
    EXPECT_EQ(this->text("SELECT name FROM users"), "changed");
}

TYPED_TEST(left_and_back, detached_object_whose_removal_is_flushed_and_undone_keeps_its_changes) {
    this->session_.expunge(this->user_);
    this->user_->name = "changed";
    this->session_.add(this->user_);
    this->session_.remove(this->user_);
    this->session_.flush();
    this->session_.rollback();
    EXPECT_EQ(this->user_.state()->status, object_status::detached);
    this->session_.add(this->user_);
    EXPECT_TRUE(this->session_.is_modified(this->user_));
    this->session_.commit();
    EXPECT_EQ(this->text("SELECT name FROM users"), "changed");
}

// Until the first session's transaction has ended nobody knows what the row is.
TYPED_TEST(left_and_back, object_of_an_open_transaction_is_refused_by_other_sessions_until_that_has_ended) {
    for (const bool committed : {false, true}) {
        this->user_->name = committed ? "committed" : "rolled back";
        this->session_.flush();
        this->session_.expunge(this->user_);
        auto second = this->session();
        const auto add = [&] { second.add(this->user_); };
        const auto add_what_refers_to_it = [&] { second.add(Profile{.user = this->user_, .bio = "x"}); };
        EXPECT_THAT(add, ::testing::ThrowsMessage<wharf::usage_error>(::testing::HasSubstr("users was expunged from")));
        EXPECT_THAT(add_what_refers_to_it, ::testing::Throws<wharf::usage_error>());
        EXPECT_EQ(this->user_.state()->session, nullptr);
        if (committed)
            this->session_.commit();
        else
            this->session_.rollback();
        add();
        EXPECT_EQ(second.is_modified(this->user_), !committed);
        this->user_->name = "second";
        second.commit();
        EXPECT_EQ(this->text("SELECT name FROM users"), "second");
        second.close();
        this->session_.add(this->user_);
    }
}

TYPED_TEST(left_and_back, object_of_an_open_transaction_comes_back_to_its_own_session) {
    this->user_->name = "changed";
    this->session_.flush();
    this->session_.expunge(this->user_);
    this->session_.add(this->user_);
    this->user_->email = "new@x";
    this->session_.commit();
    EXPECT_EQ(this->text("SELECT name || ' ' || email FROM users"), "changed new@x");
    this->session_.expunge(this->user_);
    auto second = this->session();
    second.add(this->user_);
    EXPECT_FALSE(second.is_modified());
}

TYPED_TEST(left_and_back, object_that_the_transaction_has_not_written_is_free_for_others) {
    this->session_.add(User{.name = "new"});
    this->session_.flush();
    this->user_->name = "changed";
    this->session_.expunge(this->user_);
    this->session_.rollback();
    auto second = this->session();
    second.add(this->user_);
    second.commit();
    EXPECT_EQ(this->text("SELECT name FROM users"), "changed");
}

// The version that an undone flush has told is nobody's.
TYPED_TEST(left_and_back, version_of_a_flush_that_a_close_has_undone_is_that_of_the_row) {
    auto article = this->session_.add(Article{.user = this->user_, .title = "0"});
    this->session_.commit();
    article->title = "1";
    this->session_.flush();
    this->session_.close();
    EXPECT_EQ(article.read()->title, "1");
    auto second = this->session();
    second.add(article);
    second.commit();
    EXPECT_EQ(this->text("SELECT title FROM articles"), "1");
    article->title = "2";
    second.commit();
    EXPECT_EQ(this->text("SELECT title FROM articles"), "2");
}

TYPED_TEST(left_and_back, detached_parent_lets_go_of_the_items_that_a_rollback_parts_it_from) {
    this->session_.expunge(this->other_);
    this->session_.add(this->other_);
    this->child_->parent = this->other_;
    EXPECT_EQ(this->other_->children.size(), 1U);
    this->session_.rollback();
    EXPECT_EQ(this->other_.state()->status, object_status::detached);
    EXPECT_EQ(this->child_->parent.get(), this->root_);
    this->session_.add(this->other_);
    EXPECT_EQ(this->other_->children.size(), 0U);
    EXPECT_EQ(this->root_->children.size(), 1U);
    EXPECT_FALSE(this->session_.is_modified(this->child_));
    this->session_.commit();
    EXPECT_EQ(this->parent_of_child(), "root");
}

TYPED_TEST(left_and_back, parent_and_child_that_are_added_again_together_know_each_other) {
    for (const bool committed : {false, true}) {
        this->session_.remove(this->child_);
        this->session_.remove(this->root_);
        if (committed)
            this->session_.commit();
        else
            this->session_.flush();
        this->session_.add(this->root_);
        this->session_.add(this->child_);
        this->child_->parent = this->root_;
        this->session_.commit();
        EXPECT_EQ(this->parent_of_child(), "root");
        EXPECT_EQ(this->child_->parent.get(), this->root_);
        ASSERT_EQ(this->root_->children.size(), 1U);
        EXPECT_EQ(this->root_->children[0], this->child_);
    }
}

TYPED_TEST(left_and_back, child_that_refers_by_key_to_a_parent_added_with_it_is_in_its_collection) {
    this->session_.remove(this->child_);
    this->session_.remove(this->root_);
    this->session_.commit();
    this->session_.add(this->root_);
    this->session_.add(this->child_);
    this->session_.commit();
    EXPECT_EQ(this->parent_of_child(), "root");
    ASSERT_EQ(this->root_->children.size(), 1U);
    EXPECT_EQ(this->child_->parent.get(), this->root_);
}

TYPED_TEST(left_and_back, parent_and_child_whose_rows_have_gone_know_each_other_in_the_next_session) {
    this->session_.remove(this->child_);
    this->session_.remove(this->root_);
    this->session_.commit();
    auto second = this->session();
    second.add(this->root_);
    second.add(this->child_);
    second.commit();
    EXPECT_EQ(this->parent_of_child(), "root");
    EXPECT_EQ(this->child_->parent.get(), this->root_);
    ASSERT_EQ(this->root_->children.size(), 1U);
    EXPECT_EQ(this->root_->children[0], this->child_);
}

TYPED_TEST(left_and_back, checks_that_a_flush_has_used_up_are_asked_for_again_when_it_is_undone) {
    this->user_->name = "changed";
    this->user_.check_row();
    {
        auto inner = this->session_.savepoint();
        this->session_.flush();
    }
    EXPECT_EQ(this->user_.state()->checks, wharf::orm::object_state::check_row);
    this->session_.commit();
    EXPECT_EQ(this->user_.state()->checks, 0);
}

TYPED_TEST(left_and_back, check_that_was_asked_for_goes_with_the_rollback) {
    this->user_.overwrite();
    this->user_->name = "changed";
    this->session_.add(User{.name = "again", .email = "john@x"});
    EXPECT_THROW(this->session_.commit(), wharf::unique_violation);
    this->session_.rollback();
    EXPECT_EQ(this->user_.state()->checks, 0);
    this->child_.overwrite();
    {
        auto inner = this->session_.savepoint();
        this->child_.check_row();
    }
    EXPECT_EQ(this->child_.state()->checks, wharf::orm::object_state::overwrite);
    this->session_.rollback();
    EXPECT_EQ(this->child_.state()->checks, 0);
}

} // namespace
