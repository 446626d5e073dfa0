// No column's update is lost in silence: what an UPDATE overwrites must hold still what it was read with.
#include "unit/orm/models.hpp"

#include "wharf/base/error.hpp"

namespace {

using namespace models;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Columns that are checked, and such that are not.
struct Page {
    std::int64_t id{};
    std::string title{};
    std::optional<std::string> note{};
    std::int64_t visits{};
    std::string seen_by{};
};
/// A row that is checked as a whole.
struct Account {
    std::int64_t id{};
    std::int64_t balance{};
    std::int64_t limit{};
};
constexpr auto wharf_mapping(wharf::type<Page>) {
    return wharf::table<Page>("pages", wharf::primary_key<&Page::id>(), wharf::columns<&Page::title, &Page::note>(),
                              wharf::columns<&Page::visits>(), wharf::column<&Page::seen_by>().last_writer_wins());
}
constexpr auto wharf_mapping(wharf::type<Account>) {
    return wharf::table<Account>("accounts", wharf::primary_key<&Account::id>(), wharf::columns<&Account::balance>(),
                                 wharf::column<&Account::limit>("credit"))
        .check_row();
}

template <class Backend>
class lost_update : public session_test<Backend> {
protected:
    lost_update() {
        this->run("CREATE TABLE pages (id bigint PRIMARY KEY, title text NOT NULL, note text, visits bigint NOT NULL, "
                  "seen_by text NOT NULL)");
        this->run("CREATE TABLE accounts (id bigint PRIMARY KEY, balance bigint NOT NULL, credit bigint NOT NULL)");
        this->run("INSERT INTO pages VALUES (1, 'one', NULL, 0, ''), (2, 'two', 'n', 0, ''), (3, 'three', 'n', 0, '')");
        this->run("INSERT INTO accounts VALUES (1, 100, 0)");
    }
    /// By another connection.
    void run(const std::string& sql) {
        wharf::session other(this->engine_);
        other.execute(wharf::raw_sql(sql));
        other.commit();
    }
};
TYPED_TEST_SUITE(lost_update, wharf::test::backends);

TYPED_TEST(lost_update, column_that_others_have_changed_is_not_overwritten) {
    auto session = this->session();
    auto page = session.template get_one<Page>(1);
    session.commit();
    page->title = "ours";
    page->note = "ours";
    this->run("UPDATE pages SET note = 'theirs' WHERE id = 1");
    try {
        session.commit();
        FAIL() << "the other's note is lost";
    } catch (const wharf::stale_data& lost) {
        EXPECT_THAT(lost.what(), HasSubstr("pages"));
        EXPECT_THAT(lost.template objects<Page>(), ElementsAre(page));
        ASSERT_EQ(lost.columns().size(), 1U);
        EXPECT_EQ(lost.columns()[0].name, "note");
        EXPECT_EQ(lost.columns()[0].ours, "ours");
        EXPECT_EQ(lost.columns()[0].theirs, "theirs");
        EXPECT_EQ(lost.matched(), 0U);
        EXPECT_EQ(lost.expected(), 1U);
    }
    EXPECT_EQ(page->title, "ours");
    EXPECT_THROW(session.commit(), wharf::transaction_failed);
    session.rollback();
    EXPECT_EQ(this->text("SELECT title || ' ' || note FROM pages WHERE id = 1"), "one theirs");
}

TYPED_TEST(lost_update, change_of_another_column_is_none) {
    auto session = this->session();
    auto page = session.template get_one<Page>(1);
    session.commit();
    page->title = "ours";
    this->run("UPDATE pages SET note = 'theirs' WHERE id = 1");
    session.commit();
    EXPECT_EQ(this->text("SELECT title || ' ' || note FROM pages WHERE id = 1"), "ours theirs");
    page->title = "ours again";
    session.commit();
    EXPECT_EQ(this->text("SELECT title FROM pages WHERE id = 1"), "ours again");
}

TYPED_TEST(lost_update, change_back_to_what_was_read_is_none) {
    auto session = this->session();
    auto page = session.template get_one<Page>(2);
    session.commit();
    page->note = std::nullopt;
    this->run("UPDATE pages SET note = 'other' WHERE id = 2");
    this->run("UPDATE pages SET note = 'n' WHERE id = 2");
    session.commit();
    EXPECT_EQ(this->count("pages WHERE note IS NULL"), 2);
}

TYPED_TEST(lost_update, of_many_rows_the_one_that_was_changed_is_named) {
    auto session = this->session();
    auto pages = session.template select<Page>().order_by(wharf::col<&Page::id>).all();
    session.commit();
    for (auto& page : pages)
        page->title += "!";
    this->run("UPDATE pages SET title = 'theirs' WHERE id = 2");
    try {
        session.commit();
        FAIL();
    } catch (const wharf::stale_data& lost) {
        EXPECT_THAT(lost.template objects<Page>(), ElementsAre(pages[1]));
        ASSERT_EQ(lost.columns().size(), 1U);
        EXPECT_EQ(lost.columns()[0].theirs, "theirs");
    }
    session.rollback();
    EXPECT_EQ(this->count("pages WHERE title LIKE '%!'"), 0);
}

TYPED_TEST(lost_update, row_that_is_gone_is_named) {
    auto session = this->session();
    auto page = session.template get_one<Page>(3);
    session.commit();
    page->title = "ours";
    this->run("DELETE FROM pages WHERE id = 3");
    try {
        session.commit();
        FAIL();
    } catch (const wharf::stale_data& lost) {
        EXPECT_THAT(lost.template objects<Page>(), ElementsAre(page));
        EXPECT_THAT(lost.columns(), IsEmpty());
    }
    session.rollback();
}

TYPED_TEST(lost_update, foreign_key_that_was_set_by_relation_is_checked) {
    auto session = this->session();
    auto one = session.add(User{.name = "one"});
    auto two = session.add(User{.name = "two"});
    auto profile = session.add(Profile{.user = one, .bio = "b"});
    session.commit();
    this->run("UPDATE profiles SET user_id = " + std::to_string(two->id));
    profile->user = session.add(User{.name = "three"});
    EXPECT_THROW(session.commit(), wharf::stale_data);
    session.rollback();
    EXPECT_EQ(this->count("profiles WHERE user_id = " + std::to_string(two->id)), 1);
}

TYPED_TEST(lost_update, row_that_another_object_takes_over_is_checked) {
    auto session = this->session();
    auto page = session.template get_one<Page>(1);
    session.commit();
    session.remove(page);
    session.add(Page{.id = 1, .title = "new", .note = "new"});
    this->run("UPDATE pages SET title = 'theirs' WHERE id = 1");
    EXPECT_THROW(session.commit(), wharf::stale_data);
    session.rollback();
    EXPECT_EQ(this->text("SELECT title FROM pages WHERE id = 1"), "theirs");
}

TYPED_TEST(lost_update, object_that_was_detached_meanwhile_is_checked) {
    auto session = this->session();
    auto page = session.template get_one<Page>(1);
    session.commit();
    page->title = "before";
    session.expunge(page);
    this->run("UPDATE pages SET title = 'theirs' WHERE id = 1");
    auto other = this->session();
    other.add(page);
    page->title = "ours";
    EXPECT_THROW(other.commit(), wharf::stale_data);
    other.rollback();
}

TYPED_TEST(lost_update, whole_row_is_checked_where_the_class_asks_for_it) {
    auto session = this->session();
    auto account = session.template get_one<Account>(1);
    session.commit();
    account->balance -= 50;
    this->run("UPDATE accounts SET credit = 7");
    EXPECT_THROW(session.commit(), wharf::stale_data);
    session.rollback();
    EXPECT_EQ(this->count("accounts WHERE balance = 100"), 1);
}

TYPED_TEST(lost_update, whole_row_is_checked_where_the_object_asks_for_it) {
    auto session = this->session();
    auto page = session.template get_one<Page>(1);
    session.commit();
    page->title = "ours";
    page.check_row();
    this->run("UPDATE pages SET note = 'theirs' WHERE id = 1");
    EXPECT_THROW(session.commit(), wharf::stale_data);
    session.rollback();
}

TYPED_TEST(lost_update, nothing_is_checked_where_the_session_the_object_or_the_column_says_so) {
    auto session = wharf::session(this->engine_, {.lost_update = wharf::lost_update::overwrite});
    auto page = session.template get_one<Page>(1);
    session.commit();
    page->title = "session";
    this->run("UPDATE pages SET title = 'theirs' WHERE id = 1");
    session.commit();
    EXPECT_EQ(this->text("SELECT title FROM pages WHERE id = 1"), "session");

    auto checking = this->session();
    auto two = checking.template get_one<Page>(2);
    checking.commit();
    two->title = "object";
    two->seen_by = "us";
    two.overwrite();
    this->run("UPDATE pages SET title = 'theirs' WHERE id = 2");
    checking.commit();
    EXPECT_EQ(this->text("SELECT title FROM pages WHERE id = 2"), "object");
    two->seen_by = "us again";
    this->run("UPDATE pages SET seen_by = 'them' WHERE id = 2");
    checking.commit();
    EXPECT_EQ(this->text("SELECT seen_by FROM pages WHERE id = 2"), "us again");
    two->title = "checked again";
    this->run("UPDATE pages SET title = 'theirs' WHERE id = 2");
    EXPECT_THROW(checking.commit(), wharf::stale_data);
    checking.rollback();
}

TYPED_TEST(lost_update, object_that_overwrites_needs_no_version_either) {
    auto session = this->session();
    auto article = session.add(Article{.user = User{.name = "a"}, .title = "t"});
    session.commit();
    this->run("UPDATE articles SET title = 'theirs', version = version + 1");
    article->title = "ours";
    article.overwrite();
    session.commit();
    EXPECT_EQ(this->text("SELECT title FROM articles"), "ours");
}

TYPED_TEST(lost_update, large_value_is_compared_too) {
    const std::string large(5000, 'x');
    auto session = this->session();
    auto page = session.template get_one<Page>(1);
    session.commit();
    page->title = large;
    session.commit();
    page->title = large + "!";
    session.commit();
    this->run("UPDATE pages SET title = title || '?' WHERE id = 1");
    page->title = "short";
    EXPECT_THROW(session.commit(), wharf::stale_data);
    session.rollback();
    auto all = this->session();
    for (auto& each : all.template select<Page>().all())
        each->title = large;
    all.commit();
    for (auto& each : all.template select<Page>().all())
        each->title = "short";
    all.commit();
    EXPECT_EQ(this->count("pages WHERE title = 'short'"), 3);
}

TYPED_TEST(lost_update, is_resolved_by_keeping_either_side) {
    auto session = this->session();
    auto one = session.template get_one<Page>(1);
    auto two = session.template get_one<Page>(2);
    session.commit();
    one->title = "ours";
    this->run("UPDATE pages SET title = 'theirs', note = 'theirs'");
    EXPECT_THROW(session.commit(), wharf::stale_data);
    session.rollback();
    EXPECT_THROW(session.resolve(two, wharf::keep_mine), wharf::usage_error);
    session.resolve(one, wharf::keep_mine);
    EXPECT_EQ(one->title, "ours");
    EXPECT_EQ(one->note, "theirs");
    session.commit();
    EXPECT_EQ(this->text("SELECT title || ' ' || note FROM pages WHERE id = 1"), "ours theirs");

    this->run("UPDATE pages SET title = 'theirs again' WHERE id = 1");
    one->title = "ours again";
    EXPECT_THROW(session.commit(), wharf::stale_data);
    session.rollback();
    session.resolve(one, wharf::take_theirs);
    EXPECT_EQ(one->title, "theirs again");
    EXPECT_FALSE(session.is_modified());
}

TYPED_TEST(lost_update, row_is_read_again_after_the_rollback) {
    auto session = this->session();
    auto page = session.template get_one<Page>(1);
    session.commit();
    page->title = "ours";
    this->run("UPDATE pages SET title = 'theirs' WHERE id = 1");
    try {
        session.commit();
        FAIL();
    } catch (const wharf::stale_data& lost) {
        EXPECT_FALSE(lost.is_transient()) << "it was read in an earlier transaction";
    }
    session.rollback();
    EXPECT_EQ(session.template get_one<Page>(1)->title, "theirs");
    page->title = "ours after all";
    session.commit();
    EXPECT_EQ(this->text("SELECT title FROM pages WHERE id = 1"), "ours after all");
}

TYPED_TEST(lost_update, work_is_tried_again_from_fresh_reads) {
    auto session = this->session();
    int tries = 0;
    wharf::run_transaction(session, [&](wharf::session& in) {
        auto page = in.template get_one<Page>(1);
        if (++tries == 1) this->run("UPDATE pages SET visits = 100 WHERE id = 1");
        page->visits += 1;
    });
    EXPECT_EQ(tries, 2);
    EXPECT_EQ(this->count("pages WHERE visits = 101"), 1);
}

TYPED_TEST(lost_update, change_by_sql_of_the_session_is_not_tried_again) {
    auto session = this->session();
    auto page = session.template get_one<Page>(1);
    session.execute("UPDATE pages SET visits = 100 WHERE id = 1");
    page->visits += 1;
    try {
        session.commit();
        FAIL();
    } catch (const wharf::stale_data& lost) {
        EXPECT_FALSE(lost.is_transient());
        EXPECT_THAT(lost.what(), HasSubstr("refresh()"));
    }
    session.rollback();
}

TYPED_TEST(lost_update, increment_cannot_conflict) {
    auto session = this->session();
    auto page = session.template get_one<Page>(1);
    session.commit();
    this->run("UPDATE pages SET visits = 100 WHERE id = 1");
    session.increment(page, &Page::visits, 1);
    EXPECT_EQ(page->visits, 101);
    EXPECT_FALSE(session.is_modified());
    session.increment(page, &Page::visits, -1);
    EXPECT_EQ(page->visits, 100);
    page->title = "changed as well";
    session.commit();
    EXPECT_EQ(this->text("SELECT title FROM pages WHERE visits = 100"), "changed as well");
    EXPECT_THROW(session.increment(page, &Page::id, 1), wharf::usage_error);
    this->run("DELETE FROM pages WHERE id = 1");
    EXPECT_THROW(session.increment(page, &Page::visits, 1), wharf::stale_data);
}

TYPED_TEST(lost_update, row_that_others_have_changed_is_told_of_before_what_fails_because_of_it) {
    auto session = this->session();
    auto left = session.add(User{.name = "left", .profiles = {Profile{.bio = "read"}}});
    auto profile = left->profiles[0];
    session.commit();
    this->run("UPDATE profiles SET bio = 'theirs'");
    profile->bio = "ours";
    profile->user = session.add(User{.name = "joined"});
    session.remove(left);
    EXPECT_THROW(session.commit(), wharf::stale_data);
    session.rollback();
}

TYPED_TEST(lost_update, row_that_took_the_key_of_a_deleted_one_is_not_overwritten_in_its_place) {
    auto session = this->session();
    auto gone = session.template get_one<Page>(1);
    auto renamed = session.template get_one<Page>(2);
    session.commit();
    gone->visits = 7;
    renamed->id = 1;
    this->run("DELETE FROM pages WHERE id = 1");
    EXPECT_THROW(session.commit(), wharf::stale_data);
    session.rollback();
    EXPECT_EQ(this->count("pages WHERE visits = 0"), 2);
}

} // namespace
