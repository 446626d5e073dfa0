// Usage 2: a session adds a user and a profile that names it; nothing is in the database until commit, then both are.
// Usage 3: the same in a coroutine, with a session factory and a transaction scope.
#include "support/backends.hpp"
#include "support/run_async.hpp"
#include "wharf/asio.hpp"
#include "wharf/wharf.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>

namespace usage {

struct Profile;

struct User {
    std::int64_t id{};
    std::string name{};
    wharf::has_many<Profile> profiles{};
};

struct Profile {
    std::int64_t id{};
    wharf::belongs_to<User> user{};
    std::string bio{};
};

constexpr auto wharf_mapping(wharf::type<User>) {
    return wharf::table<User>("users", wharf::primary_key<&User::id>().generated(), wharf::column<&User::name>(),
                              wharf::relation<&User::profiles>());
}
constexpr auto wharf_mapping(wharf::type<Profile>) {
    return wharf::table<Profile>("profiles", wharf::primary_key<&Profile::id>().generated(),
                                 wharf::relation<&Profile::user>(), wharf::column<&Profile::bio>());
}

} // namespace usage

namespace {

namespace asio = boost::asio;
using usage::Profile;
using usage::User;
using wharf::col;

template <class Backend>
class session_usage : public testing::Test {
protected:
    session_usage() : engine(database.url(), {.pool_size = 4}) { wharf::create_tables<User, Profile>(engine); }

    std::int64_t rows_in(const std::string& table) {
        return engine.pool()
            .acquire()
            .template query<std::int64_t>(wharf::raw_sql("SELECT count(*) FROM " + table))
            .one();
    }

    Backend database;
    wharf::engine engine;
};
TYPED_TEST_SUITE(session_usage, wharf::test::backends);

TYPED_TEST(session_usage, user_and_profile__are_in_the_database_after_commit_and_not_before) {
    wharf::session session{this->engine};
    auto user = session.add(User{.name = "John"});
    session.add(Profile{.user = user, .bio = "likes boats"});
    EXPECT_EQ(this->rows_in("users") + this->rows_in("profiles"), 0);
    session.commit();
    EXPECT_EQ(this->rows_in("users"), 1);
    EXPECT_EQ(this->rows_in("profiles"), 1);
    EXPECT_EQ(this->engine.stats().lent, 0U) << "commit gives the connection back";

    user->name = "Johnny";
    session.commit();
    EXPECT_EQ(session.template get<User>(user->id), user) << "one row, one object";

    wharf::session reader{this->engine};
    const auto found =
        reader.template select<const User>().where(col<&User::name>.like("John%")).order_by(col<&User::id>).all();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0]->name, "Johnny");
    ASSERT_EQ(found[0]->profiles.size(), 1U) << "loaded when looked at";
    EXPECT_EQ(found[0]->profiles[0]->bio, "likes boats");
    EXPECT_EQ(this->engine.stats().lent, 1U);
    reader.close();
    EXPECT_EQ(this->engine.stats().lent, 0U) << "close gives the connection back";
    {
        wharf::session other{this->engine};
        (void)other.template select<const User>().count();
    }
    EXPECT_EQ(this->engine.stats().lent, 0U) << "so does the destructor";
}

TYPED_TEST(session_usage, exception_in_transact__leaves_nothing) {
    wharf::session session{this->engine};
    const auto failing = [&] {
        session.add(User{.name = "nobody"});
        session.flush();
        throw std::runtime_error("changed my mind");
    };
    EXPECT_THROW(session.transact(failing), std::runtime_error);
    EXPECT_EQ(this->rows_in("users"), 0);
}

asio::awaitable<std::int64_t> create_user(wharf::async_session_factory& make_session, std::string name) {
    auto session = make_session();
    auto transaction = session.begin();
    auto user = session.add(User{.name = std::move(name)});
    session.add(Profile{.user = user, .bio = "..."});
    co_await transaction.commit();
    co_return user->id;
}

asio::awaitable<void> create_and_read(wharf::async_session_factory& make_session, std::set<std::int64_t>& ids) {
    const auto id = co_await create_user(make_session, "Alice");
    ids.insert(id);
    auto session = make_session();
    auto user = co_await session.get_one<const User>(id);
    EXPECT_EQ(user->name, "Alice");
    EXPECT_THROW((void)user->profiles.size(), wharf::not_loaded);
    co_await session.load(user->profiles);
    EXPECT_EQ(user->profiles.size(), 1U);
}

TYPED_TEST(session_usage, async_endpoint_called_many_times_at_once__creates_each_user_once) {
    asio::io_context context;
    wharf::async_engine async_engine{
        context.get_executor(), this->database.url(), {.pool_size = 10, .max_overflow = 20}};
    wharf::async_session_factory make_session{async_engine, {.expire_on_commit = false}};
    std::set<std::int64_t> ids;
    constexpr int requests = 100;
    for (int i = 0; i < requests; ++i) {
        asio::co_spawn(context, create_and_read(make_session, ids), [](std::exception_ptr failure) {
            if (failure) std::rethrow_exception(failure);
        });
    }
    context.run();
    EXPECT_EQ(ids.size(), static_cast<std::size_t>(requests));
    EXPECT_EQ(this->rows_in("users"), requests);
    EXPECT_EQ(this->rows_in("profiles"), requests);
    EXPECT_LE(async_engine.stats().peak_lent, 30U);
    EXPECT_EQ(async_engine.stats().lent, 0U);
}

} // namespace
