// Transactions, savepoints, rollback of objects, retries.
#include "unit/orm/models.hpp"

#include <chrono>

namespace {

using namespace models;
using wharf::orm::object_status;

template <class Backend>
class transaction_on : public session_test<Backend> {};
TYPED_TEST_SUITE(transaction_on, wharf::test::backends);

TYPED_TEST(transaction_on, scope_rolls_back_unless_committed) {
    auto session = this->session();
    auto kept = session.add(User{.name = "kept"});
    session.commit();
    wharf::entity<User> lost;
    {
        auto tx = session.begin();
        lost = session.add(User{.name = "lost"});
        kept->name = "changed";
        session.flush();
        EXPECT_NE(lost->id, 0);
    }
    EXPECT_FALSE(session.in_transaction());
    EXPECT_EQ(lost->id, 0);
    EXPECT_EQ(lost.state()->status, object_status::transient);
    EXPECT_EQ(kept->name, "kept");
    EXPECT_EQ(this->count("users"), 1);
    {
        auto tx = session.begin();
        session.add(lost);
        tx.commit();
    }
    EXPECT_NE(lost->id, 0);
    EXPECT_EQ(this->count("users"), 2);
}

TYPED_TEST(transaction_on, beginning_twice_is_refused) {
    auto session = this->session();
    auto tx = session.begin();
    EXPECT_THROW(static_cast<void>(session.begin()), wharf::usage_error);
    tx.commit();
    EXPECT_THROW(tx.commit(), wharf::usage_error);
}

TYPED_TEST(transaction_on, begin_sends_nothing_and_reading_needs_no_commit) {
    wharf::engine engine(this->backend_.url(), {.pool_size = 1}); // the next transaction meets the same connection
    wharf::session session(engine);
    static_cast<void>(session.select<User>().all());
    session.commit();
    wharf::sql_recorder sql{engine};
    auto tx = session.begin();
    EXPECT_EQ(sql.statement_count(), 0U);
    static_cast<void>(session.select<User>().all());
    tx.commit();
    EXPECT_EQ(sql.statement_count(), 2U); // BEGIN, SELECT
    EXPECT_EQ(sql.round_trips(), 1U);
}

TYPED_TEST(transaction_on, transact_commits_at_return_and_rolls_back_on_an_exception) {
    auto session = this->session();
    const auto id = session.transact([](wharf::session& s) {
        auto user = s.add(User{.name = "a"});
        s.flush();
        return user->id;
    });
    EXPECT_NE(id, 0);
    EXPECT_THROW(session.transact([&] {
        session.add(User{.name = "b"});
        session.flush();
        throw std::runtime_error("no");
    }),
                 std::runtime_error);
    EXPECT_EQ(this->count("users"), 1);
}

TYPED_TEST(transaction_on, rollback_restores_changed_removed_and_related_objects) {
    auto session = this->session();
    auto user = session.add(User{.name = "John", .profiles = {Profile{.bio = "a"}}});
    session.commit();
    auto profile = user->profiles[0];
    user->name = "first";
    session.flush();
    user->name = "second";
    user->profiles.add(Profile{.bio = "b"});
    session.flush();
    session.remove(profile);
    session.flush();
    EXPECT_EQ(user->profiles.size(), 1U);
    session.rollback();
    EXPECT_EQ(user->name, "John");
    EXPECT_EQ(profile.state()->status, object_status::persistent);
    ASSERT_EQ(user->profiles.size(), 1U);
    EXPECT_EQ(user->profiles[0], profile);
    EXPECT_FALSE(session.is_modified());
    EXPECT_EQ(this->count("profiles"), 1);
}

TYPED_TEST(transaction_on, graph_that_was_rolled_back_can_be_added_again) {
    auto session = this->session();
    auto user = session.add(User{.name = "John", .profiles = {Profile{.bio = "a"}, Profile{.bio = "b"}}});
    session.flush();
    session.rollback();
    EXPECT_EQ(user->id, 0);
    EXPECT_EQ(user->profiles.size(), 2U);
    session.add(user);
    session.commit();
    EXPECT_EQ(this->count("profiles WHERE user_id = " + std::to_string(user->id)), 2);
}

TYPED_TEST(transaction_on, savepoint_undoes_only_what_happened_in_it) {
    auto session = this->session();
    auto user = session.add(User{.name = "start"});
    auto clean = session.add(User{.name = "clean"});
    session.commit();
    user->name = "before"; // not flushed when the savepoint begins
    auto pending = session.add(User{.name = "pending"});
    {
        auto inner = session.savepoint();
        user->name = "inside";
        auto lost = session.add(User{.name = "lost"});
        session.remove(clean);
        session.flush();
        EXPECT_EQ(lost.state()->status, object_status::persistent);
        inner.rollback();
        EXPECT_EQ(lost.state()->status, object_status::transient);
    }
    EXPECT_EQ(user->name, "before");
    EXPECT_EQ(pending.state()->status, object_status::pending);
    EXPECT_EQ(clean.state()->status, object_status::persistent);
    session.commit();
    EXPECT_EQ(this->count("users"), 3);
    EXPECT_EQ(this->count("users WHERE name = 'before'"), 1);
    EXPECT_EQ(this->count("users WHERE name = 'pending'"), 1);
}

TYPED_TEST(transaction_on, savepoint_that_was_committed_goes_with_its_transaction) {
    auto session = this->session();
    auto user = session.add(User{.name = "start"});
    session.commit();
    wharf::entity<User> added;
    {
        auto tx = session.begin();
        {
            auto inner = session.savepoint();
            user->name = "inside";
            added = session.add(User{.name = "added"});
            inner.commit();
        }
        EXPECT_EQ(user->name, "inside");
        EXPECT_EQ(added.state()->status, object_status::persistent);
    }
    EXPECT_EQ(user->name, "start");
    EXPECT_EQ(added.state()->status, object_status::transient);
    EXPECT_EQ(added->id, 0);
    EXPECT_EQ(this->count("users"), 1);
}

TYPED_TEST(transaction_on, violation_inside_a_savepoint_ends_only_the_savepoint) {
    auto session = this->session();
    session.add(User{.name = "outer", .email = "taken@x"});
    session.flush();
    try {
        auto inner = session.savepoint();
        session.add(User{.name = "inner", .email = "taken@x"});
        inner.commit();
        FAIL();
    } catch (const wharf::unique_violation&) {
    }
    try {
        auto inner = session.savepoint();
        session.execute("INSERT INTO users(name, email) VALUES ('raw', 'taken@x')");
        inner.commit();
        FAIL();
    } catch (const wharf::unique_violation&) {
    }
    session.add(User{.name = "after"});
    session.commit();
    EXPECT_EQ(this->count("users"), 2);
}

TYPED_TEST(transaction_on, rollback_of_the_session_ends_all_levels) {
    auto session = this->session();
    session.add(User{.name = "a"});
    session.flush();
    auto inner = session.savepoint();
    session.add(User{.name = "b"});
    session.flush();
    session.rollback();
    EXPECT_FALSE(session.in_transaction());
    EXPECT_THROW(inner.commit(), wharf::usage_error);
    EXPECT_EQ(this->count("users"), 0);
}

TYPED_TEST(transaction_on, failed_transaction_quotes_its_error_until_it_is_rolled_back) {
    auto session = this->session();
    session.add(User{.name = "a", .email = "x"});
    session.add(User{.name = "b", .email = "x"});
    EXPECT_THROW(session.flush(), wharf::unique_violation);
    for (int i = 0; i < 5; ++i) {
        try {
            session.flush();
            FAIL();
        } catch (const wharf::transaction_failed& e) {
            EXPECT_THAT(e.what(), testing::HasSubstr("email"));
        }
    }
    EXPECT_EQ(this->engine_.stats().lent, 0U);
    session.rollback();
    session.add(User{.name = "c"});
    session.commit();
    EXPECT_EQ(this->count("users"), 1);
}

TYPED_TEST(transaction_on, run_transaction_tries_again_what_may_pass_and_nothing_else) {
    auto session = this->session();
    int tries = 0;
    const auto made = wharf::run_transaction(session,
                                             [&](wharf::session& s) {
                                                 auto user = s.add(User{.name = "try " + std::to_string(++tries)});
                                                 s.flush();
                                                 if (tries < 3) throw wharf::connection_lost("pretended");
                                                 return user->id;
                                             },
                                             {.attempts = 5, .first_delay = std::chrono::milliseconds(1)});
    EXPECT_EQ(tries, 3);
    EXPECT_NE(made, 0);
    EXPECT_EQ(this->count("users"), 1);
    tries = 0;
    EXPECT_THROW(wharf::run_transaction(session,
                                        [&](wharf::session&) {
                                            ++tries;
                                            throw wharf::no_result("not transient");
                                        }),
                 wharf::no_result);
    EXPECT_EQ(tries, 1);
}

TYPED_TEST(transaction_on, locking_get_reads_again_and_refuses_a_dirty_object) {
    auto session = this->session();
    auto user = session.add(User{.name = "a"});
    session.commit();
    {
        auto other = this->session();
        other.template get_one<User>(user.read()->id)->name = "b";
        other.commit();
    }
    EXPECT_EQ(session.template get_one<User>(user.read()->id, {.lock = wharf::lock::update})->name, "b");
    user->name = "dirty";
    EXPECT_THROW(static_cast<void>(session.template get<User>(user.read()->id, {.lock = wharf::lock::update})),
                 wharf::usage_error);
    session.rollback();
    EXPECT_EQ(user->name, "b");
}

TYPED_TEST(transaction_on, time_out_of_the_session_covers_the_wait_for_a_connection) {
    wharf::engine engine(this->backend_.url(), {.pool_size = 1});
    wharf::session holder(engine);
    static_cast<void>(holder.select<User>().all());
    wharf::session waiting(engine, {.timeout = std::chrono::milliseconds(20)});
    auto user = waiting.add(User{.name = "a"});
    EXPECT_THROW(waiting.commit(), wharf::timed_out);
    EXPECT_EQ(user.state()->status, object_status::pending); // nothing was sent: the session goes on
    holder.close();
    waiting.set_timeout(std::chrono::seconds(20));
    waiting.commit();
    EXPECT_EQ(this->count("users"), 1);
}

} // namespace
