// Typed queries through a session, on both backends.
#include "unit/orm/models.hpp"

#include "wharf/base/error.hpp"

#include <stdexcept>
#include <string_view>
#include <vector>

namespace {

using namespace models;
using testing::ElementsAre;
using wharf::col;

template <class Backend>
class query : public session_test<Backend> {
protected:
    query() {
        auto [ann, bob, cid] = session_.add_all(User{.name = "Ann", .email = "ann@example.org"}, User{.name = "Bob"},
                                                User{.name = "Cid", .email = "cid@example.org"});
        session_.add(Profile{.user = ann, .bio = "first"});
        session_.add(Profile{.user = ann, .bio = "second"});
        session_.add(Profile{.user = bob, .bio = "third"});
        auto root = session_.add(Node{.name = "root"});
        session_.add(Node{.name = "leaf", .parent = root});
        session_.add(Article{.user_id = 0, .user = cid, .title = "T"});
        auto order = session_.add(Order{.code = "A-1"});
        session_.add(Line{.order_code = "A-1", .number = 1, .order = order, .quantity = 5});
        session_.add(Line{.order_code = "A-1", .number = 2, .order = order, .quantity = 7});
        session_.commit();
        ann_ = ann;
        root_ = root;
    }

    template <class Found>
    static std::vector<std::string> names(const Found& found) {
        std::vector<std::string> out;
        for (const auto& each : found)
            out.push_back(each->name);
        return out;
    }

