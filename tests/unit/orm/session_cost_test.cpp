// What a session does costs as much as there is to do, and not the square of it: blocks of code at n and at 2n.
#include "support/block_count.hpp"
#include "support/temporary_directory.hpp"
#include "wharf/orm/session.hpp"
#include "wharf/row/codecs.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cost_tests {

struct Child;
struct Parent {
    std::int64_t id{};
    std::optional<std::string> code{};
    wharf::has_many<Child> children{};
};
struct Child {
    std::int64_t id{};
    wharf::belongs_to<std::optional<Parent>> parent{};
};

struct Link {
    std::int64_t id{};
    wharf::belongs_to<std::optional<Link>> before{};
    wharf::has_many<Link> behind{};
};

constexpr auto wharf_mapping(wharf::type<Parent>) {
    return wharf::table<Parent>("parents", wharf::primary_key<&Parent::id>().generated(),
                                wharf::column<&Parent::code>().unique(), wharf::relation<&Parent::children>());
}
constexpr auto wharf_mapping(wharf::type<Child>) {
    return wharf::table<Child>("children", wharf::primary_key<&Child::id>().generated(),
                               wharf::relation<&Child::parent>());
}
constexpr auto wharf_mapping(wharf::type<Link>) {
    return wharf::table<Link>("links", wharf::primary_key<&Link::id>().generated(), wharf::relation<&Link::before>(),
                              wharf::relation<&Link::behind>());
}

using parents = std::vector<wharf::entity<Parent>>;

class session_cost : public testing::Test {
protected:
    static constexpr int few = 500;

    /// `work(session, n)` prepares, and says how many blocks the rest took.
    template <class Work>
    void expect_linear(Work work) {
        static_cast<void>(measure(work, few)); // the first time is more than the others
        const auto once = measure(work, few);
        const auto twice = measure(work, 2 * few);
        EXPECT_LT(twice, once * 5 / 2) << once << " blocks for " << few << ", " << twice << " for twice as many";
    }

    static parents add_parents(wharf::session& session, int count) {
        std::vector<Parent> values;
        for (int i = 0; i < count; ++i)
            values.push_back(Parent{.code = "code " + std::to_string(i)});
        return session.add_range(std::move(values));
    }
    static wharf::entity<Parent> add_family(wharf::session& session, int count) {
        auto parent = session.add(Parent{.code = "family"});
        for (int i = 0; i < count; ++i)
            session.add(Child{.parent = parent});
        session.commit();
        return parent;
    }
    static std::vector<wharf::entity<Child>> children_of(wharf::entity<Parent>& parent) {
        std::vector<wharf::entity<Child>> children;
        for (auto& child : parent->children)
            children.push_back(child);
        return children;
    }
    static wharf::entity<Link> chain_of(int count) {
        wharf::entity<Link> last(Link{});
        for (int i = 0; i < count; ++i)
            last = wharf::entity<Link>(Link{.before = last});
        return last;
    }

private:
    template <class Work>
    static std::uint64_t measure(Work work, int count) {
        const wharf::test::temporary_directory directory;
        wharf::engine engine("sqlite:///" + (directory.path() / "test.db").string());
        wharf::session session(engine);
        session.execute("CREATE TABLE parents (id INTEGER PRIMARY KEY, code text UNIQUE)");
        session.execute("CREATE TABLE children (id INTEGER PRIMARY KEY, parent_id integer REFERENCES parents(id))");
        session.commit();
        return work(session, count);
    }
};

using wharf::test::blocks_of;

TEST_F(session_cost, commit_of_as_many_removed_as_added) {
    expect_linear([](wharf::session& session, int count) {
        auto old = add_parents(session, count);
        session.commit();
        for (auto& parent : old)
            session.remove(parent);
        add_parents(session, count);
        return blocks_of([&] { session.commit(); });
    });
}

TEST_F(session_cost, commit_of_values_that_move_on_by_one) {
    expect_linear([](wharf::session& session, int count) {
        auto all = add_parents(session, count);
        session.commit();
        for (int i = 0; i < count; ++i)
            all[static_cast<std::size_t>(i)]->code = "code " + std::to_string((i + 1) % count);
        return blocks_of([&] { session.commit(); });
    });
}

TEST_F(session_cost, removing_many_and_adding_them_again) {
    expect_linear([](wharf::session& session, int count) {
        auto all = add_parents(session, count);
        session.commit();
        return blocks_of([&] {
            for (auto& parent : all)
                session.remove(parent);
            for (auto& parent : all)
                session.add(parent);
        });
    });
}

