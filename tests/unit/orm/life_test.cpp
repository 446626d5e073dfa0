// The end of sessions, engines and objects.
#include "wharf/orm/session.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace life {

/// Counts how many there are.
struct tracker {
    static inline std::atomic<int> alive{0};
    tracker() { ++alive; }
    tracker(const tracker& /*other*/) { ++alive; }
    tracker& operator=(const tracker& /*other*/) = default;
    ~tracker() { --alive; }
};

struct node {
    std::int64_t id{};
    wharf::belongs_to<std::optional<node>> parent{};
    wharf::belongs_to<std::optional<node>> friend_of{};
    wharf::has_many<node> children{};
    tracker counted{};
};
constexpr auto wharf_mapping(wharf::type<node>) {
    return wharf::table<node>("nodes", wharf::primary_key<&node::id>().generated(), wharf::relation<&node::parent>(),
                              wharf::relation<&node::friend_of>(),
                              wharf::relation<&node::children>().inverse<&node::parent>());
}

} // namespace life

namespace wharf::testing {
namespace {

using life::node;
using life::tracker;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class session_life : public ::testing::Test {
protected:
    session_life() {
        session making{*engine_};
        making.execute("CREATE TABLE nodes (id INTEGER PRIMARY KEY AUTOINCREMENT, parent_id bigint, "
                       "friend_of_id bigint)");
        making.commit();
    }
    ~session_life() override { EXPECT_EQ(tracker::alive, 0); }

    std::unique_ptr<engine> engine_{std::make_unique<engine>("sqlite://")};
};

template <class Call>
void expect_usage_error(Call call, const char* text) {
    EXPECT_THAT(call, ThrowsMessage<usage_error>(HasSubstr(text)));
}

void expect_each_call_refuses(session& refusing, const char* text) {
    expect_usage_error([&] { refusing.add(node{}); }, text);
    expect_usage_error([&] { static_cast<void>(refusing.get<node>(1)); }, text);
    expect_usage_error([&] { static_cast<void>(refusing.select<node>().all()); }, text);
    expect_usage_error([&] { refusing.execute("SELECT 1"); }, text);
    expect_usage_error([&] { static_cast<void>(refusing.query_sql<int>("SELECT 1")); }, text);
    expect_usage_error([&] { refusing.commit(); }, text);
    expect_usage_error([&] { refusing.flush(); }, text);
}

TEST_F(session_life, moved_from_session_refuses_every_call) {
    session first{*engine_};
    const auto object = first.add(node{});
    session second = std::move(first);
    constexpr auto text = "moved from";
    expect_each_call_refuses(first, text); // NOLINT(bugprone-use-after-move): that is what is tested
    expect_usage_error([&] { first.remove(object); }, text);
    expect_usage_error([&] { first.rollback(); }, text);
    expect_usage_error([&] { static_cast<void>(first.begin()); }, text);
    expect_usage_error([&] { static_cast<void>(first.savepoint()); }, text);
    expect_usage_error([&] { first.close(); }, text);
    expect_usage_error([&] { static_cast<void>(first.is_modified()); }, text);
    expect_usage_error([&] { static_cast<void>(first.in_transaction()); }, text);
    expect_usage_error([&] { static_cast<void>(first.object_count()); }, text);
    expect_usage_error([&] { first.set_autoflush(false); }, text);
    second.commit();
    first = std::move(second);
    EXPECT_TRUE(first.contains(object));
}

TEST_F(session_life, scope_of_a_transaction_goes_with_a_moved_session) {
    session first{*engine_};
    auto scope = first.begin();
    first.add(node{});
    session second = std::move(first);
    auto moved = std::move(scope);
    expect_usage_error([&] { scope.commit(); }, "moved from"); // NOLINT(bugprone-use-after-move)
    moved.commit();
    EXPECT_EQ(second.select<node>().count(), 1);
}

TEST_F(session_life, scope_of_a_transaction_may_outlive_its_session) {
    auto owner = std::make_unique<session>(*engine_);
    auto scope = owner->begin();
    owner->add(node{});
    owner.reset();
    EXPECT_THROW(scope.commit(), usage_error);
}

TEST_F(session_life, session_whose_engine_has_gone_refuses_every_call_that_needs_it) {
    session left{*engine_};
    auto object = left.add(node{});
    left.commit();
    session idle{*engine_};
    session in_transaction{*engine_};
    in_transaction.close();
    engine_.reset();
    constexpr auto text = "engine of this session has gone";
    for (auto* const refusing : {&left, &idle}) {
        expect_usage_error([&] { refusing->commit(); }, text);
        expect_usage_error([&] { static_cast<void>(refusing->get<node>(7)); }, text);
        expect_usage_error([&] { static_cast<void>(refusing->select<node>().all()); }, text);
        expect_usage_error([&] { refusing->execute("SELECT 1"); }, text);
    }
    EXPECT_EQ(object.read()->id, 1);
    expect_usage_error([&] { left.refresh(object); }, text);
    left.close();
}

TEST_F(session_life, session_ends_behind_its_engine_with_a_transaction_open) {
    session left{*engine_};
    left.add(node{});
    left.flush();
    engine_.reset();
}

TEST_F(session_life, chain_of_100000_objects_ends_without_recursion) {
    {
        entity<node> last(node{});
        for (int i = 0; i != 100'000; ++i)
            last = entity<node>(node{.parent = last});
        EXPECT_EQ(tracker::alive, 100'001);
    }
    EXPECT_EQ(tracker::alive, 0);
    {
        entity<node> first(node{});
        for (int i = 0; i != 100'000; ++i) {
            node around;
            around.children.add(std::move(first));
            first = entity<node>(std::move(around));
        }
    }
    EXPECT_EQ(tracker::alive, 0);
}

TEST_F(session_life, chain_of_objects_that_a_session_gives_up_ends_without_recursion) {
    session with_all{*engine_};
    entity<node> last(node{});
    for (int i = 0; i != 100'000; ++i)
        last = entity<node>(node{.parent = last});
    with_all.add(last);
    with_all.rollback();
    EXPECT_EQ(tracker::alive, 100'001);
    last = nullptr;
    EXPECT_EQ(tracker::alive, 0);
}

class circle_of_new_objects : public session_life {};

TEST_F(circle_of_new_objects, ends_with_its_last_handle) {
    {
        entity<node> self(node{});
        self->parent = self;
    }
    EXPECT_EQ(tracker::alive, 0);
    for (std::size_t last = 0; last != 3; ++last) {
        std::vector<entity<node>> ring{entity<node>(node{}), entity<node>(node{}), entity<node>(node{})};
        ring[0]->parent = ring[1];
        ring[1]->parent = ring[2];
        ring[2]->parent = ring[0];
        auto kept = ring[last];
        ring.clear();
        EXPECT_EQ(tracker::alive, 3);
        kept = nullptr;
        EXPECT_EQ(tracker::alive, 0);
    }
}

TEST_F(circle_of_new_objects, of_both_sides_of_a_relation_ends) {
    {
        entity<node> parent(node{});
        entity<node> child(node{.parent = parent});
        parent->children.add(child);
    }
    EXPECT_EQ(tracker::alive, 0);
}

TEST_F(circle_of_new_objects, behind_an_object_that_ends_goes_with_it) {
    entity<node> kept(node{});
    {
        entity<node> one(node{});
        entity<node> other(node{.parent = one, .friend_of = kept});
        one->parent = other;
        entity<node> in_front(node{.parent = one});
        one = nullptr;
        other = nullptr;
        EXPECT_EQ(tracker::alive, 4);
    }
    EXPECT_EQ(tracker::alive, 1);
    kept = nullptr;
}

TEST_F(circle_of_new_objects, that_has_left_a_session_ends) {
    session one{*engine_};
    {
        auto parent = one.add(node{});
        parent->children.add(node{});
        auto child = one.add(node{.parent = parent});
        parent->friend_of = child;
        one.flush();
        one.rollback();
    }
    EXPECT_EQ(tracker::alive, 0);
    {
        auto parent = one.add(node{});
        auto child = one.add(node{.parent = parent});
        parent->friend_of = child;
        one.commit();
        one.close();
        EXPECT_EQ(tracker::alive, 2);
    }
    EXPECT_EQ(tracker::alive, 0);
    {
        auto parent = one.add(node{});
        auto child = one.add(node{.parent = parent});
        parent->friend_of = child;
        one.expunge(parent);
        one.expunge(child);
        one.rollback(); // which could have put them back
    }
    EXPECT_EQ(tracker::alive, 0);
}

TEST_F(circle_of_new_objects, whose_handles_go_on_several_threads_ends_once) {
    for (int i = 0; i != 200; ++i) {
        entity<node> one(node{});
        entity<node> other(node{.parent = one});
        one->parent = other;
        std::jthread first([mine = one]() mutable { mine = nullptr; });
        std::jthread second([mine = other]() mutable { mine = nullptr; });
        one = nullptr;
        other = nullptr;
        first.join();
        second.join();
        ASSERT_EQ(tracker::alive, 0);
    }
}

TEST_F(circle_of_new_objects, that_grows_while_another_thread_lets_go_of_it_stays_whole) {
    entity<node> root(node{});
    root->friend_of = root;
    {
        const std::jthread other([copies = std::vector<entity<node>>(2000, root)]() mutable {
            while (!copies.empty())
                copies.pop_back();
        });
        for (int i = 0; i != 200; ++i) {
            root->children.add(node{.parent = root});
            if (i % 3 == 0) root->children.remove(root->children[0]);
            if (i % 7 == 0) root->parent = root->children[0];
        }
    }
    EXPECT_EQ(root->children.size(), 133U);
    root = nullptr;
    EXPECT_EQ(tracker::alive, 0);
}

TEST_F(circle_of_new_objects, drawn_by_chance_is_what_can_be_reached) {
    for (unsigned seed = 1; seed <= 300; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937 random(seed);
        const std::size_t count = 2 + random() % 12;
        std::vector<entity<node>> handles;
        for (std::size_t i = 0; i != count; ++i)
            handles.emplace_back(node{.id = static_cast<std::int64_t>(i)});
        std::vector<std::multiset<std::size_t>> edges(count);
        for (std::size_t i = 0; i != 2 * count; ++i) {
            const auto from = random() % count;
            const auto to = random() % count;
            if (random() % 3 == 0 || handles[from].read()->friend_of.has_value()) {
                handles[from]->children.add(handles[to]);
            } else {
                handles[from]->friend_of = handles[to];
            }
            edges[from].insert(to);
        }
        while (!handles.empty()) {
            const auto drop = random() % handles.size();
            std::swap(handles[drop], handles.back());
            handles.pop_back();
            std::set<std::size_t> reached;
            std::vector<std::size_t> next;
            for (const auto& handle : handles)
                next.push_back(static_cast<std::size_t>(handle.read()->id));
            while (!next.empty()) {
                const auto at = next.back();
                next.pop_back();
                if (!reached.insert(at).second) continue;
                next.insert(next.end(), edges[at].begin(), edges[at].end());
            }
            ASSERT_EQ(tracker::alive, static_cast<int>(reached.size()));
        }
    }
}

} // namespace
} // namespace wharf::testing
