// Loops over a has_many whose body changes it, here or by way of the session: they see the items of their beginning.
#include "models.hpp"

#include <functional>
#include <random>
#include <string>
#include <vector>

namespace wharf::testing {
namespace {

using models::Profile;
using models::User;
using ::testing::ElementsAre;

template <class Backend>
class has_many_loop : public models::session_test<Backend> {
protected:
    using user_handle = entity<User>;
    using profile_handle = entity<Profile>;
    struct change {
        const char* name;
        std::function<void(session&, user_handle, user_handle, profile_handle&)> make;
    };

    // Everything that changes a collection while a loop over it stands at an item.
    static std::vector<change> changes() {
        return {
            {"add", [](session&, user_handle one, user_handle,
                       profile_handle&) { one->profiles.add(Profile{.bio = "more"}); }},
            {"add of the other's",
             [](session&, user_handle one, user_handle other, profile_handle&) {
                 if (!other->profiles.empty()) one->profiles.add(other->profiles[0]);
             }},
            {"remove", [](session&, user_handle one, user_handle, profile_handle& at) { one->profiles.remove(at); }},
            {"remove of the first",
             [](session&, user_handle one, user_handle, profile_handle&) {
                 if (!one->profiles.empty()) one->profiles.remove(one->profiles[0]);
             }},
            {"clear", [](session&, user_handle one, user_handle, profile_handle&) { one->profiles.clear(); }},
            {"replace",
             [](session&, user_handle one, user_handle, profile_handle& at) {
                 one->profiles.replace({at, profile_handle(Profile{.bio = "instead"})});
             }},
            {"another parent", [](session&, user_handle, user_handle other, profile_handle& at) { at->user = other; }},
            {"another parent's add",
             [](session&, user_handle, user_handle other, profile_handle& at) { other->profiles.add(at); }},
            {"a new child's reference", [](session& s, user_handle one, user_handle,
                                           profile_handle&) { s.add(Profile{.user = one, .bio = "by reference"}); }},
            {"remove by the session",
             [](session& s, user_handle, user_handle, profile_handle& at) {
                 if (s.contains(at)) s.remove(at);
             }},
            {"remove and flush",
             [](session& s, user_handle, user_handle, profile_handle& at) {
                 if (s.contains(at)) s.remove(at);
                 s.flush();
             }},
            {"expunge",
             [](session& s, user_handle, user_handle, profile_handle& at) {
                 if (s.contains(at)) s.expunge(at);
             }},
            {"refresh of the owner",
             [](session& s, user_handle one, user_handle, profile_handle&) {
                 if (s.contains(one)) s.refresh(one);
             }},
            {"refresh of the item",
             [](session& s, user_handle, user_handle, profile_handle& at) {
                 if (s.contains(at)) s.refresh(at);
             }},
            {"expire", [](session& s, user_handle, user_handle, profile_handle&) { s.expire_all(); }},
            {"release", [](session& s, user_handle, user_handle, profile_handle&) { s.release_unused(); }},
            {"rollback", [](session& s, user_handle, user_handle, profile_handle&) { s.rollback(); }},
            {"commit", [](session& s, user_handle, user_handle, profile_handle&) { s.commit(); }},
            {"expunge of the owner",
             [](session& s, user_handle one, user_handle, profile_handle&) {
                 if (s.contains(one)) s.expunge(one);
             }},
            {"close", [](session& s, user_handle, user_handle, profile_handle&) { s.close(); }},
        };
    }

