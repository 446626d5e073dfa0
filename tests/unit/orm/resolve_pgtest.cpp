// resolve(): what the unit of work had done to an object whose row others have changed is made again, all of it.
#include "unit/orm/models.hpp"

#include "wharf/base/error.hpp"

#include <array>

namespace {

using namespace models;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using testing::UnorderedElementsAre;

/// A reference of two columns that no member holds, and a value that is unique and may not be NULL.
struct Parcel {
    std::int64_t id{};
    std::optional<std::string> tag{};
    std::string note{};
    wharf::belongs_to<std::optional<Line>> line{};
};
struct Ticket {
    std::int64_t id{};
    std::string state{};
    std::int64_t version{};
};
constexpr auto wharf_mapping(wharf::type<Parcel>) {
    return wharf::table<Parcel>("parcels", wharf::primary_key<&Parcel::id>(), wharf::column<&Parcel::tag>().unique(),
                                wharf::column<&Parcel::note>(), wharf::relation<&Parcel::line>());
}
constexpr auto wharf_mapping(wharf::type<Ticket>) {
    return wharf::table<Ticket>("tickets", wharf::primary_key<&Ticket::id>(), wharf::column<&Ticket::state>(),
                                wharf::column<&Ticket::version>().version());
}

template <class Backend>
class resolve : public session_test<Backend> {
protected:
    resolve() {
        this->run("CREATE TABLE parcels (id bigint PRIMARY KEY, tag text UNIQUE, note text NOT NULL, "
                  "line_order_code text, line_number integer)");
        this->run("CREATE TABLE tickets (id bigint PRIMARY KEY, state text NOT NULL, version bigint NOT NULL)");
        this->run("INSERT INTO orders VALUES ('a', '')");
        this->run("INSERT INTO lines VALUES ('a', 1, 0), ('a', 2, 0)");
        this->run("INSERT INTO parcels VALUES (1, 'x', 'n', 'a', 1), (2, 'y', 'n', 'a', 1)");
        this->run("INSERT INTO tickets VALUES (1, 'open', 1), (2, 'open', 1)");
    }
    /// By another connection.
    void run(const std::string& sql) {
        wharf::session other(this->engine_);
        other.execute(wharf::raw_sql(sql));
        other.commit();
    }
    /// On SQLite nobody else can write by now; SQL of the session itself can.
    void run_behind_a_write(wharf::session& session, const std::string& sql) {
        if constexpr (Backend::is_postgres) return run(sql);
        session.set_autoflush(false);
        session.execute(wharf::raw_sql(sql));
        session.set_autoflush(true);
    }
    std::string parcel(int id) {
        return this->text("SELECT coalesce(tag, '-') || ' ' || note || ' ' || coalesce(line_order_code, '-') || "
                          "coalesce(CAST(line_number AS text), '-') FROM parcels WHERE id = " +
                          std::to_string(id));
    }
    /// Commits in vain, rolls back and keeps what was to be written to each of these.
    template <class... Objects>
    void commit_and_keep(wharf::session& session, const Objects&... objects) {
        EXPECT_THROW(session.commit(), wharf::stale_data);
        session.rollback();
        (session.resolve(objects, wharf::keep_mine), ...);
        session.commit();
    }
};
TYPED_TEST_SUITE(resolve, wharf::test::backends);

TYPED_TEST(resolve, values_that_are_swapped_are_those_that_were_to_be_written) {
    auto session = this->session();
    auto one = session.template get_one<Parcel>(1);
    auto two = session.template get_one<Parcel>(2);
    session.commit();
    std::swap(one->tag, two->tag);
    one.check_row();
    two.check_row();
    this->run("UPDATE parcels SET note = 'theirs'");
    this->commit_and_keep(session, one, two);
    EXPECT_EQ(this->parcel(1), "y theirs a1");
    EXPECT_EQ(this->parcel(2), "x theirs a1");
}

TYPED_TEST(resolve, reference_of_which_one_column_changes_is_kept) {
    auto session = this->session();
    auto parcel = session.template get_one<Parcel>(1);
    auto line = session.template get_one<Line>(std::tuple{std::string("a"), 2});
    session.commit();
    parcel->line = line;
    parcel->tag = "ours";
    this->run("UPDATE parcels SET tag = 'theirs' WHERE id = 1");
    this->commit_and_keep(session, parcel);
    EXPECT_EQ(this->parcel(1), "ours n a2");
}

TYPED_TEST(resolve, reference_that_was_cleared_is_cleared_again) {
    auto session = this->session();
    auto parcel = session.template get_one<Parcel>(1);
    session.commit();
    parcel->line = nullptr;
    this->run("UPDATE parcels SET line_number = 2 WHERE id = 1");
    this->commit_and_keep(session, parcel);
    EXPECT_EQ(this->parcel(1), "x n --");
}

TYPED_TEST(resolve, reference_to_a_new_object_is_kept_and_so_is_the_object) {
    auto session = this->session();
    auto article = session.add(Article{.user = session.add(User{.name = "old"}), .title = "t"});
    auto node = session.add(Node{.name = "n"});
    session.commit();
    auto user = session.add(User{.name = "new"});
    article->user = user;
    article->title = "ours";
    node->parent = session.add(Node{.name = "parent"});
    node->name = "ours";
    this->run("UPDATE articles SET version = version + 1");
    this->run("UPDATE nodes SET name = 'theirs'");
    this->commit_and_keep(session, article, node);
    EXPECT_EQ(this->text("SELECT users.name || ' ' || title FROM articles JOIN users ON users.id = user_id"),
              "new ours");
    EXPECT_EQ(this->text("SELECT p.name || ' ' || n.name FROM nodes n JOIN nodes p ON p.id = n.parent_id"),
              "parent ours");
    EXPECT_EQ(article->user.key(), user->id);
    EXPECT_EQ(this->count("users"), 2);
}

TYPED_TEST(resolve, reference_to_an_object_that_was_flushed_before_is_kept) {
    auto session = this->session();
    auto article = session.add(Article{.user = session.add(User{.name = "old"}), .title = "t"});
    session.commit();
    auto user = session.add(User{.name = "new"});
    session.flush();
    article->user = user;
    this->run_behind_a_write(session, "UPDATE articles SET version = version + 1");
    this->commit_and_keep(session, article);
    EXPECT_EQ(this->text("SELECT users.name FROM articles JOIN users ON users.id = user_id"), "new");
}

TYPED_TEST(resolve, removal_is_made_again) {
    auto session = this->session();
    auto ticket = session.template get_one<Ticket>(1);
    session.commit();
    session.remove(ticket);
    this->run("UPDATE tickets SET version = 2");
    this->commit_and_keep(session, ticket);
    EXPECT_EQ(this->count("tickets"), 1);
}

TYPED_TEST(resolve, removal_is_given_up_where_theirs_is_taken) {
    auto session = this->session();
    auto ticket = session.template get_one<Ticket>(1);
    session.commit();
    session.remove(ticket);
    this->run("UPDATE tickets SET version = 2, state = 'theirs'");
    EXPECT_THROW(session.commit(), wharf::stale_data);
    session.rollback();
    session.resolve(ticket, wharf::take_theirs);
    session.commit();
    EXPECT_EQ(ticket->state, "theirs");
    EXPECT_EQ(this->count("tickets"), 2);
}

TYPED_TEST(resolve, row_that_another_object_takes_over_is_taken_over_again) {
    auto session = this->session();
    auto ticket = session.template get_one<Ticket>(1);
    session.commit();
    session.remove(ticket);
    auto added = session.add(Ticket{.id = 1, .state = "ours", .version = 1});
    this->run("UPDATE tickets SET version = version + 1");
    EXPECT_THROW(session.commit(), wharf::stale_data);
    session.rollback();
    session.resolve(added, wharf::keep_mine);
    session.commit();
    EXPECT_EQ(this->text("SELECT state FROM tickets WHERE id = 1"), "ours");
    EXPECT_EQ(session.template get_one<Ticket>(1), added);
}

TYPED_TEST(resolve, what_was_flushed_before_is_made_again) {
    auto session = this->session();
    auto parcel = session.template get_one<Parcel>(1);
    auto other = session.template get_one<Parcel>(2);
    session.commit();
    if constexpr (TypeParam::is_postgres) this->run("UPDATE parcels SET tag = 'theirs' WHERE id = 1");
    parcel->note = "flushed";
    session.flush();
    if constexpr (!TypeParam::is_postgres)
        this->run_behind_a_write(session, "UPDATE parcels SET tag = 'theirs' WHERE id = 1");
    parcel->tag = "ours";
    this->commit_and_keep(session, parcel);
    EXPECT_EQ(this->parcel(1), "ours flushed a1");
}

TYPED_TEST(resolve, object_that_had_been_detached_is_added_first) {
    auto first = this->session();
    auto parcel = first.template get_one<Parcel>(1);
    first.close();
    parcel->tag = "ours";
    auto session = this->session();
    session.add(parcel);
    this->run("UPDATE parcels SET tag = 'theirs' WHERE id = 1");
    EXPECT_THROW(session.commit(), wharf::stale_data);
    session.rollback();
    EXPECT_THROW(session.resolve(parcel, wharf::keep_mine), wharf::usage_error);
    session.add(parcel);
    session.resolve(parcel, wharf::keep_mine);
    session.commit();
    EXPECT_EQ(this->parcel(1), "ours n a1");
}

TYPED_TEST(resolve, stale_objects_of_all_statements_are_named) {
    this->run("INSERT INTO tickets VALUES (3, 'open', 1), (4, 'open', 1)");
    auto session = this->session();
    std::vector<wharf::entity<Ticket>> tickets = session.template select<Ticket>().all();
    auto one = session.template get_one<Parcel>(1);
    auto two = session.template get_one<Parcel>(2);
    session.commit();
    one->note = "ours";
    two->note = "ours";
    two->tag = "ours"; // another statement
    for (std::size_t i = 0; i < 3; ++i)
        tickets[i]->state = "ours";
    session.remove(tickets[3]);
    this->run("UPDATE parcels SET note = 'theirs'");
    this->run("UPDATE tickets SET version = 2 WHERE id >= 2");
    this->run("DELETE FROM tickets WHERE id = 3");
    try {
        session.commit();
        FAIL();
    } catch (const wharf::stale_data& lost) {
        EXPECT_THAT(lost.template objects<Ticket>(), UnorderedElementsAre(tickets[1], tickets[2], tickets[3]));
        EXPECT_THAT(lost.template objects<Parcel>(), UnorderedElementsAre(one, two));
        EXPECT_THAT(lost.columns(), SizeIs(2));
    }
    session.rollback();
}

TYPED_TEST(resolve, all_of_many_stale_objects_are_named_and_resolved) {
    this->run("DELETE FROM parcels");
    for (int i = 1; i <= 50; ++i)
        this->run("INSERT INTO parcels VALUES (" + std::to_string(i) + ", NULL, 'n', 'a', 1)");
    auto session = this->session();
    auto parcels = session.template select<Parcel>().all();
    session.commit();
    for (auto& parcel : parcels)
        parcel->note = "ours";
    this->run("UPDATE parcels SET note = 'theirs' WHERE id > 5");
    try {
        session.commit();
        FAIL();
    } catch (const wharf::stale_data& lost) {
        EXPECT_THAT(lost.objects(), SizeIs(45));
        session.rollback();
        for (auto& parcel : lost.template objects<Parcel>())
            session.resolve(parcel, wharf::keep_mine);
    }
    session.commit();
    EXPECT_EQ(this->count("parcels WHERE note = 'ours'"), 45);
}

} // namespace
