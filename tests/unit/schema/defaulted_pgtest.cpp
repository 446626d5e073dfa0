// defaulted<T>: columns that the server fills in where the row does not say.
#include "support/backends.hpp"
#include "wharf/orm/session.hpp"
#include "wharf/schema/create_tables.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>

namespace accounts {

struct account {
    std::int64_t id{};
    std::string name{};
    wharf::defaulted<bool> active{};
    wharf::defaulted<std::int32_t> credit{};
    wharf::defaulted<std::string> note{};
    std::int32_t plain{5};
};
constexpr auto wharf_mapping(wharf::type<account>) {
    return wharf::table<account>("accounts", wharf::primary_key<&account::id>().generated(),
                                 wharf::column<&account::name>(),
                                 wharf::column<&account::active>().server_default("true").not_null(),
                                 wharf::column<&account::credit>().server_default("100"),
                                 wharf::column<&account::note>().server_default("'none yet'"),
                                 wharf::column<&account::plain>().server_default("7"));
}

/// The same with a key that nobody generates.
struct code {
    std::string id{};
    wharf::defaulted<std::int32_t> uses{};
    std::int64_t version{};
};
constexpr auto wharf_mapping(wharf::type<code>) {
    return wharf::table<code>("codes", wharf::primary_key<&code::id>(),
                              wharf::column<&code::uses>().server_default("3"),
                              wharf::column<&code::version>().version());
}

} // namespace accounts

namespace wharf::testing {
namespace {

using accounts::account;
using accounts::code;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

template <class Backend>
class defaulted_column : public ::testing::Test {
protected:
    defaulted_column() { create_tables<account, code>(engine_); }
    /// As text, `-` for NULL.
    std::string stored(const std::string& name) {
        session other{engine_};
        return other
            .query_sql<std::string>("SELECT CASE WHEN active THEN 'on' ELSE 'off' END || ' ' || "
                                    "coalesce(CAST(credit AS text), '-') || ' ' || coalesce(note, '-') || ' ' || "
                                    "CAST(plain AS text) FROM accounts WHERE name = $1",
                                    name)
            .one();
    }

