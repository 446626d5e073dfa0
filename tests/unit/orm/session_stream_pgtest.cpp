// Streams of raw SQL in a session, on both backends.
#include "unit/orm/models.hpp"

#include "wharf/base/database_error.hpp"

#include <gmock/gmock.h>

#include <optional>
#include <string_view>
#include <vector>

namespace {

using namespace models;
using testing::ElementsAre;

constexpr std::string_view counting =
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < $1) SELECT n FROM c";

template <class Backend>
class session_stream : public session_test<Backend> {
protected:
    wharf::session session_{this->engine_};
};
TYPED_TEST_SUITE(session_stream, wharf::test::backends);

TYPED_TEST(session_stream, changes_are_flushed_first_and_rows_come_as_views) {
    this->session_.add_all(User{.name = "Ann"}, User{.name = "Bob"});
    std::vector<std::string> names;
    for (const auto& [id, name] :
         this->session_.template stream_sql<std::int64_t, std::string_view>("SELECT id, name FROM users ORDER BY id"))
        names.emplace_back(name);
    EXPECT_THAT(names, ElementsAre("Ann", "Bob"));
    this->session_.commit();
    EXPECT_EQ(this->count("users"), 2);
}

TYPED_TEST(session_stream, session_refuses_other_calls_until_the_end_and_has_not_failed) {
    auto user = this->session_.add(User{.name = "Ann"});
    auto rows = this->session_.template stream_sql<int>(counting, 5000);
    ASSERT_NE(rows.next(), nullptr);
    user->name = "Eve";
    EXPECT_THROW(this->session_.commit(), wharf::concurrent_use);
    EXPECT_THROW((void)this->session_.template get<User>(77), wharf::concurrent_use);
    while (rows.next() != nullptr) {
    }
    this->session_.commit();
    EXPECT_EQ(this->text("SELECT name FROM users"), "Eve");
}

TYPED_TEST(session_stream, loop_that_is_left_keeps_the_transaction) {
    this->session_.add(User{.name = "Ann"});
    for (const auto n : this->session_.template stream_sql<int>(counting, 5000))
        if (n == 3) break;
    this->session_.add(User{.name = "Bob"});
    this->session_.commit();
    EXPECT_EQ(this->count("users"), 2);
}

TYPED_TEST(session_stream, error_is_thrown_and_rollback_makes_the_session_usable) {
    EXPECT_THROW((void)this->session_.template stream_sql<int>("SELECT n FROM nowhere").next(), wharf::database_error);
    this->session_.rollback();
    EXPECT_EQ(this->session_.template query_sql<int>("SELECT 7").one(), 7);
}

TYPED_TEST(session_stream, session_closed_or_gone_ends_its_streams) {
    std::optional<wharf::session> session(std::in_place, this->engine_);
    auto rows = session->template stream_sql<int>(counting, 100'000);
    auto unread = session->template stream_sql<int>(counting, 10);
    ASSERT_NE(rows.next(), nullptr);
    session->close();
    EXPECT_THROW(while (rows.next() != nullptr){}, wharf::usage_error);
    EXPECT_EQ(session->template query_sql<int>("SELECT 7").one(), 7);
    session.reset();
    EXPECT_THROW((void)unread.next(), wharf::usage_error);
}

} // namespace
