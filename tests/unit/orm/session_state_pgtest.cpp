// States of objects, the identity map, and what a session holds.
#include "unit/orm/models.hpp"

namespace {

using namespace models;
using wharf::orm::object_status;

template <class Backend>
class session_state : public session_test<Backend> {};
TYPED_TEST_SUITE(session_state, wharf::test::backends);

TYPED_TEST(session_state, object_is_added_flushed_and_committed) {
    auto session = this->session();
    wharf::entity<User> user = User{.name = "John"};
    EXPECT_EQ(user.state()->status, object_status::transient);
    session.add(user);
    EXPECT_EQ(user.state()->status, object_status::pending);
    EXPECT_EQ(session.new_objects().size(), 1U);
    session.flush();
    EXPECT_EQ(user.state()->status, object_status::persistent);
    EXPECT_TRUE(session.new_objects().empty());
    EXPECT_NE(user->id, 0);
    EXPECT_EQ(session.template get<User>(user->id), user);
    session.commit();
    EXPECT_EQ(this->count("users"), 1);
}

TYPED_TEST(session_state, object_added_twice_is_inserted_once) {
    auto session = this->session();
    auto user = session.add(User{.name = "John"});
    session.add(user);
    EXPECT_EQ(session.new_objects().size(), 1U);
    session.commit();
    EXPECT_EQ(this->count("users"), 1);
}

TYPED_TEST(session_state, nothing_is_in_the_database_before_the_commit) {
    auto session = this->session();
    auto user = session.add(User{.name = "John"});
    session.add(Profile{.user = user, .bio = "..."});
    if constexpr (TypeParam::is_postgres) { // SQLite's writer would hold the gate
        session.flush();
    }
    EXPECT_EQ(this->count("users"), 0);
    session.commit();
    EXPECT_EQ(this->count("users u JOIN profiles p ON p.user_id = u.id"), 1);
}

TYPED_TEST(session_state, row_that_is_read_again_is_the_same_object_and_keeps_its_changes) {
    auto session = this->session();
    auto user = session.add(User{.name = "John"});
    session.commit();
    user->name = "changed";
    session.set_autoflush(false);
    auto again = session.template select<User>().all();
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(again[0], user);
    EXPECT_EQ(user->name, "changed");
    auto overwritten = session.template select<User>().populate_existing().one();
    EXPECT_EQ(overwritten, user);
    EXPECT_EQ(user->name, "John");
}

TYPED_TEST(session_state, get_finds_nothing_for_an_unknown_key) {
    auto session = this->session();
    EXPECT_FALSE(session.template get<User>(77));
    EXPECT_THROW(static_cast<void>(session.template get_one<User>(77)), wharf::no_result);
    EXPECT_THROW(static_cast<void>(session.template get<User>(77)->name), wharf::null_entity);
}

TYPED_TEST(session_state, expunged_object_keeps_its_changes_until_it_is_added_again) {
    auto session = this->session();
    auto user = session.add(User{.name = "John"});
    session.commit();
    session.expunge(user);
    EXPECT_EQ(user.state()->status, object_status::detached);
    user->name = "later";
    EXPECT_FALSE(session.is_modified());
    session.add(user);
    EXPECT_EQ(session.dirty_objects().size(), 1U);
    session.commit();
    EXPECT_EQ(this->text("SELECT name FROM users"), "later");
}

TYPED_TEST(session_state, expunged_pending_object_is_not_inserted) {
    auto session = this->session();
    auto user = session.add(User{.name = "John"});
    session.expunge(user);
    EXPECT_EQ(user.state()->status, object_status::transient);
    session.commit();
    EXPECT_EQ(this->count("users"), 0);
}

TYPED_TEST(session_state, second_object_for_the_same_row_is_refused) {
    auto session = this->session();
    auto user = session.add(User{.name = "John"});
    session.commit();
    session.expunge(user);
    auto other = session.template get_one<User>(user.read()->id);
    EXPECT_THROW(session.add(user), wharf::usage_error);
    EXPECT_EQ(session.template get_one<User>(user.read()->id), other);
}

TYPED_TEST(session_state, object_of_another_session_is_refused) {
    auto one = this->session();
    auto two = this->session();
    auto user = one.add(User{.name = "John"});
    EXPECT_THROW(two.add(user), wharf::usage_error);
    EXPECT_THROW(two.remove(user), wharf::usage_error);
}

TYPED_TEST(session_state, removed_object_is_deleted_and_detached_at_commit) {
    auto session = this->session();
    auto user = session.add(User{.name = "John"});
    session.commit();
    session.remove(user);
    EXPECT_EQ(session.deleted_objects().size(), 1U);
    session.flush();
    EXPECT_EQ(user.state()->status, object_status::deleted);
    EXPECT_FALSE(session.template get<User>(user.read()->id));
    session.commit();
    EXPECT_EQ(user.state()->status, object_status::detached);
    EXPECT_EQ(this->count("users"), 0);
}

TYPED_TEST(session_state, remove_of_a_transient_object_is_refused) {
    auto session = this->session();
    wharf::entity<User> user = User{.name = "John"};
    EXPECT_THROW(session.remove(user), wharf::usage_error);
}

TYPED_TEST(session_state, values_stay_readable_after_the_session_and_relations_throw) {
    wharf::entity<User> user;
    wharf::entity<Profile> profile;
    {
        auto session = this->session();
        user = session.add(User{.name = "John"});
        profile = session.add(Profile{.user = user, .bio = "..."});
        session.commit();
    }
    EXPECT_EQ(user.state()->status, object_status::detached);
    EXPECT_EQ(user->name, "John");
    EXPECT_EQ(profile.read()->user.key(), user.read()->id);
    EXPECT_THROW(static_cast<void>(user->profiles.size()), wharf::detached);
    EXPECT_THROW(static_cast<void>(profile->user->name), wharf::detached);
}

TYPED_TEST(session_state, reading_through_const_watches_nothing) {
    auto session = this->session();
    for (int i = 0; i < 3; ++i)
        session.add(User{.name = "u" + std::to_string(i)});
    session.commit();
    session.close();
    for (const auto& user : session.template select<const User>().all())
        EXPECT_FALSE(user->name.empty());
    EXPECT_EQ(session.watched_count(), 0U);
    for (auto& user : session.template select<User>().all())
        EXPECT_FALSE(user->name.empty());
    EXPECT_EQ(session.watched_count(), 3U);
    EXPECT_FALSE(session.is_modified());
}

TYPED_TEST(session_state, reference_costs_no_sql_until_it_is_read) {
    auto session = this->session();
    auto user = session.add(User{.name = "John"});
    session.commit();
    const auto id = user->id;
    session.close();
    wharf::sql_recorder sql{this->engine_};
    auto known = session.template reference<User>(id);
    EXPECT_EQ(sql.statement_count(), 0U);
    EXPECT_EQ(known->name, "John");
    EXPECT_EQ(session.template get<User>(id), known);
    EXPECT_EQ(sql.statement_count(), 2U); // BEGIN, SELECT
    auto nobody = session.template reference<User>(id + 1);
    EXPECT_THROW(static_cast<void>(nobody->name), wharf::no_result);
}

TYPED_TEST(session_state, refresh_discards_changes) {
    auto session = this->session();
    auto user = session.add(User{.name = "John"});
    session.commit();
    user->name = "dirty";
    session.refresh(user);
    EXPECT_EQ(user->name, "John");
    EXPECT_FALSE(session.is_modified());
}

TYPED_TEST(session_state, expire_on_commit_reads_the_row_once_more) {
    wharf::session session(this->engine_, {.expire_on_commit = true});
    auto user = session.add(User{.name = "John"});
    session.commit();
    { // another session changes it
        auto other = this->session();
        other.template select<User>().one()->name = "elsewhere";
        other.commit();
    }
    wharf::sql_recorder sql{this->engine_};
    EXPECT_EQ(user->name, "elsewhere");
    EXPECT_EQ(user->name, "elsewhere");
    EXPECT_EQ(sql.statement_count(), 2U);
}

TYPED_TEST(session_state, release_unused_lets_go_of_what_nobody_holds) {
    auto session = this->session();
    auto kept = session.add(User{.name = "kept"});
    session.add(User{.name = "dropped"});
    session.commit();
    EXPECT_EQ(session.object_count(), 2U);
    session.release_unused();
    EXPECT_EQ(session.object_count(), 1U);
    EXPECT_TRUE(session.contains(kept));
}

TYPED_TEST(session_state, connection_comes_back_at_commit_close_and_destruction) {
    const auto lent = [this] { return this->engine_.stats().lent; };
    auto session = this->session();
    EXPECT_EQ(lent(), 0U);
    session.add(User{.name = "John"});
    session.flush();
    EXPECT_EQ(lent(), 1U);
    session.commit();
    EXPECT_EQ(lent(), 0U);
    static_cast<void>(session.template select<User>().all());
    EXPECT_EQ(lent(), 1U);
    session.close();
    EXPECT_EQ(lent(), 0U);
    {
        auto other = this->session();
        static_cast<void>(other.template select<User>().all());
        EXPECT_EQ(lent(), 1U);
    }
    EXPECT_EQ(lent(), 0U);
}

TYPED_TEST(session_state, copy_of_a_row_is_a_plain_value) {
    auto session = this->session();
    auto user = session.add(User{.name = "John", .profiles = {Profile{.bio = "a"}}});
    session.commit();
    const User copy = *user;
    EXPECT_EQ(copy.name, "John");
    EXPECT_EQ(copy.id, user->id);
    EXPECT_EQ(copy.profiles.size(), 0U);
    EXPECT_EQ(user->profiles.size(), 1U);
}

TYPED_TEST(session_state, raw_sql_flushes_first_and_gives_rows) {
    auto session = this->session();
    session.add(User{.name = "John"});
    EXPECT_EQ(session.template query_sql<std::string>("SELECT name FROM users").one(), "John");
    EXPECT_EQ(session.execute("UPDATE users SET name = $1", "Bob").rows, 1U);
    session.commit();
    EXPECT_EQ(this->text("SELECT name FROM users"), "Bob");
}

TYPED_TEST(session_state, query_budget_refuses_the_statement_after_the_last) {
    auto session = this->session();
    const wharf::query_budget budget{this->engine_, 2};
    static_cast<void>(session.template select<User>().all());
    static_cast<void>(session.template select<User>().all());
    EXPECT_THROW(static_cast<void>(session.template select<User>().all()), wharf::budget_exceeded);
}

} // namespace
