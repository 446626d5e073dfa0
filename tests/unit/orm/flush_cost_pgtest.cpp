// What a flush costs, as counts: statements, round trips, clean-ups of its connection.
#include "support/soon.hpp"
#include "unit/orm/models.hpp"

namespace {

using namespace models;

template <class Backend>
class flush_cost_on : public session_test<Backend> {};
TYPED_TEST_SUITE(flush_cost_on, wharf::test::backends);

void add_users_with_profiles(wharf::session& session, int users, int profiles) {
    for (int i = 0; i < users; ++i) {
        auto user = session.add(User{.name = "user " + std::to_string(i)});
        for (int j = 0; j < profiles; ++j)
            session.add(Profile{.user = user, .bio = std::to_string(i) + "/" + std::to_string(j)});
    }
}

TYPED_TEST(flush_cost_on, commit_of_nothing_costs_nothing) {
    wharf::sql_recorder sql{this->engine_};
    auto session = this->session();
    session.commit();
    session.flush();
    EXPECT_EQ(sql.statement_count(), 0U);
    EXPECT_EQ(sql.round_trips(), 0U);
}

TYPED_TEST(flush_cost_on, equal_value_costs_no_sql) {
    auto session = this->session();
    auto user = session.add(User{.name = "John"});
    session.commit();
    wharf::sql_recorder sql{this->engine_};
    user->name = "Jane";
    user->name = "John";
    EXPECT_FALSE(session.is_modified());
    session.commit();
    EXPECT_EQ(sql.statement_count(), 0U);
}

TYPED_TEST(flush_cost_on, graph_takes_two_round_trips_warm_and_three_cold) {
    wharf::engine engine{this->backend_.url(), {.pool_size = 1}}; // one connection, which comes to be warm
    wharf::session session(engine);
    wharf::sql_recorder sql{engine};
    add_users_with_profiles(session, 100, 3);
    session.commit();
    if constexpr (TypeParam::is_postgres) {
        EXPECT_EQ(sql.round_trips(), 3U);
    }
    sql.clear();
    add_users_with_profiles(session, 100, 3);
    session.commit();
    if constexpr (TypeParam::is_postgres) {
        EXPECT_EQ(sql.round_trips(), 2U);
    }
    EXPECT_EQ(this->count("users"), 200);
    EXPECT_EQ(this->count("profiles p JOIN users u ON u.id = p.user_id "
                          "WHERE p.bio LIKE substr(u.name, 6) || '/%'"),
              600);
}

TYPED_TEST(flush_cost_on, rows_without_children_take_one_round_trip_warm) {
    wharf::engine engine{this->backend_.url(), {.pool_size = 1}};
    wharf::session session(engine);
    session.add_range(std::vector<User>{User{.name = "a"}, User{.name = "b"}});
    session.commit();
    wharf::sql_recorder sql{engine};
    auto users = session.add_range(std::vector<User>{User{.name = "c"}, User{.name = "d"}});
    session.commit();
    if constexpr (TypeParam::is_postgres) {
        EXPECT_EQ(sql.round_trips(), 1U);
    }
    for (const auto& user : users)
        EXPECT_EQ(this->text("SELECT name FROM users WHERE id = " + std::to_string(user->id)), user->name);
}

TYPED_TEST(flush_cost_on, what_a_session_sends_leaves_nothing_for_the_pool_to_undo) {
    auto session = this->session();
    EXPECT_TRUE(wharf::test::soon([&] { return this->engine_.stats().cleaning == 0; })); // what made the tables
    const auto before = this->engine_.stats().cleaned;
    for (int i = 0; i != 3; ++i) {
        add_users_with_profiles(session, 2, 2);
        auto user = session.add(User{.name = "John"});
        auto article = session.add(Article{.user = user, .title = "first"});
        session.commit();
        user->name = "Johnny";
        article->title = "second";
        session.commit();
        static_cast<void>(session.template select<User>().where(wharf::col<&User::id> == user->id).for_update().one());
        session.remove(article);
        session.remove(user);
        session.commit();
    }
    EXPECT_EQ(this->engine_.stats().cleaned, before);
}

} // namespace