    std::int64_t add_user(const std::string& name) {
        auto adding = this->session();
        auto made = adding.add(User{.name = name});
        for (const char* bio : {"a", "b", "c", "d"})
            made->profiles.add(Profile{.bio = bio});
        adding.commit();
        return made->id;
    }
};
TYPED_TEST_SUITE(has_many_loop, wharf::test::backends);

TYPED_TEST(has_many_loop, whose_body_changes_it_sees_what_it_began_with) {
    for (const auto& made : this->changes()) {
        for (int nth = 0; nth != 4; ++nth) {
            SCOPED_TRACE(std::string(made.name) + " at item " + std::to_string(nth));
            const auto one_id = this->add_user("one");
            const auto other_id = this->add_user("other");
            auto session = this->session();
            auto one = session.template get_one<User>(one_id);
            auto other = session.template get_one<User>(other_id);
            std::vector<std::string> seen;
            int at = 0;
            try {
                for (auto& profile : one->profiles) {
                    if (at++ == nth) made.make(session, one, other, profile);
                    seen.push_back(profile.read()->bio);
                }
            } catch (const detached&) { // of an object that left its session while it was expired, or by the change
                continue;
            } catch (const database_error&) { // a child without its parent, at flush
                continue;
            }
            EXPECT_THAT(seen, ElementsAre("a", "b", "c", "d"));
        }
    }
}

TYPED_TEST(has_many_loop, over_a_row_that_is_in_no_session_is_the_same) {
    User row{.name = "plain", .profiles = {Profile{.bio = "a"}, Profile{.bio = "b"}}};
    std::vector<std::string> seen;
    for (const auto& profile : row.profiles) {
        seen.push_back(profile->bio);
        row.profiles.add(Profile{.bio = "more"});
        if (seen.size() == 1) row.profiles.remove(row.profiles[0]);
    }
    EXPECT_THAT(seen, ElementsAre("a", "b"));
    EXPECT_EQ(row.profiles.size(), 3U);
    for (const auto& profile : row.profiles) {
        row.profiles.clear();
        EXPECT_FALSE(profile->bio.empty());
    }
    EXPECT_TRUE(row.profiles.empty());
}

TYPED_TEST(has_many_loop, within_a_loop_removes_what_the_outer_one_goes_on_with) {
    const auto id = this->add_user("one");
    auto session = this->session();
    auto one = session.template get_one<User>(id);
    std::size_t outer_items = 0;
    std::vector<std::size_t> inner_items;
    for (auto& outer : one->profiles) {
        ++outer_items;
        std::size_t count = 0;
        for (auto& inner : one->profiles) {
            ++count;
            if (inner == outer) session.remove(inner);
        }
        session.flush();
        inner_items.push_back(count);
    }
    EXPECT_EQ(outer_items, 4U);
    EXPECT_THAT(inner_items, ElementsAre(4U, 3U, 2U, 1U));
    session.commit();
    EXPECT_EQ(this->count("profiles"), 0);
    EXPECT_TRUE(one->profiles.empty());
}

TYPED_TEST(has_many_loop, outlives_the_row) {
    User* row = new User{.name = "plain", .profiles = {Profile{.bio = "a"}, Profile{.bio = "b"}}};
    auto at = row->profiles.begin();
    const auto end = row->profiles.end();
    delete row;
    EXPECT_EQ((*at++)->bio, "a");
    EXPECT_EQ((*at)->bio, "b");
    EXPECT_EQ(++at, end);
}

TYPED_TEST(has_many_loop, that_assigns_to_its_handle_leaves_the_collection) {
    const auto id = this->add_user("one");
    auto session = this->session();
    auto one = session.template get_one<User>(id);
    const std::vector<wharf::entity<Profile>> before(one->profiles.begin(), one->profiles.end());
    for (auto& profile : one->profiles)
        profile = before.front();
    EXPECT_EQ(std::vector<wharf::entity<Profile>>(one->profiles.begin(), one->profiles.end()), before);
    EXPECT_FALSE(session.is_modified());
    for (auto& profile : one->profiles)
        profile->bio = "written";
    session.commit();
    EXPECT_EQ(this->count("profiles WHERE bio = 'written'"), static_cast<std::int64_t>(before.size()));
}

TYPED_TEST(has_many_loop, is_safe_whatever_happens_in_it) {
    const auto changes = this->changes();
    for (unsigned seed = 1; seed <= 60; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937 random(seed);
        const auto one_id = this->add_user("one");
        const auto other_id = this->add_user("other");
        auto session = this->session();
        auto one = session.template get_one<User>(one_id);
        auto other = session.template get_one<User>(other_id);
        const auto loop = [&](auto& self, int depth) -> void {
            std::size_t seen = 0;
            const auto expected = one->profiles.size();
            for (auto& profile : one->profiles) {
                ++seen;
                const auto& drawn = changes[random() % changes.size()];
                try {
                    drawn.make(session, one, other, profile);
                    if (depth != 0 && random() % 2 == 0) self(self, depth - 1);
                } catch (const error&) {
                    session.rollback();
                }
                EXPECT_TRUE(profile);
                if (seen > 8) break;
            }
            EXPECT_TRUE(seen == expected || seen > 8);
        };
        try {
            loop(loop, 2);
        } catch (const detached&) { // the owner left
        }
    }
}

} // namespace
} // namespace wharf::testing
