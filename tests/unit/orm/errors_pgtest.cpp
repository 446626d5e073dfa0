// What errors of a session say: which query was behind them, what the caller saw first, what is known of a commit.
#include "models.hpp"

#include <chrono>
#include <string>

namespace wharf::testing {
namespace {

struct Gauge {
    std::string place{};
    std::int32_t number{};
    std::int32_t reading{};
    std::string unit{};
};
constexpr auto wharf_mapping(type<Gauge>) {
    return table<Gauge>("gauges", primary_key<&Gauge::place, &Gauge::number>(), column<&Gauge::reading>(),
                        column<&Gauge::unit>());
}

using models::Article;
using models::User;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::ThrowsMessage;

template <class Backend>
class session_errors : public models::session_test<Backend> {};
TYPED_TEST_SUITE(session_errors, wharf::test::backends);

TYPED_TEST(session_errors, of_an_autoflush_name_the_query_in_front_of_which_it_was) {
    auto session = this->session();
    const auto clash = [&] {
        session.add(User{.name = "a", .email = "same"});
        session.add(User{.name = "b", .email = "same"});
    };
    clash();
    EXPECT_THAT([&] { static_cast<void>(session.template select<User>().where(col<&User::name> == "secret").all()); },
                ThrowsMessage<unique_violation>(AllOf(HasSubstr("were written in front of: SELECT"), HasSubstr("users"),
                                                      Not(HasSubstr("secret")))));
    if (!TypeParam::is_postgres) return;
    session.rollback();
    clash();
    EXPECT_THAT([&] { session.execute("UPDATE users SET name = $1", "secret"); },
                ThrowsMessage<unique_violation>(HasSubstr("in front of: UPDATE users SET name = $1")));
    session.rollback();
    clash();
    EXPECT_THAT([&] { static_cast<void>(session.template get<User>(77)); },
                ThrowsMessage<unique_violation>(HasSubstr("in front of: SELECT")));
    session.rollback();
    clash();
    EXPECT_THAT([&] { session.flush(); }, ThrowsMessage<unique_violation>(Not(HasSubstr("in front of"))));
}

TYPED_TEST(session_errors, that_follow_a_failure_quote_what_the_caller_saw) {
    auto session = this->session();
    auto article = session.add(Article{.user = entity<User>(User{.name = "a"}), .title = "old"});
    session.commit();
    article->title = "mine";
    {
        auto other = this->session();
        other.execute("UPDATE articles SET title = 'theirs', version = version + 1");
        other.commit();
    }
    std::string seen;
    try {
        session.flush();
        ADD_FAILURE() << "nothing was thrown";
    } catch (const stale_data& stale) {
        seen = stale.what();
    }
    EXPECT_THAT([&] { static_cast<void>(session.template select<User>().all()); },
                ThrowsMessage<transaction_failed>(HasSubstr(seen)));
}

TYPED_TEST(session_errors, of_a_lock_on_a_changed_object_lose_nothing) {
    auto session = this->session();
    session.add(User{.name = "a"});
    session.commit();
    auto user = session.template get_one<User>(1);
    session.set_autoflush(false);
    user->name = "changed";
    if (!TypeParam::is_postgres) return; // which has no FOR UPDATE
    EXPECT_THAT([&] { static_cast<void>(session.template select<User>().for_update().all()); },
                ThrowsMessage<usage_error>(HasSubstr("was to be locked, but its object has changes")));
    EXPECT_EQ(user.read()->name, "changed");
    session.flush();
    EXPECT_EQ(session.template select<User>().for_update().all().size(), 1U);
    session.commit();
    EXPECT_EQ(this->text("SELECT name FROM users"), "changed");
}

TYPED_TEST(session_errors, of_a_commit_that_waits_for_a_lock_are_known_failures) {
    if (!TypeParam::is_postgres) return;
    auto session = this->session();
    auto user = session.add(User{.name = "a"});
    session.commit();
    auto other = this->session();
    other.execute("UPDATE users SET email = 'locks'");
    session.set_timeout(std::chrono::milliseconds(700));
    user->name = "b";
    EXPECT_THROW(session.commit(), lock_not_available);
    session.rollback();
    other.rollback();
    user->name = "c";
    session.commit();
    EXPECT_EQ(this->text("SELECT name FROM users"), "c");
    EXPECT_EQ(session.template query_sql<std::string>("SHOW lock_timeout").one(), "0");
}

TYPED_TEST(session_errors, of_a_value_that_cannot_be_read_name_column_row_table_and_type) {
    auto session = this->session();
    session.execute("CREATE TABLE gauges (place text, number bigint, reading bigint, unit text,"
                    " PRIMARY KEY (place, number))");
    session.execute("INSERT INTO gauges VALUES ('harbour', 7, 1, 'm'), ('quay', 5000000000, 1, 'm')");
    session.commit();
    const auto gauge = session.template get_one<Gauge>({"harbour", 7});
    const auto refused_everywhere = [&](const std::string& start) {
        const auto says = ThrowsMessage<conversion_error>(HasSubstr(start));
        EXPECT_THAT([&] { session.refresh(gauge); }, says);
        session.rollback();
        EXPECT_THAT([&] { static_cast<void>(session.template select<Gauge>().where(col<&Gauge::number> == 7).all()); },
                    says);
        session.rollback();
        wharf::session fresh(this->engine_);
        EXPECT_THAT([&] { static_cast<void>(fresh.template get<Gauge>({"harbour", 7})); }, says);
    };
    session.execute("UPDATE gauges SET reading = 5000000000");
    session.commit();
    refused_everywhere("column \"reading\" (int8) of row ('harbour', 7) of table gauges: ");
    session.execute("UPDATE gauges SET reading = 1, unit = NULL");
    session.commit();
    refused_everywhere("column \"unit\" (text) of row ('harbour', 7) of table gauges: the value is NULL");
    EXPECT_THAT([&] { static_cast<void>(session.template select<Gauge>().where(col<&Gauge::place> == "quay").all()); },
                ThrowsMessage<conversion_error>(
                    HasSubstr("column \"number\" (int8) of row ('quay', 5000000000) of table gauges: ")));
}

TYPED_TEST(session_errors, of_a_call_with_a_time_name_the_limit) {
    using namespace std::chrono_literals;
    auto session = this->session();
    session.add(User{.name = "a"});
    session.flush(2s);
    session.commit(1min);
    const std::string endless =
        TypeParam::is_postgres
            ? "SELECT pg_sleep(600)"
            : "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    EXPECT_THAT([&] { session.execute(raw_sql(endless), call_options(0s)); },
                ThrowsMessage<timed_out>(Not(HasSubstr("the limit was"))));
    session.rollback();
    EXPECT_THAT([&] { session.execute(raw_sql(endless), call_options(0.05s)); },
                ThrowsMessage<timed_out>(AllOf(HasSubstr("the limit was 50 ms"), HasSubstr(endless.substr(0, 20)))));
}

TYPED_TEST(session_errors, about_a_row_show_its_text_key) {
    auto session = this->session();
    EXPECT_THAT([&] { static_cast<void>(session.template get_one<models::Order>("A-1")); },
                ThrowsMessage<no_result>(HasSubstr("table orders has no row with the key 'A-1'")));
    const std::string longer = "123456789 123456789 123456789 123456789\u00e9 and more";
    EXPECT_THAT([&] { static_cast<void>(session.template get_one<models::Order>(longer)); },
                ThrowsMessage<no_result>(HasSubstr("'123456789 123456789 123456789 123456789...'")));
}

TYPED_TEST(session_errors, after_a_migration_blame_no_rule) {
    if (!TypeParam::is_postgres) GTEST_SKIP() << "SQLite prepares its statements anew by itself";
    engine migrated(this->backend_.url(), {.pool_size = 1});
    migrated.pool().acquire().execute("CREATE TABLE gauges (place text, number int, reading int NOT NULL, "
                                      "unit text NOT NULL, PRIMARY KEY (place, number))");
    const auto write = [&](std::int32_t number) {
        session own(migrated);
        auto gauge = own.add(Gauge{.place = "here", .number = number, .unit = "m"});
        own.commit();
        gauge->unit = "km";
        own.commit();
    };
    write(1);
    migrated.pool().acquire().execute("ALTER TABLE gauges ALTER unit TYPE varchar(9)");
    int failed = 0;
    for (int number = 2; number < 6; ++number) {
        try {
            write(number);
        } catch (const error& caught) {
            ++failed;
            EXPECT_THAT(caught.what(), AllOf(HasSubstr("[0A000]"), Not(HasSubstr("rule"))));
        }
    }
    EXPECT_GT(failed, 0);
    write(6);
}

} // namespace
} // namespace wharf::testing