TEST_F(session_cost, adding_children) {
    expect_linear([](wharf::session& session, int count) {
        auto parent = session.add(Parent{});
        session.commit();
        return blocks_of([&] {
            for (int i = 0; i < count; ++i)
                parent->children.add(Child{});
            session.commit();
        });
    });
}

TEST_F(session_cost, removing_pending_objects_one_by_one) {
    expect_linear([](wharf::session& session, int count) {
        auto all = add_parents(session, count);
        return blocks_of([&] {
            for (auto& parent : all)
                session.remove(parent);
        });
    });
}

TEST_F(session_cost, rollback_of_pending_children_of_one_parent) {
    expect_linear([](wharf::session& session, int count) {
        auto parent = session.add(Parent{});
        session.commit();
        for (int i = 0; i < count; ++i)
            parent->children.add(Child{});
        return blocks_of([&] { session.rollback(); });
    });
}

TEST_F(session_cost, rollback_of_a_chain_of_new_objects) {
    expect_linear([](wharf::session& session, int count) {
        session.add(chain_of(count));
        return blocks_of([&] { session.rollback(); });
    });
}

TEST_F(session_cost, close_with_a_chain_of_new_objects) {
    expect_linear([](wharf::session& session, int count) {
        session.add(chain_of(count));
        return blocks_of([&] { session.close(); });
    });
}

TEST_F(session_cost, loading_a_collection_while_as_many_are_queued) {
    expect_linear([](wharf::session& session, int count) {
        const auto id = add_family(session, count)->id;
        session.close();
        auto parent = session.get_one<Parent>(id);
        for (int i = 0; i < count; ++i)
            parent->children.add(Child{});
        return blocks_of([&] { EXPECT_EQ(parent->children.size(), static_cast<std::size_t>(2 * count)); });
    });
}

TEST_F(session_cost, removing_from_a_collection) {
    expect_linear([](wharf::session& session, int count) {
        auto parent = add_family(session, count);
        auto children = children_of(parent);
        return blocks_of([&] {
            for (auto& child : children)
                parent->children.remove(child);
            session.commit();
        });
    });
}

TEST_F(session_cost, replacing_a_collection) {
    expect_linear([](wharf::session& session, int count) {
        auto parent = add_family(session, count);
        std::vector<wharf::entity<Child>> fresh;
        for (int i = 0; i < count; ++i)
            fresh.push_back(wharf::entity<Child>(Child{}));
        return blocks_of([&] {
            parent->children.replace(std::move(fresh));
            session.commit();
        });
    });
}

TEST_F(session_cost, looking_for_many_values) {
    expect_linear([](wharf::session& session, int count) {
        add_parents(session, count);
        session.commit();
        std::vector<std::string> codes;
        for (int i = 0; i < count; ++i)
            codes.push_back("code " + std::to_string(i));
        return blocks_of([&] {
            const auto found = session.select<Parent>().where(wharf::col<&Parent::code>.in(codes)).all();
            EXPECT_EQ(found.size(), codes.size());
        });
    });
}

TEST_F(session_cost, getting_many_one_by_one) {
    expect_linear([](wharf::session& session, int count) {
        add_parents(session, count);
        session.commit();
        session.close();
        return blocks_of([&] {
            for (int id = 1; id <= count; ++id)
                EXPECT_TRUE(session.get<Parent>(id));
        });
    });
}

TEST_F(session_cost, savepoint_around_each_of_many) {
    expect_linear([](wharf::session& session, int count) {
        return blocks_of([&] {
            for (int i = 0; i < count; ++i) {
                auto savepoint = session.savepoint();
                session.add(Parent{.code = "code " + std::to_string(i)});
                savepoint.commit();
            }
            session.commit();
        });
    });
}

TEST_F(session_cost, savepoint_rolled_back_behind_each_of_many) {
    expect_linear([](wharf::session& session, int count) {
        auto all = add_parents(session, count);
        session.commit();
        return blocks_of([&] {
            for (auto& parent : all) {
                auto savepoint = session.savepoint();
                session.remove(parent);
                session.flush();
                savepoint.rollback();
            }
            session.commit();
        });
    });
}

TEST_F(session_cost, refreshing_many_at_once) {
    expect_linear([](wharf::session& session, int count) {
        const auto all = add_parents(session, count);
        session.commit();
        return blocks_of([&] { session.refresh(all); });
    });
}

TEST_F(session_cost, expunging_many_children_of_one_parent) {
    expect_linear([](wharf::session& session, int count) {
        auto parent = add_family(session, count);
        auto children = children_of(parent);
        return blocks_of([&] {
            for (auto& child : children)
                session.expunge(child);
        });
    });
}

} // namespace cost_tests
