// What a flush sends: which statements, in which order; and what the objects hold afterwards. What it costs:
// flush_cost_pgtest.cpp.
#include "unit/orm/models.hpp"

#include <algorithm>

namespace {

using namespace models;
using testing::HasSubstr;
using testing::StartsWith;

template <class Backend>
class flush_to : public session_test<Backend> {};
TYPED_TEST_SUITE(flush_to, wharf::test::backends);

/// The statements that are no BEGIN, COMMIT and the like.
std::vector<std::string> work(const wharf::sql_recorder& sql) {
    auto all = sql.sql();
    std::erase_if(all, [](const std::string& text) {
        return text.starts_with("BEGIN") || text == "COMMIT" || text.starts_with("ROLLBACK");
    });
    return all;
}

TYPED_TEST(flush_to, update_names_only_the_columns_that_differ) {
    auto session = this->session();
    auto user = session.add(User{.name = "John", .email = "j@x"});
    session.commit();
    wharf::sql_recorder sql{this->engine_};
    user->name = "Johnny";
    session.commit();
    const auto sent = work(sql);
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_THAT(sent[0], HasSubstr("UPDATE \"users\" SET \"name\" = $1"));
    EXPECT_THAT(sent[0], testing::Not(HasSubstr("email")));
}

TYPED_TEST(flush_to, change_through_a_reference_held_since_before_the_commit_is_found) {
    auto session = this->session();
    auto user = session.add(User{.name = "John"});
    User& held = *user;
    session.commit();
    held.name = "later";
    session.commit();
    EXPECT_EQ(this->text("SELECT name FROM users"), "later");
}

TYPED_TEST(flush_to, parent_is_inserted_before_children_added_first) {
    auto session = this->session();
    wharf::entity<User> user = User{.name = "John"};
    auto profile = session.add(Profile{.user = user, .bio = "first"});
    EXPECT_TRUE(session.contains(user));
    wharf::sql_recorder sql{this->engine_};
    session.commit();
    const auto sent = work(sql);
    const auto position = [&](const char* what) {
        return std::find_if(sent.begin(), sent.end(),
                            [&](const std::string& text) { return text.find(what) != std::string::npos; }) -
               sent.begin();
    };
    EXPECT_LT(position("INSERT INTO \"users\""), position("INSERT INTO \"profiles\""));
    EXPECT_EQ(profile->user.key(), user->id);
}

TYPED_TEST(flush_to, children_of_a_collection_come_along) {
    auto session = this->session();
    auto user = session.add(User{.name = "John", .profiles = {Profile{.bio = "a"}, Profile{.bio = "b"}}});
    session.commit();
    EXPECT_EQ(this->count("profiles WHERE user_id = " + std::to_string(user->id)), 2);
    EXPECT_EQ(user->profiles[0]->user.get(), user);
    user->profiles.add(Profile{.bio = "c"});
    session.commit();
    EXPECT_EQ(this->count("profiles WHERE user_id = " + std::to_string(user->id)), 3);
}

TYPED_TEST(flush_to, foreign_key_as_a_plain_member_or_as_a_relation) {
    auto session = this->session();
    auto one = session.add(User{.name = "one"});
    auto two = session.add(User{.name = "two"});
    session.commit();
    auto by_member = session.add(Article{.user_id = one->id, .title = "member"});
    auto by_relation = session.add(Article{.user = two, .title = "relation"});
    session.commit();
    EXPECT_EQ(by_member->user.get(), one);
    EXPECT_EQ(by_relation->user_id, two->id);

    by_member->user_id = two->id;
    by_relation->user = one;
    session.commit();
    EXPECT_EQ(by_member->user.get(), two);
    EXPECT_EQ(by_relation->user_id, one->id);
    EXPECT_EQ(this->count("articles WHERE title = 'member' AND user_id = " + std::to_string(two->id)), 1);

    by_member->user_id = one->id;
    by_member->user = session.add(User{.name = "three"});
    EXPECT_THROW(session.commit(), wharf::usage_error);
    session.rollback();
    EXPECT_EQ(by_member->user_id, two->id);
}

TYPED_TEST(flush_to, relation_to_a_new_object_fills_the_member) {
    auto session = this->session();
    auto article = session.add(Article{.user = User{.name = "new"}, .title = "t"});
    session.commit();
    EXPECT_NE(article->user_id, 0);
    EXPECT_EQ(article->user_id, article->user->id);
}

TYPED_TEST(flush_to, version_is_raised_and_a_stale_one_fails_in_the_same_trip) {
    auto session = this->session();
    auto article = session.add(Article{.user = User{.name = "a"}, .title = "t"});
    session.commit();
    const auto version = article->version;
    article->title = "second";
    session.commit();
    EXPECT_EQ(article->version, version + 1);

    auto other = this->session();
    other.template get_one<Article>(article->id)->title = "theirs";
    other.commit();
    article->title = "ours";
    wharf::sql_recorder sql{this->engine_};
    EXPECT_THROW(session.commit(), wharf::stale_data);
    if constexpr (TypeParam::is_postgres) {
        EXPECT_EQ(sql.round_trips(), 1U);
    }
    session.rollback();
    EXPECT_EQ(article.read()->title, "second");
    EXPECT_EQ(article->title, "theirs"); // for whoever writes next
    EXPECT_EQ(this->text("SELECT title FROM articles"), "theirs");
}

TYPED_TEST(flush_to, row_that_is_gone_makes_update_and_delete_fail) {
    auto session = this->session();
    auto one = session.add(User{.name = "one"});
    auto two = session.add(User{.name = "two"});
    session.commit();
    {
        auto other = this->session();
        other.execute("DELETE FROM users");
        other.commit();
    }
    one->name = "x";
    EXPECT_THROW(session.commit(), wharf::stale_data);
    session.rollback();
    session.remove(two);
    EXPECT_THROW(session.commit(), wharf::stale_data);
    session.rollback();
    EXPECT_TRUE(session.contains(two));
}

TYPED_TEST(flush_to, many_changed_rows_of_one_shape_are_one_statement_on_postgres) {
    auto session = this->session();
    std::vector<wharf::entity<User>> users;
    for (int i = 0; i < 50; ++i)
        users.push_back(session.add(User{.name = std::to_string(i)}));
    session.commit();
    for (auto& user : users)
        user->email = user->name + "@x";
    wharf::sql_recorder sql{this->engine_};
    session.commit();
    EXPECT_EQ(work(sql).size(), TypeParam::is_postgres ? 1U : 50U);
    EXPECT_EQ(this->count("users WHERE email = name || '@x'"), 50);
    for (auto& user : users)
        session.remove(user);
    sql.clear();
    session.commit();
    EXPECT_EQ(work(sql).size(), TypeParam::is_postgres ? 1U : 50U);
    EXPECT_EQ(this->count("users"), 0);
}

TYPED_TEST(flush_to, rows_that_refer_to_rows_of_their_own_table) {
    auto session = this->session();
    auto leaf = session.add(Node{.name = "leaf", .parent = Node{.name = "middle", .parent = Node{.name = "root"}}});
    session.commit();
    EXPECT_EQ(this->count("nodes WHERE parent_id IS NULL"), 1);
    EXPECT_EQ(leaf->parent->parent->name, "root");
    session.close();
    auto nodes = session.template select<Node>().all();
    for (auto& node : nodes)
        session.remove(node);
    session.commit();
    EXPECT_EQ(this->count("nodes"), 0);
}

TYPED_TEST(flush_to, circle_of_nullable_references_is_written_in_two_steps) {
    auto session = this->session();
    auto one = session.add(Node{.name = "one"});
    auto two = session.add(Node{.name = "two", .parent = one});
    one->parent = two;
    session.commit();
    EXPECT_EQ(this->count("nodes WHERE parent_id IS NOT NULL"), 2);
    EXPECT_EQ(one->parent.key(), two->id);
}

TYPED_TEST(flush_to, composite_key_that_holds_a_foreign_key) {
    auto session = this->session();
    auto order = session.add(Order{.code = "A", .state = "open", .lines = {Line{.number = 1, .quantity = 5}}});
    session.add(Line{.number = 2, .order = order, .quantity = 7});
    session.commit();
    auto line = session.template get<Line>({"A", 2});
    ASSERT_TRUE(line);
    EXPECT_EQ(line->order_code, "A");
    EXPECT_EQ(line->order.get(), order);
    line->quantity = 8;
    session.commit();
    EXPECT_EQ(this->count("lines WHERE order_code = 'A' AND number = 2 AND quantity = 8"), 1);
    session.remove(line);
    session.commit();
    EXPECT_EQ(this->count("lines"), 1);
}

TYPED_TEST(flush_to, delete_that_frees_a_unique_value_goes_before_the_insert_that_needs_it) {
    auto session = this->session();
    auto old = session.add(User{.name = "old", .email = "one@x"});
    session.commit();
    session.remove(old);
    session.add(User{.name = "new", .email = "one@x"});
    session.commit();
    EXPECT_EQ(this->text("SELECT name FROM users"), "new");
}

TYPED_TEST(flush_to, delete_and_add_of_one_key_is_an_update) {
    auto session = this->session();
    auto old = session.add(Order{.code = "A", .state = "old"});
    session.commit();
    session.remove(old);
    auto fresh = session.add(Order{.code = "A", .state = "new"});
    wharf::sql_recorder sql{this->engine_};
    session.commit();
    const auto sent = work(sql);
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_THAT(sent[0], HasSubstr("UPDATE \"orders\" SET \"state\""));
    EXPECT_EQ(session.template get<Order>("A"), fresh);
    EXPECT_EQ(this->text("SELECT state FROM orders"), "new");
}

TYPED_TEST(flush_to, generated_key_that_was_reset_is_an_error) {
    auto session = this->session();
    auto user = session.add(User{.name = "John"});
    auto profile = session.add(Profile{.user = user, .bio = "b"});
    session.commit();
    *profile = Profile{.user = user, .bio = "another"};
    EXPECT_THROW(session.commit(), wharf::usage_error);
    session.rollback();
    EXPECT_EQ(profile->bio, "b");
    EXPECT_NE(profile->id, 0);
}

TYPED_TEST(flush_to, autoflush_writes_only_for_queries_that_name_the_table) {
    auto session = this->session();
    auto user = session.add(User{.name = "John"});
    session.commit();
    wharf::sql_recorder sql{this->engine_};
    user->name = "Jane";
    static_cast<void>(session.template select<Node>().all());
    EXPECT_EQ(work(sql).size(), 1U);
    static_cast<void>(session.template select<User>().all());
    EXPECT_THAT(work(sql)[1], HasSubstr("UPDATE"));
}

TYPED_TEST(flush_to, failing_at_every_statement_leaves_database_and_members_alone) {
    // Statement j of n fails because of a row that is there already under the same unique e-mail or key.
    for (int failing = 0; failing < 4; ++failing) {
        auto session = this->session();
        session.execute("DELETE FROM lines");
        session.execute("DELETE FROM orders");
        session.execute("DELETE FROM profiles");
        session.execute("DELETE FROM users");
        auto existing = session.add(User{.name = "existing", .email = "taken@x"});
        auto changed = session.add(User{.name = "changed"});
        session.add(Order{.code = "taken"});
        session.commit();
        session.close();

        changed = session.template get_one<User>(changed.read()->id);
        auto user = session.add(User{.name = "new"});
        if (failing == 0) user->email = "taken@x";
        auto profile = session.add(Profile{.user = user, .bio = "new"});
        auto order = session.add(Order{.code = failing == 1 ? "taken" : "free"});
        auto line = session.add(Line{.number = 1, .order = order});
        changed->name = "changed twice";
        if (failing == 2) changed->email = "taken@x";
        if (failing == 3) {
            session.execute("INSERT INTO lines(order_code, number, quantity) VALUES ('taken', 1, 0)");
            session.rollback();
            user = session.add(user);
            profile = session.add(profile);
            order->code = "taken";
            session.add(order);
            changed->name = "changed twice";
        }
        EXPECT_THROW(session.commit(), wharf::unique_violation) << failing;
        EXPECT_EQ(user.read()->id, 0);
        EXPECT_EQ(profile.read()->id, 0);
        EXPECT_EQ(changed.read()->name, "changed twice");
        EXPECT_EQ(this->count("users"), 2);
        EXPECT_EQ(this->count("users WHERE name = 'changed twice'"), 0);
        EXPECT_EQ(this->count("profiles"), 0);
        EXPECT_THROW(session.commit(), wharf::transaction_failed);
        EXPECT_THROW(static_cast<void>(session.template select<User>().all()), wharf::transaction_failed);

        session.rollback();
        EXPECT_EQ(changed.read()->name, "changed");
        EXPECT_EQ(user.state()->status, wharf::orm::object_status::transient);
        user->email = "free@x";
        order->code = "free too";
        session.add(profile);
        session.add(order);
        session.commit();
        EXPECT_NE(user.read()->id, 0);
        EXPECT_EQ(this->count("profiles p JOIN users u ON u.id = p.user_id WHERE u.name = 'new'"), 1);
    }
}

class flush_on_postgres : public session_test<wharf::test::on_postgres> {};

TEST_F(flush_on_postgres, trigger_that_drops_a_row_makes_the_flush_fail) {
    auto session = this->session();
    session.execute("CREATE FUNCTION drop_some() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                    "IF NEW.name = 'dropped' THEN RETURN NULL; END IF; RETURN NEW; END $$");
    session.execute("CREATE TRIGGER dropping BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION drop_some()");
    session.commit();
    auto users =
        session.add_range(std::vector<User>{User{.name = "first"}, User{.name = "dropped"}, User{.name = "last"}});
    EXPECT_THROW(session.commit(), wharf::flush_failed);
    session.rollback();
    EXPECT_EQ(users[0]->id, 0);
    EXPECT_EQ(count("users"), 0);
    auto one = session.add(User{.name = "dropped"});
    EXPECT_THROW(session.commit(), wharf::flush_failed);
    session.rollback();
    auto with_child = session.add(Profile{.user = one, .bio = "x"});
    EXPECT_THROW(session.commit(), wharf::flush_failed);
    EXPECT_EQ(count("users"), 0);
}

TEST_F(flush_on_postgres, rows_of_several_shapes_keep_their_order) {
    auto session = this->session();
    session.add(User{.name = "a"});
    session.add(User{.id = 1000, .name = "b"});
    session.add(User{.name = "c"});
    wharf::sql_recorder sql{engine_};
    session.commit();
    EXPECT_EQ(work(sql).size(), 3U);
    EXPECT_EQ(count("users WHERE id = 1000 AND name = 'b'"), 1);
}

TEST_F(flush_on_postgres, commit_whose_deferred_constraint_fails_is_a_failure) {
    auto session = this->session();
    session.execute("ALTER TABLE profiles ADD CONSTRAINT late FOREIGN KEY (user_id) REFERENCES users(id) "
                    "DEFERRABLE INITIALLY DEFERRED");
    session.commit();
    auto user = session.add(User{.name = "u"});
    session.commit();
    auto profile = session.add(Profile{.bio = "x"});
    profile->user.set_key(user->id + 1);
    EXPECT_THROW(session.commit(), wharf::foreign_key_violation);
    session.rollback();
    EXPECT_EQ(count("profiles"), 0);
}

} // namespace
