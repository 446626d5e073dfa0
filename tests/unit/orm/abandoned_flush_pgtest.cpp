// A flush that is destroyed at each of its waits, inside a savepoint or not: the rollback of the level leaves what was
// there before it, and the session goes on.
#include "support/abandon.hpp"
#include "unit/orm/models.hpp"

#include <chrono>
#include <thread>

namespace {

using namespace models;

template <class Backend>
class abandoned_flush : public session_test<Backend> {};
TYPED_TEST_SUITE(abandoned_flush, wharf::test::backends);

TYPED_TEST(abandoned_flush, in_a_savepoint_is_undone_with_it_and_the_rest_is_committed) {
    for (std::size_t wait = 0; wait < 40; ++wait) {
        auto session = this->session();
        const auto name = "kept " + std::to_string(wait);
        session.add(User{.name = name});
        session.flush();
        bool destroyed = false;
        {
            auto inner = session.savepoint();
            session.add(User{.name = "inner " + std::to_string(wait)});
            destroyed = wharf::test::abandon_at_wait(wait, session.core().flush());
        }
        if (destroyed) { // its connection went with it, and all that was flushed
            EXPECT_THROW(session.commit(), wharf::connection_lost) << wait;
            session.rollback();
        } else {
            session.commit();
        }
        EXPECT_EQ(this->count("users WHERE name = '" + name + "'"), destroyed ? 0 : 1) << wait;
        EXPECT_EQ(this->count("users WHERE name LIKE 'inner%'"), 0) << wait;
        if (!destroyed) break;
    }
}

// PostgreSQL ends such a wait by lock_timeout.
using abandoned_flush_on_sqlite = abandoned_flush<wharf::test::on_sqlite>;

TEST_F(abandoned_flush_on_sqlite, commit_that_waits_for_another_writer_in_vain_is_known_to_have_failed) {
    auto holder = session();
    std::thread([&holder] { // or SQLite would refuse to wait for the thread's own work
        holder.add(User{.name = "first", .email = "same"});
        holder.flush();
    })
        .join();
    auto waiting = session();
    waiting.add(User{.name = "second", .email = "same"});
    std::string said;
    try {
        waiting.commit(wharf::call_options(std::chrono::milliseconds(20)));
    } catch (const wharf::commit_outcome_unknown& failed) {
        said = failed.what();
    } catch (const wharf::error&) {
        said = "known";
    }
    EXPECT_EQ(said, "known");
    waiting.rollback();
    holder.rollback();
    EXPECT_EQ(count("users"), 0);
}

TYPED_TEST(abandoned_flush, in_a_transaction_is_undone_with_it) {
    for (std::size_t wait = 0; wait < 40; ++wait) {
        auto session = this->session();
        session.add(User{.name = "lost"});
        const bool destroyed = wharf::test::abandon_at_wait(wait, session.core().flush());
        session.rollback();
        session.add(User{.name = "kept"});
        session.commit();
        EXPECT_EQ(this->count("users WHERE name = 'kept'"), static_cast<std::int64_t>(wait) + 1) << wait;
        EXPECT_EQ(this->count("users WHERE name = 'lost'"), 0) << wait;
        if (!destroyed) break;
    }
}

} // namespace