    wharf::session session_{this->engine_};
    wharf::entity<User> ann_{};
    wharf::entity<Node> root_{};
};
TYPED_TEST_SUITE(query, wharf::test::backends);

TYPED_TEST(query, where_order_limit_and_offset_are_applied) {
    const auto all = this->session_.template select<User>().order_by(col<&User::name>.desc());
    EXPECT_THAT(this->names(all.all()), ElementsAre("Cid", "Bob", "Ann"));
    EXPECT_THAT(this->names(all.limit(1).offset(1).all()), ElementsAre("Bob"));
    EXPECT_THAT(this->names(all.offset(1).all()), ElementsAre("Bob", "Ann"));
    EXPECT_THAT(this->names(all.where(col<&User::email> != std::nullopt && col<&User::name> > "Ann").all()),
                ElementsAre("Cid"));
    EXPECT_THAT(this->names(all.where(col<&User::id>.in(1, 2)).where(col<&User::name>.starts_with("A")).all()),
                ElementsAre("Ann"));
}

TYPED_TEST(query, steps_leave_the_query_that_they_start_from_as_it_was) {
    const auto base = this->session_.template select<User>().where(col<&User::email> != std::nullopt);
    static_cast<void>(base.where(col<&User::name> == "nobody").order_by(col<&User::id>).limit(1));
    EXPECT_EQ(base.count(), 2);
    EXPECT_EQ(base.all().size(), 2U);
}

TYPED_TEST(query, counts_and_existence_respect_conditions_and_windows) {
    const auto users = this->session_.template select<User>();
    EXPECT_EQ(users.count(), 3);
    EXPECT_EQ(users.order_by(col<&User::name>).limit(2).count(), 2);
    EXPECT_EQ(users.where(col<&User::name> == "nobody").count(), 0);
    EXPECT_TRUE(users.exists());
    EXPECT_FALSE(users.where(col<&User::name> == "nobody").exists());
    EXPECT_FALSE(users.offset(3).exists());
}

TYPED_TEST(query, one_row_is_found_or_its_absence_reported) {
    const auto users = this->session_.template select<User>();
    const auto ann = users.where(col<&User::name> == "Ann");
    const auto nobody = users.where(col<&User::name> == "nobody");
    EXPECT_EQ(ann.one(), this->ann_);
    EXPECT_EQ(ann.one_or_none(), this->ann_);
    EXPECT_EQ(users.order_by(col<&User::name>).first(), this->ann_);
    EXPECT_FALSE(nobody.first());
    EXPECT_FALSE(nobody.one_or_none());
    EXPECT_THROW(static_cast<void>(nobody.one()), wharf::no_result);
    EXPECT_THROW(static_cast<void>(users.one()), wharf::multiple_results);
    EXPECT_THROW(static_cast<void>(users.one_or_none()), wharf::multiple_results);
}

TYPED_TEST(query, relations_are_compared_with_entities_keys_and_nothing) {
    const auto profiles = this->session_.template select<Profile>();
    EXPECT_EQ(profiles.where(col<&Profile::user> == this->ann_).count(), 2);
    EXPECT_EQ(profiles.where(col<&Profile::user> != this->ann_).count(), 1);
    EXPECT_EQ(profiles.where(col<&Profile::user> == this->ann_->id).count(), 2);
    EXPECT_EQ(profiles.where(col<&Profile::user>.in(this->ann_->id, 77)).count(), 2);
    const wharf::entity<const User> constant = this->ann_;
    EXPECT_EQ(profiles.where(col<&Profile::user> == constant).count(), 2);

    const auto nodes = this->session_.template select<Node>();
    EXPECT_THAT(this->names(nodes.where(col<&Node::parent> == std::nullopt).all()), ElementsAre("root"));
    EXPECT_THAT(this->names(nodes.where(col<&Node::parent> != std::nullopt).all()), ElementsAre("leaf"));
    EXPECT_THAT(this->names(nodes.where(col<&Node::parent> == this->root_).all()), ElementsAre("leaf"));
    EXPECT_THAT(this->names(nodes.where(col<&Node::parent> == wharf::entity<Node>()).all()), ElementsAre("root"));
    const auto leaf = nodes.where(col<&Node::name> == "leaf").one();
    EXPECT_THAT(this->names(nodes.where(col<&Node::parent> == leaf->parent).all()), ElementsAre("leaf"));

    EXPECT_EQ(this->session_.template select<Article>().where(col<&Article::user> != this->ann_).count(), 1);
    const auto lines = this->session_.template select<Line>().where(col<&Line::order> == "A-1");
    EXPECT_EQ(lines.where(col<&Line::quantity> > col<&Line::number> && col<&Line::number> == 2).count(), 1);
}

TYPED_TEST(query, an_object_without_a_key_is_refused) {
    const auto profiles = this->session_.template select<Profile>();
    const wharf::entity<User> fresh = User{.name = "new"};
    EXPECT_THROW(static_cast<void>(profiles.where(col<&Profile::user> == fresh)), wharf::usage_error);
    EXPECT_THROW(static_cast<void>(profiles.where(col<&Profile::user> == wharf::entity<User>())), wharf::null_entity);
}

TYPED_TEST(query, an_order_that_has_no_row_yet_is_known_by_the_key_in_its_members) {
    const wharf::entity<Order> fresh = Order{.code = "A-1"};
    EXPECT_EQ(this->session_.template select<Line>().where(col<&Line::order> == fresh).count(), 2);
}

TYPED_TEST(query, a_column_of_another_class_is_refused) {
    const auto users = this->session_.template select<User>().where(col<&Profile::bio> == "first");
    EXPECT_THROW(static_cast<void>(users.all()), wharf::usage_error);
    EXPECT_THROW(static_cast<void>(users.count()), wharf::usage_error);
    EXPECT_THROW(static_cast<void>(users.limit(-1)), wharf::usage_error);
}

TYPED_TEST(query, pending_changes_are_seen) {
    this->session_.add(User{.name = "Dan"});
    this->ann_->name = "Zoe";
    EXPECT_EQ(this->session_.template select<User>().where(col<&User::name>.in("Dan", "Zoe")).count(), 2);
    EXPECT_TRUE(this->session_.template select<User>().where(col<&User::name> == "Zoe").exists());
}

TYPED_TEST(query, reading_through_const_watches_nothing) {
    auto session = this->session();
    for (const auto& user : session.template select<const User>().all())
        EXPECT_FALSE(user->name.empty());
    EXPECT_EQ(session.watched_count(), 0U);
    for (auto& user : session.template select<User>().all())
        EXPECT_FALSE(user->name.empty());
    EXPECT_EQ(session.watched_count(), 3U);
}

TYPED_TEST(query, locked_rows_are_left_out_when_asked) {
    const auto next = [](wharf::session& session) {
        return session.template select<User>().order_by(col<&User::id>).limit(1).for_update().skip_locked().first();
    };
    const auto mine = next(this->session_);
    EXPECT_EQ(mine, this->ann_);
    auto other = this->session();
    if constexpr (TypeParam::is_postgres) {
        EXPECT_EQ(next(other)->name, "Bob");
    } else { // the first one holds the only lock that there is, on this very thread
        EXPECT_THROW(static_cast<void>(next(other)), wharf::usage_error);
    }
}

TYPED_TEST(query, its_text_can_be_read) {
    EXPECT_EQ(this->session_.template select<Line>().where(col<&Line::order> == "A-1").limit(1).text(),
              R"(SELECT "order_code", "number", "quantity" FROM "lines" WHERE "order_code" = $1 LIMIT $2)");
}

} // namespace
