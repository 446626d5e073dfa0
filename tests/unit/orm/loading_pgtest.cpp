// Loading relations: how many statements, for whom, and both sides in step.
#include "unit/orm/models.hpp"

namespace {

using namespace models;

template <class Backend>
class loading_on : public session_test<Backend> {
protected:
    void fill(int users, int profiles) {
        auto session = this->session();
        for (int i = 0; i < users; ++i) {
            auto user = session.add(User{.name = std::to_string(i)});
            for (int j = 0; j < profiles; ++j)
                session.add(Profile{.user = user, .bio = std::to_string(i)});
        }
        session.commit();
    }
    std::size_t selects(const wharf::sql_recorder& sql) {
        std::size_t found = 0;
        for (const auto& text : sql.sql())
            if (text.starts_with("SELECT")) ++found;
        return found;
    }
};
TYPED_TEST_SUITE(loading_on, wharf::test::backends);

TYPED_TEST(loading_on, collections_of_all_that_were_loaded_together_take_one_statement) {
    this->fill(20, 3);
    auto session = this->session();
    wharf::sql_recorder sql{this->engine_};
    const auto users = session.template select<const User>().order_by(wharf::col<&User::id>).all();
    std::size_t seen = 0;
    for (const auto& user : users) {
        for (const auto& profile : user->profiles) {
            EXPECT_EQ(profile->bio, user->name);
            EXPECT_EQ(profile->user->id, user->id);
            ++seen;
        }
    }
    EXPECT_EQ(seen, 60U);
    EXPECT_EQ(this->selects(sql), 2U);
    EXPECT_EQ(session.watched_count(), 0U);
}

TYPED_TEST(loading_on, references_of_all_that_were_loaded_together_take_one_statement) {
    this->fill(20, 3);
    auto session = this->session();
    wharf::sql_recorder sql{this->engine_};
    for (const auto& profile : session.template select<const Profile>().all())
        EXPECT_EQ(profile->user->name, profile->bio);
    EXPECT_EQ(this->selects(sql), 2U);
}

TYPED_TEST(loading_on, reference_to_an_object_that_is_there_takes_none) {
    this->fill(1, 1);
    auto session = this->session();
    auto user = session.template select<User>().one();
    auto profile = session.template select<Profile>().one();
    wharf::sql_recorder sql{this->engine_};
    EXPECT_TRUE(profile->user.loaded());
    EXPECT_EQ(profile->user.get(), user);
    EXPECT_EQ(sql.statement_count(), 0U);
}

TYPED_TEST(loading_on, reference_that_is_null_takes_none) {
    auto session = this->session();
    session.add(Node{.name = "root"});
    session.commit();
    session.close();
    auto node = session.template select<Node>().one();
    wharf::sql_recorder sql{this->engine_};
    EXPECT_FALSE(node->parent.get());
    EXPECT_FALSE(node->parent);
    EXPECT_EQ(node->parent.key(), std::nullopt);
    EXPECT_EQ(sql.statement_count(), 0U);
}

TYPED_TEST(loading_on, more_than_500_are_loaded_in_chunks) {
    this->fill(1205, 1);
    auto session = this->session();
    wharf::sql_recorder sql{this->engine_};
    std::size_t seen = 0;
    for (const auto& user : session.template select<const User>().all())
        seen += user->profiles.size();
    EXPECT_EQ(seen, 1205U);
    EXPECT_EQ(this->selects(sql), 1U + 3U);
}

TYPED_TEST(loading_on, collection_of_a_new_object_is_empty_without_sql) {
    auto session = this->session();
    auto user = session.add(User{.name = "new"});
    wharf::sql_recorder sql{this->engine_};
    EXPECT_TRUE(user->profiles.empty());
    session.add(Profile{.user = user, .bio = "x"});
    EXPECT_EQ(user->profiles.size(), 1U);
    EXPECT_EQ(sql.statement_count(), 0U);
}

TYPED_TEST(loading_on, both_sides_are_kept_in_step) {
    this->fill(2, 2);
    auto session = this->session();
    auto users = session.template select<User>().order_by(wharf::col<&User::id>).all();
    auto& one = users[0];
    auto& two = users[1];
    ASSERT_EQ(one->profiles.size(), 2U);
    auto profile = one->profiles[0];
    profile->user = two;
    EXPECT_EQ(one->profiles.size(), 1U);
    EXPECT_EQ(two->profiles.size(), 3U);
    one->profiles.add(profile);
    EXPECT_EQ(profile->user.get(), one);
    EXPECT_EQ(two->profiles.size(), 2U);
    session.remove(profile);
    session.flush();
    EXPECT_EQ(one->profiles.size(), 1U);
    session.rollback();
    EXPECT_EQ(one->profiles.size(), 2U);
}

TYPED_TEST(loading_on, item_added_to_an_unloaded_collection_is_in_it_when_it_is_loaded) {
    this->fill(1, 2);
    auto session = this->session();
    auto user = session.template select<User>().one();
    wharf::sql_recorder sql{this->engine_};
    auto added = user->profiles.add(Profile{.bio = "added"});
    EXPECT_FALSE(user->profiles.loaded());
    EXPECT_EQ(sql.statement_count(), 0U);
    EXPECT_EQ(user->profiles.size(), 3U);
    session.rollback();
    EXPECT_EQ(user->profiles.size(), 2U);
    EXPECT_EQ(added.state()->status, wharf::orm::object_status::transient);
}

TYPED_TEST(loading_on, removing_from_and_replacing_a_collection_writes_the_foreign_keys) {
    auto session = this->session();
    auto root = session.add(Node{.name = "root", .children = {Node{.name = "a"}, Node{.name = "b"}}});
    session.commit();
    root->children.remove(root->children[0]);
    session.commit();
    EXPECT_EQ(this->count("nodes WHERE parent_id IS NULL"), 2);
    std::vector<wharf::entity<Node>> wanted;
    wanted.emplace_back(Node{.name = "c"});
    root->children.replace(std::move(wanted));
    session.commit();
    EXPECT_EQ(this->count("nodes WHERE parent_id IS NULL"), 3);
    EXPECT_EQ(this->text("SELECT name FROM nodes WHERE parent_id IS NOT NULL"), "c");
    root->children.clear();
    session.commit();
    EXPECT_EQ(this->count("nodes WHERE parent_id IS NULL"), 4);
}

TYPED_TEST(loading_on, composite_keys_load_collections_too) {
    auto session = this->session();
    for (const char* code : {"A", "B"})
        session.add(Order{.code = code, .lines = {Line{.number = 1}, Line{.number = 2}}});
    session.commit();
    session.close();
    wharf::sql_recorder sql{this->engine_};
    std::size_t lines = 0;
    for (const auto& order : session.template select<const Order>().all())
        lines += order->lines.size();
    EXPECT_EQ(lines, 4U);
    EXPECT_EQ(this->selects(sql), 2U);
}

} // namespace
