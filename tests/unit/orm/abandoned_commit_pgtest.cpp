// A commit that is destroyed at each of its waits: the session waits for rollback(), the objects are what they were,
// the database holds all of it or nothing, and the pool's counts balance.
#include "support/abandon.hpp"
#include "support/held_table.hpp"
#include "unit/orm/models.hpp"

#include <chrono>
#include <optional>
#include <thread>

namespace {

using namespace models;

template <class Backend>
class abandoned_commit : public session_test<Backend> {
protected:
    void wait_until_settled() {
        for (int i = 0; i < 2000; ++i) {
            const auto now = this->engine_.stats();
            if (now.connecting + now.closing + now.cleaning + now.lent == 0) return;
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
    }
};
TYPED_TEST_SUITE(abandoned_commit, wharf::test::backends);

TYPED_TEST(abandoned_commit, at_every_wait_leaves_all_or_nothing) {
    auto session = this->session();
    auto kept = session.add(User{.name = "kept"});
    session.commit();
    std::int64_t rows = 1;
    std::size_t wait = 0;
    for (;; ++wait) {
        std::optional<wharf::test::held_table> held; // so that there is a first wait for certain
        if (wait == 0) held.emplace(this->backend_.url(), "users");
        kept->name = "changed";
        auto user = session.add(User{.name = "new"});
        auto profile = session.add(Profile{.user = user, .bio = "x"});
        const bool destroyed = wharf::test::abandon_at_wait(wait, session.core().commit());
        if (!destroyed) break;
        held.reset();
        EXPECT_EQ(user.read()->id, 0) << wait;
        EXPECT_EQ(kept.read()->name, "changed") << wait;
        session.rollback();
        EXPECT_EQ(kept.read()->name, "kept") << wait;
        EXPECT_EQ(user.state()->status, wharf::orm::object_status::transient) << wait;
        this->wait_until_settled();
        const auto stats = this->engine_.stats();
        EXPECT_EQ(stats.lent, 0U) << wait;
        EXPECT_EQ(stats.opened - stats.closed.total(), stats.total()) << wait;
        const auto now = this->count("users");
        EXPECT_TRUE(now == rows || now == rows + 1) << wait;
        EXPECT_EQ(this->count("profiles"), now - 1) << wait;
        if (now != rows) { // it had been committed: the object is behind
            session.refresh(kept);
            kept->name = "kept";
            session.commit();
        }
        rows = now;
    }
    EXPECT_GT(wait, 0U);
    EXPECT_EQ(this->count("users"), rows + 1);
    EXPECT_EQ(this->text("SELECT name FROM users WHERE id = " + std::to_string(kept.read()->id)), "changed");
}

// On SQLite each of its rows would be a wait.
using abandoned_commit_on_postgres = abandoned_commit<wharf::test::on_postgres>;

TEST_F(abandoned_commit_on_postgres, of_many_rows_is_told_to_all_objects_or_to_none) {
    constexpr std::size_t rows = 1'100;
    bool was_told = false;
    std::size_t whole = 0; // what the server has sent already is no wait: at which one the telling is differs
    for (std::size_t wait = 0; whole == 0 || (!was_told && whole != 20); ++wait) {
        auto session = this->session();
        const auto users = session.add_range(std::vector<User>(rows));
        const auto before = this->count("users");
        const bool destroyed = wharf::test::abandon_at_wait(wait, session.core().commit());
        if (!destroyed) {
            ++whole;
            wait = 0;
            continue;
        }
        const bool told = users.front().read()->id != 0;
        was_told = was_told || told;
        for (const auto& user : users)
            ASSERT_EQ(user.read()->id != 0, told) << wait;
        if (told) {
            EXPECT_FALSE(session.is_modified()) << wait;
            EXPECT_EQ(this->count("users"), before + static_cast<std::int64_t>(rows)) << wait;
        } else if (session.is_modified()) {
            session.rollback();
            EXPECT_EQ(users.back().state()->status, wharf::orm::object_status::transient) << wait;
        }
        this->wait_until_settled();
    }
    EXPECT_TRUE(was_told);
}

} // namespace
