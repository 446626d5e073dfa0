// docs/session.md: every piece of code in it, run. A piece that is not here as it stands there fails the last test.
#include "support/backends.hpp"
#include "support/page_snippets.hpp"
#include "wharf/orm/retry.hpp"
#include "wharf/orm/session.hpp"

#include <gtest/gtest.h>

#include <cassert>
#include <cstdint>
#include <iostream>
#include <string>

namespace session_page {

struct Page {
    std::int64_t id{};
    std::string title{};
    std::int64_t visits{};
    std::string seen_by{};
};
struct Account {
    std::int64_t id{};
    std::int64_t balance{};
    std::int64_t credit{};
};
struct Order {
    std::int64_t id{};
    std::string state{};
    std::int64_t version{};
};
struct Seat {
    std::int64_t id{};
    std::string row{};
    std::int32_t number{};
};

// clang-format off
constexpr auto wharf_mapping(wharf::type<Seat>) {
    return wharf::table<Seat>("seats", wharf::primary_key<&Seat::id>(), wharf::columns<&Seat::row, &Seat::number>(),
wharf::unique_together<&Seat::row, &Seat::number>()
    );
}
constexpr auto wharf_mapping(wharf::type<Page>) {
    return wharf::table<Page>("pages", wharf::primary_key<&Page::id>(), wharf::columns<&Page::title, &Page::visits>(),
wharf::column<&Page::seen_by>().last_writer_wins()
    );
}
constexpr auto wharf_mapping(wharf::type<Order>) {
    return wharf::table<Order>("orders", wharf::primary_key<&Order::id>(), wharf::column<&Order::state>(),
wharf::column<&Order::version>().version()
    );
}
constexpr auto wharf_mapping(wharf::type<Account>) {
    return
wharf::table<Account>("accounts", wharf::primary_key<&Account::id>(),
                      wharf::columns<&Account::balance, &Account::credit>())
    .check_row()
    ;
}
// clang-format on

template <class Backend>
class session_page : public testing::Test {
protected:
    session_page() {
        run("CREATE TABLE pages (id bigint PRIMARY KEY, title text NOT NULL, visits bigint NOT NULL, seen_by text NOT "
            "NULL)");
        run("CREATE TABLE accounts (id bigint PRIMARY KEY, balance bigint NOT NULL, credit bigint NOT NULL)");
        run("CREATE TABLE orders (id bigint PRIMARY KEY, state text NOT NULL, version bigint NOT NULL)");
        run("CREATE TABLE seats (id bigint PRIMARY KEY, row text NOT NULL, number integer NOT NULL, UNIQUE (row, "
            "number))");
        run("INSERT INTO seats VALUES (1, 'A', 1), (2, 'A', 2)");
        run("INSERT INTO pages VALUES (1, 'first', 0, '')");
        run("INSERT INTO accounts VALUES (7, 100, 0)");
        run("INSERT INTO orders VALUES (1, 'open', 1)");
    }
    void run(const std::string& sql) {
        wharf::session other(engine_);
        other.execute(wharf::raw_sql(sql));
        other.commit();
    }
    std::string text(const std::string& sql) {
        wharf::session other(engine_);
        return other.query_sql<std::string>(wharf::raw_sql(sql)).one();
    }