    Backend backend_{};
    engine engine_{backend_.url()};
};
TYPED_TEST_SUITE(defaulted_column, test::backends);

TYPED_TEST(defaulted_column, that_is_unset_comes_back_from_the_server) {
    session session{this->engine_};
    auto made = session.add(account{.name = "a"});
    EXPECT_TRUE(made.read()->active.is_unset() && made.read()->note.is_unset());
    session.commit();
    EXPECT_EQ(made.read()->active, true);
    EXPECT_EQ(made.read()->credit, 100);
    EXPECT_EQ(made.read()->note, "none yet");
    EXPECT_EQ(this->stored("a"), "on 100 none yet 5");
    EXPECT_FALSE(session.is_modified());
}

TYPED_TEST(defaulted_column, that_is_false_or_0_or_null_is_stored) {
    session session{this->engine_};
    session.add(account{.name = "a", .active = false, .credit = 0, .note = nullptr, .plain = 0});
    session.add(account{.name = "b", .active = true, .credit = std::nullopt, .note = ""});
    session.add(account{.name = "c", .credit = std::optional<std::int32_t>(), .note = std::optional<std::string>("x")});
    session.commit();
    EXPECT_EQ(this->stored("a"), "off 0 - 0");
    EXPECT_EQ(this->stored("b"), "on -  5");
    EXPECT_EQ(this->stored("c"), "on - x 5");
}

TYPED_TEST(defaulted_column, is_changed_to_anything_but_unset) {
    session session{this->engine_};
    auto made = session.add(account{.name = "a"});
    session.commit();
    made->active = false;
    made->credit = nullptr;
    *made->note = "changed";
    session.commit();
    EXPECT_EQ(this->stored("a"), "off - changed 5");
    made->note.reset();
    EXPECT_THAT([&] { session.commit(); },
                ThrowsMessage<usage_error>(HasSubstr("column accounts.note of row 1 was made unset; only an INSERT")));
    session.rollback();
    EXPECT_EQ(made.read()->note, "changed");
    *made = account{.id = made->id, .name = "b"};
    EXPECT_THROW(session.commit(), usage_error);
    session.rollback();
    EXPECT_EQ(this->stored("a"), "off - changed 5");
}

TYPED_TEST(defaulted_column, is_unset_again_after_a_rollback) {
    session session{this->engine_};
    auto made = session.add(account{.name = "a", .credit = nullptr});
    session.flush();
    EXPECT_EQ(made.read()->active, true);
    session.rollback();
    EXPECT_TRUE(made.read()->active.is_unset());
    EXPECT_TRUE(made.read()->note.is_unset());
    EXPECT_TRUE(made.read()->credit.is_null());
    session.add(made);
    session.commit();
    EXPECT_EQ(this->stored("a"), "on - none yet 5");
}

TYPED_TEST(defaulted_column, is_read_and_compared) {
    session session{this->engine_};
    session.add(account{.name = "a", .active = false, .note = nullptr});
    session.add(account{.name = "b"});
    session.commit();
    const auto found = session.select<const account>().where(col<&account::active> == false).all();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_TRUE(found[0]->note.is_null());
    EXPECT_EQ(session.select<account>().where(col<&account::note> == std::nullopt).count(), 1);
    EXPECT_EQ(session.select<account>().where(col<&account::credit> >= 100).count(), 2);
    EXPECT_EQ(session.select<account>().where(col<&account::note> == found[0]->note).count(), 1);
    session.execute("UPDATE accounts SET credit = $1, note = $2 WHERE name = 'a'", defaulted<std::int32_t>(3),
                    defaulted<std::string>());
    EXPECT_EQ(session.query_sql<std::int32_t>("SELECT credit FROM accounts WHERE name = 'a'").one(), 3);
}

TYPED_TEST(defaulted_column, of_a_row_that_is_added_again_is_the_default) {
    session session{this->engine_};
    auto first = session.add(code{.id = "x", .uses = 9});
    session.commit();
    session.remove(first);
    auto second = session.add(code{.id = "x"});
    session.commit();
    EXPECT_EQ(second.read()->uses, 3);
    EXPECT_EQ(session.query_sql<std::int32_t>("SELECT uses FROM codes").one(), 3);
    session.remove(second);
    session.add(code{.id = "x", .uses = 0});
    session.commit();
    EXPECT_EQ(session.query_sql<std::int32_t>("SELECT uses FROM codes").one(), 0);
}

TYPED_TEST(defaulted_column, that_must_not_be_null_is_refused_by_the_server) {
    session session{this->engine_};
    session.add(account{.name = "a", .active = nullptr});
    EXPECT_THROW(session.commit(), not_null_violation);
}

TYPED_TEST(defaulted_column, in_many_rows_of_every_kind_is_what_each_row_said) {
    session session{this->engine_};
    for (int i = 0; i != 60; ++i) {
        account made{.name = std::to_string(i)};
        if (i % 2 == 1) made.active = i % 4 == 1;
        if (i % 3 == 1) made.credit = i;
        if (i % 3 == 2) made.credit = nullptr;
        if (i % 5 == 1) made.note = nullptr;
        if (i % 5 == 2) made.note = std::to_string(i);
        session.add(std::move(made));
    }
    session.commit();
    for (int i = 0; i != 60; ++i) {
        const std::string active = i % 4 == 3 ? "off" : "on";
        const std::string credit = i % 3 == 0 ? "100" : i % 3 == 1 ? std::to_string(i) : "-";
        const std::string note = i % 5 == 1 ? "-" : i % 5 == 2 ? std::to_string(i) : "none yet";
        EXPECT_EQ(this->stored(std::to_string(i)), active + " " + credit + " " + note + " 5");
    }
}

} // namespace
} // namespace wharf::testing
