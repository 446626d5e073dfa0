// Reads belong to their transaction: what answers from the identity map, what is read again, and retries.
#include "unit/orm/models.hpp"

#include <chrono>

namespace {

using namespace models;

template <class Backend>
class reads_on : public session_test<Backend> {
protected:
    /// A counter at 0: the quantity of the one line.
    wharf::entity<Line> counter(wharf::session& session) { return session.get_one<Line>({"A", 1}); }
    void make_counter() {
        auto session = this->session();
        session.add(Order{.code = "A", .lines = {Line{.number = 1}}});
        session.commit();
    }
    void add_elsewhere(int number) {
        auto other = this->session();
        other.execute("UPDATE lines SET quantity = quantity + $1", number);
        other.commit();
    }
    [[nodiscard]] std::int64_t quantity() { return this->count("lines WHERE quantity = 101"); }

    static constexpr wharf::retry_options quick{.attempts = 5, .first_delay = std::chrono::milliseconds(1)};
};
TYPED_TEST_SUITE(reads_on, wharf::test::backends);

TYPED_TEST(reads_on, repeated_transaction_adds_to_what_another_has_committed_meanwhile) {
    this->make_counter();
    auto session = this->session();
    int tries = 0;
    wharf::run_transaction(
        session,
        [&](wharf::session& s) {
            auto line = this->counter(s);
            const auto before = line.read()->quantity;
            if (++tries == 1) {
                s.rollback(); // SQLite lets nobody write beside a reader that goes on to write
                this->add_elsewhere(100);
                throw wharf::connection_lost("pretended");
            }
            line->quantity = before + 1;
        },
        this->quick);
    EXPECT_EQ(tries, 2);
    EXPECT_EQ(this->quantity(), 1);
}

TYPED_TEST(reads_on, repeated_transaction_does_not_take_what_was_read_before_it) {
    this->make_counter();
    auto session = this->session();
    auto line = this->counter(session);
    session.commit();
    this->add_elsewhere(100);
    wharf::run_transaction(session, [&](wharf::session& s) { this->counter(s)->quantity += 1; }, this->quick);
    EXPECT_EQ(this->quantity(), 1);
}

TYPED_TEST(reads_on, write_access_in_a_repeated_transaction_reads_again) {
    this->make_counter();
    auto session = this->session();
    auto line = this->counter(session);
    session.commit();
    this->add_elsewhere(100);
    wharf::run_transaction(session, [&] { line->quantity += 1; }, this->quick);
    EXPECT_EQ(this->quantity(), 1);
}

TYPED_TEST(reads_on, second_strict_transaction_does_not_write_from_the_reads_of_the_first) {
    this->make_counter();
    auto session = this->session();
    wharf::entity<Line> line;
    {
        auto tx = session.begin({.isolation = wharf::isolation::serializable});
        line = this->counter(session);
        EXPECT_EQ(line.read()->quantity, 0);
        tx.commit();
    }
    this->add_elsewhere(100);
    {
        auto tx = session.begin({.isolation = wharf::isolation::serializable});
        EXPECT_EQ(line.read()->quantity, 100); // plain access reads again
        this->counter(session)->quantity += 1;
        tx.commit();
    }
    EXPECT_EQ(this->quantity(), 1);
}

TYPED_TEST(reads_on, collection_is_loaded_again_in_a_strict_transaction) {
    auto session = this->session();
    auto user = session.add(User{.name = "a", .profiles = {Profile{.bio = "1"}}});
    session.commit();
    {
        auto other = this->session();
        other.add(Profile{.user = other.template get_one<User>(user.read()->id), .bio = "2"});
        other.commit();
    }
    EXPECT_EQ(user.read()->profiles.size(), 1U);
    auto tx = session.begin({.isolation = wharf::isolation::repeatable_read});
    EXPECT_EQ(user.read()->profiles.size(), 2U);
    tx.commit();
}

TYPED_TEST(reads_on, values_stay_readable_behind_a_strict_transaction) {
    this->make_counter();
    auto session = this->session();
    auto line = this->counter(session);
    session.commit();
    {
        auto tx = session.begin({.isolation = wharf::isolation::serializable});
        static_cast<void>(session.template select<User>().all());
        tx.commit();
    }
    wharf::sql_recorder sql{this->engine_};
    EXPECT_EQ(line.read()->quantity, 0);
    EXPECT_EQ(sql.statement_count(), 0U);
}

TYPED_TEST(reads_on, get_answers_from_the_map_without_sql_after_a_commit) {
    this->make_counter();
    auto session = this->session();
    auto line = this->counter(session);
    session.commit();
    wharf::sql_recorder sql{this->engine_};
    EXPECT_EQ(this->counter(session), line);
    EXPECT_EQ(sql.statement_count(), 0U);
}

TYPED_TEST(reads_on, get_reads_again_after_a_rollback_and_const_access_does_not) {
    this->make_counter();
    auto session = this->session();
    auto line = this->counter(session);
    session.rollback();
    this->add_elsewhere(100);
    EXPECT_EQ(line.read()->quantity, 0);
    EXPECT_EQ(this->counter(session).read()->quantity, 100);
}

TYPED_TEST(reads_on, select_in_a_later_transaction_gives_the_row_at_hand_to_a_clean_object_only) {
    auto session = this->session();
    auto clean = session.add(User{.name = "clean"});
    auto dirty = session.add(User{.name = "dirty"});
    session.commit();
    {
        auto other = this->session();
        other.execute("UPDATE users SET name = name || ' elsewhere'");
        other.commit();
    }
    dirty->name = "mine";
    session.set_autoflush(false);
    static_cast<void>(session.template select<User>().all());
    EXPECT_EQ(clean.read()->name, "clean elsewhere");
    EXPECT_EQ(dirty.read()->name, "mine");
}

TYPED_TEST(reads_on, write_through_a_reference_held_over_a_rollback_is_found) {
    auto session = this->session();
    auto user = session.add(User{.name = "a"});
    session.commit();
    auto& held = *user;
    session.rollback();
    held.name = "held";
    EXPECT_EQ(session.template get<User>(user.read()->id)->name, "held");
    session.commit();
    EXPECT_EQ(this->text("SELECT name FROM users"), "held");
}

TYPED_TEST(reads_on, refresh_of_many_takes_one_statement) {
    auto session = this->session();
    std::vector<wharf::entity<User>> users;
    for (int i = 0; i < 20; ++i)
        users.push_back(session.add(User{.name = std::to_string(i)}));
    session.commit();
    {
        auto other = this->session();
        other.execute("UPDATE users SET name = 'x'");
        other.commit();
    }
    wharf::sql_recorder sql{this->engine_};
    session.refresh(users);
    EXPECT_EQ(sql.statement_count(), 2U); // BEGIN, SELECT
    for (const auto& user : users)
        EXPECT_EQ(user.read()->name, "x");
}

TYPED_TEST(reads_on, peers_are_read_again_together) {
    auto session = this->session();
    for (int i = 0; i < 20; ++i)
        session.add(User{.name = std::to_string(i)});
    session.commit();
    session.close();
    auto users = session.template select<User>().all();
    session.rollback();
    wharf::sql_recorder sql{this->engine_};
    for (auto& user : users)
        user->name += "!";
    EXPECT_EQ(sql.statement_count(), 2U); // BEGIN, SELECT
}

TYPED_TEST(reads_on, transaction_that_may_be_repeated_refuses_what_a_rollback_would_lose) {
    auto session = this->session();
    session.add(User{.name = "unwritten"});
    EXPECT_THROW(wharf::run_transaction(session, [] {}), wharf::usage_error);
    session.commit();
    session.add(User{.name = "written"});
    session.flush();
    EXPECT_THROW(wharf::run_transaction(session, [] {}), wharf::usage_error);
    session.commit();
    auto user = session.template select<User>().first();
    user->name = std::string(user->name); // equal: no change
    EXPECT_NO_THROW(wharf::run_transaction(session, [] {}));
    EXPECT_EQ(this->count("users"), 2);
}

TYPED_TEST(reads_on, raw_sql_does_not_end_the_transaction_behind_the_session) {
    auto session = this->session();
    session.add(User{.name = "a"});
    for (const char* sql : {"COMMIT", "  rollback", "/* x */ END", "-- y\nABORT", "SAVEPOINT s", "RELEASE s", "BEGIN",
                            "ROLLBACK TO SAVEPOINT s"}) {
        EXPECT_THROW(session.execute(wharf::raw_sql(sql)), wharf::usage_error) << sql;
    }
    session.commit();
    EXPECT_EQ(this->count("users"), 1);
}

TYPED_TEST(reads_on, change_that_was_rolled_back_before_any_flush_is_made_again_to_what_others_have_committed) {
    this->make_counter();
    auto session = this->session();
    auto line = this->counter(session);
    session.commit();
    line->quantity += 1;
    this->add_elsewhere(100);
    session.rollback();
    line->quantity += 1;
    session.commit();
    EXPECT_EQ(this->quantity(), 1);
}

TYPED_TEST(reads_on, what_a_strict_transaction_expired_is_read_again_when_it_has_ended) {
    this->make_counter();
    auto session = this->session();
    const auto line = this->counter(session);
    session.commit();
    auto tx = session.begin({.isolation = wharf::isolation::repeatable_read});
    session.expire(line);
    tx.commit();
    this->add_elsewhere(100);
    EXPECT_EQ(line->quantity, 100);
}

TYPED_TEST(reads_on, reference_to_an_object_that_takes_the_key_of_the_former_one_is_not_read_over) {
    auto session = this->session();
    auto one = session.add(Order{.code = "1"});
    auto two = session.add(Order{.code = "2"});
    auto line = session.add(Line{.number = 1, .order = two});
    session.commit();
    one->code = "2";
    line->order = one; // which changes no column, as long as it has that code
    auto tx = session.begin({.isolation = wharf::isolation::serializable});
    EXPECT_EQ(line.read()->order.get(), one);
    one->code = "1";
    tx.commit();
    EXPECT_EQ(this->count("lines WHERE order_code = '1'"), 1);
}

TYPED_TEST(reads_on, item_that_was_expired_is_read_before_a_collection_takes_it_in_or_gives_it_away) {
    auto session = this->session();
    auto root = session.add(Node{.name = "root"});
    auto node = session.add(Node{.name = "node"});
    session.commit();
    const auto change = [this](const std::string& name) {
        auto other = this->session();
        other.execute("UPDATE nodes SET name = $1 WHERE name <> 'root'", name);
        other.commit();
    };
    session.expire(node);
    change("one");
    root->children.add(node);
    EXPECT_EQ(node->name, "one");
    session.commit();
    session.expire(node);
    change("two");
    root->children.remove(node);
    EXPECT_EQ(node->name, "two");
    session.commit();
    session.expire(node);
    change("three");
    root->children.replace({node});
    EXPECT_EQ(node->name, "three");
    session.commit();
    EXPECT_EQ(this->count("nodes WHERE name = 'three' AND parent_id IS NOT NULL"), 1);
}

TYPED_TEST(reads_on, change_that_a_strict_transaction_rolled_back_is_made_again_to_what_others_have_committed) {
    this->make_counter();
    auto session = this->session();
    auto line = this->counter(session);
    line->quantity = 0; // watched
    session.commit();
    auto tx = session.begin({.isolation = wharf::isolation::serializable});
    line->quantity += 1;
    tx.rollback();
    this->add_elsewhere(100);
    line->quantity += 1;
    session.commit();
    EXPECT_EQ(this->quantity(), 1);
}

} // namespace