    Backend database{};
    wharf::engine engine_{database.url(), {.pool_size = 3}};
};
TYPED_TEST_SUITE(session_page, wharf::test::backends);

void resolve(wharf::session& session) {
    try {
        session.commit();
    } catch (const wharf::stale_data& lost) {
        session.rollback();
        for (auto& changed : lost.objects<Page>())
            session.resolve(changed, wharf::keep_mine); // or take_theirs
        session.commit();
    }
}

void withdraw(wharf::session& session) {
    auto account = session.get_one<Account>(7, {.lock = wharf::lock::update});
    if (account->balance + account->credit >= 50) account->balance -= 50;
    session.commit();
}

void lend(wharf::session& session) {
    wharf::run_transaction(session, [](wharf::session& in) {
        auto scope = in.begin({.isolation = wharf::isolation::serializable});
        if (in.select<Account>().where(wharf::col<&Account::balance> < 0).count() == 0)
            in.get_one<Account>(7)->credit += 100;
        scope.commit();
    });
}

TYPED_TEST(session_page, work_that_was_overtaken_is_done_again_all_of_it) {
    this->run("INSERT INTO pages VALUES (2, 'second', 0, '')");
    wharf::session session(this->engine_);
    EXPECT_EQ(session.select<Page>().all().size(), 2U);
    session.commit();
    this->run("UPDATE pages SET title = 'Theirs', visits = 5");
    const auto save = [&] {
        session.get_one<Page>(1)->title = "Ours";
        session.get_one<Page>(2)->visits += 1;
        session.add(Page{.id = 3, .title = "New"});
        session.commit();
    };
    try {
        save();
    } catch (const wharf::stale_data& lost) {
        for (const auto& column : lost.columns()) // what it was to be, and what is there now
            std::cout << column.name << ": " << column.theirs.value_or("NULL") << '\n';
        session.rollback();
        save(); // reads what was overtaken again
    }
    EXPECT_EQ(this->text("SELECT title FROM pages WHERE id = 1 AND visits = 5"), "Ours");
    EXPECT_EQ(this->text("SELECT title FROM pages WHERE id = 2 AND visits = 6"), "Theirs");
    EXPECT_EQ(this->text("SELECT title FROM pages WHERE id = 3"), "New");
}

TYPED_TEST(session_page, update_that_was_overtaken_is_resolved) {
    wharf::session session(this->engine_);
    auto page = session.get_one<Page>(1);
    session.commit();
    page->title = "Ours";
    this->run("UPDATE pages SET title = 'Theirs', visits = 5");
    resolve(session);
    EXPECT_EQ(this->text("SELECT title FROM pages WHERE visits = 5"), "Ours");
    session.increment(page, &Page::visits, 1);
    session.commit();
    EXPECT_EQ(this->text("SELECT title FROM pages WHERE visits = 6"), "Ours");
}

TYPED_TEST(session_page, version_is_a_check_of_the_whole_row) {
    wharf::session session(this->engine_);
    auto order = session.get_one<Order>(1);
    session.commit();
    order->state = "paid";
    this->run("UPDATE orders SET version = version + 1");
    EXPECT_THROW(session.commit(), wharf::stale_data);
    session.rollback();
}

TYPED_TEST(session_page, whole_rows_are_checked_for_a_class_and_for_an_object) {
    wharf::session session(this->engine_);
    auto account = session.get_one<Account>(7);
    session.commit();
    account->balance -= 50;
    this->run("UPDATE accounts SET credit = 1");
    EXPECT_THROW(session.commit(), wharf::stale_data);
    session.rollback();

    auto page = session.get_one<Page>(1);
    session.commit();
    this->run("UPDATE pages SET visits = 1");
    const auto change = [&] {
        page->title = "Ours";
        page.check_row();
        session.commit();
    };
    EXPECT_THROW(change(), wharf::stale_data);
    session.rollback();
}

TYPED_TEST(session_page, locks_and_serializable_transactions_cover_decisions) {
    wharf::session session(this->engine_);
    withdraw(session);
    lend(session);
    EXPECT_EQ(this->text("SELECT 'both' FROM accounts WHERE balance = 50 AND credit = 100"), "both");
}

TYPED_TEST(session_page, check_is_turned_off) {
    auto& engine = this->engine_;
    wharf::session session(engine);
    auto page = session.get_one<Page>(1);
    session.commit();
    this->run("UPDATE pages SET title = 'Theirs', seen_by = 'them'");
    page->seen_by = "us";
    page->title = "Ours";
    page.overwrite();
    session.commit();
    wharf::session careless{engine, {.lost_update = wharf::lost_update::overwrite}};
    auto again = careless.get_one<Page>(1);
    careless.commit();
    this->run("UPDATE pages SET title = 'Theirs'");
    again->title = "Mine";
    careless.commit();
    EXPECT_EQ(this->text("SELECT title FROM pages"), "Mine");
}

TYPED_TEST(session_page, detached_object_is_written_by_the_next_session) {
    auto& engine = this->engine_;
    wharf::entity<Page> page;
    {
        wharf::session first{engine};
        page = first.get_one<Page>(1);
    }
    page->title = "written by the next session";
    wharf::session second{engine};
    second.add(page);
    second.commit();
    EXPECT_EQ(this->text("SELECT title FROM pages"), "written by the next session");
}

TYPED_TEST(session_page, rollback_restores_what_was_there_when_the_level_began) {
    wharf::session session(this->engine_);
    auto page = session.get_one<Page>(1);
    session.commit();
    page->title = "draft";
    {
        auto attempt = session.savepoint();
        page->title = "attempt";
        session.flush();
    } // not committed: rolled back
    assert(page.read()->title == "draft");
    session.rollback();
    assert(page.read()->title == "first");
    EXPECT_FALSE(session.is_modified());
}

TYPED_TEST(session_page, values_that_are_unique_together_are_freed_before_they_are_taken) {
    wharf::session session(this->engine_);
    auto first = session.get_one<Seat>(1);
    auto second = session.get_one<Seat>(2);
    second->number = first->number; // freed first, whichever was changed first
    first->number = 3;
    session.commit();
    EXPECT_EQ(this->text("SELECT row FROM seats WHERE id = 2 AND number = 1"), "A");
}

TYPED_TEST(session_page, failed_commit_leaves_a_session_that_is_rolled_back) {
    wharf::session session(this->engine_);
    session.add(Page{.id = 1, .title = "taken"});
    try {
        session.commit();
    } catch (const wharf::unique_violation& error) {
        session.rollback();
    }
    EXPECT_FALSE(session.in_transaction());
    EXPECT_TRUE(session.new_objects().empty());
}

TEST(session_page_text, every_snippet_is_in_this_file) {
    EXPECT_GE(wharf::test::find_snippets(WHARF_SOURCE_FOLDER "/docs/session.md",
                                         WHARF_SOURCE_FOLDER "/tests/usages/session_page_pgtest.cpp"),
              10U);
}

} // namespace session_page
