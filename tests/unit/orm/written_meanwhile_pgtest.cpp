// Members that are written while a call of the session waits for the database: a commit keeps what was written for the
// next one. What goes through the session is refused.
#include "unit/orm/in_the_middle.hpp"
#include "unit/orm/models.hpp"

namespace {

using namespace models;
using wharf::orm::test::in_the_middle;

template <class Backend>
class written_meanwhile : public session_test<Backend> {};
TYPED_TEST_SUITE(written_meanwhile, wharf::test::backends);

TYPED_TEST(written_meanwhile, member_of_a_row_that_is_committed_is_written_by_the_next_commit) {
    auto session = this->session();
    auto kept = session.add(User{.name = "kept"});
    session.commit();
    kept->name = "sent";
    auto fresh = session.add(User{});
    fresh->name = "sent";
    {
        in_the_middle watcher(this->engine_, [&] {
            kept->name = "later";
            fresh->email = "later@example.com";
        });
        session.commit();
    }
    EXPECT_EQ(this->count("users WHERE name = 'sent' AND email IS NULL"), 2);
    EXPECT_EQ(kept.read()->name, "later");
    EXPECT_TRUE(session.is_modified(kept));
    EXPECT_TRUE(session.is_modified(fresh));
    session.commit();
    EXPECT_EQ(this->count("users WHERE name = 'later'"), 1);
    EXPECT_EQ(this->count("users WHERE email = 'later@example.com'"), 1);
    EXPECT_FALSE(session.is_modified());
}

TYPED_TEST(written_meanwhile, member_that_the_database_changes_as_well_is_written_by_the_next_commit) {
    auto session = this->session();
    if constexpr (TypeParam::is_postgres) {
        session.execute("CREATE FUNCTION lowered() RETURNS trigger LANGUAGE plpgsql AS "
                        "$$BEGIN NEW.title := lower(NEW.title); RETURN NEW; END$$");
        session.execute("CREATE TRIGGER lowered BEFORE INSERT OR UPDATE ON articles "
                        "FOR EACH ROW EXECUTE FUNCTION lowered()");
    }
    auto user = session.add(User{.name = "u"});
    auto article = session.add(Article{.user = user, .title = "ONE"});
    session.commit();
    article->title = "TWO";
    {
        in_the_middle watcher(this->engine_, [&] { article->title = "THREE"; });
        session.commit();
    }
    EXPECT_EQ(article.read()->title, "THREE");
    EXPECT_EQ(article.read()->version, 1);
    session.commit();
    EXPECT_EQ(this->text("SELECT title FROM articles"), TypeParam::is_postgres ? "three" : "THREE");
    EXPECT_EQ(article.read()->version, 2);
}

TYPED_TEST(written_meanwhile, foreign_key_member_is_written_by_the_next_commit) {
    auto session = this->session();
    auto one = session.add(User{.name = "one"});
    auto other = session.add(User{.name = "other"});
    auto article = session.add(Article{.user = one, .title = "t"});
    session.commit();
    article->title = "sent";
    {
        in_the_middle watcher(this->engine_, [&] { article->user_id = other.read()->id; });
        session.commit();
    }
    EXPECT_EQ(article.read()->user.get(), one);
    session.commit();
    EXPECT_EQ(article.read()->user.get(), other);
    EXPECT_EQ(this->text("SELECT name FROM users, articles WHERE users.id = user_id"), "other");
}

TYPED_TEST(written_meanwhile, counter_beside_an_increment_is_written_by_the_next_commit) {
    auto session = this->session();
    auto order = session.add(Order{.code = "a"});
    auto line = session.add(Line{.number = 1, .order = order, .quantity = 5});
    session.commit();
    line->quantity = 6;
    session.commit(); // it is watched from here on
    {
        in_the_middle watcher(this->engine_, [&] { line->quantity = 100; });
        session.increment(line, &Line::quantity, 1);
    }
    EXPECT_EQ(line.read()->quantity, 100);
    EXPECT_TRUE(session.is_modified(line));
    session.commit();
    EXPECT_EQ(this->count("lines WHERE quantity = 100"), 1);
}

TYPED_TEST(written_meanwhile, references_collections_and_membership_are_refused_by_name) {
    auto session = this->session();
    auto user = session.add(User{.name = "u"});
    auto other = session.add(User{.name = "o"});
    auto profile = session.add(Profile{.user = user, .bio = "b"});
    session.commit();
    auto& of_user = *user;
    auto& of_profile = *profile;
    of_user.name = "sent";
    const auto refused = [&](const std::function<void()>& call) {
        bool was = false;
        in_the_middle watcher(this->engine_, [&] {
            try {
                call();
            } catch (const wharf::concurrent_use&) {
                was = true;
            }
        });
        of_user.name += ".";
        session.commit();
        return was;
    };
    EXPECT_TRUE(refused([&] { of_profile.user = other; }));
    EXPECT_TRUE(refused([&] { of_profile.user.set_key(1); }));
    EXPECT_TRUE(refused([&] { of_user.profiles.add(Profile{.bio = "new"}); }));
    EXPECT_TRUE(refused([&] { of_user.profiles.remove(profile); }));
    EXPECT_TRUE(refused([&] { of_user.profiles.clear(); }));
    EXPECT_TRUE(refused([&] { session.add(User{}); }));
    EXPECT_TRUE(refused([&] { session.remove(profile); }));
    EXPECT_TRUE(refused([&] { session.expunge(profile); }));
    EXPECT_TRUE(refused([&] { other->name = "first write access"; }));
    EXPECT_FALSE(session.is_modified());
    EXPECT_EQ(this->count("users"), 2);
    EXPECT_EQ(this->count("profiles"), 1);
    EXPECT_EQ(user.read()->profiles.size(), 1U);
}

} // namespace
