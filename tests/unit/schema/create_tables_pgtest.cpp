// Tables made from mappings, on both backends.
#include "support/backends.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/orm/session.hpp"
#include "wharf/row/uuid.hpp"
#include "wharf/schema/create_tables.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace circle {

struct employee;
struct team {
    std::int64_t id{};
    std::string name{};
    wharf::belongs_to<std::optional<employee>> lead{};
    wharf::has_many<employee> members{};
};
struct employee {
    std::int64_t id{};
    std::string name{};
    wharf::belongs_to<team> team_{};
};
constexpr auto wharf_mapping(wharf::type<team>) {
    return wharf::table<team>("teams", wharf::primary_key<&team::id>().generated(),
                              wharf::column<&team::name>().unique(), wharf::relation<&team::lead>(),
                              wharf::relation<&team::members>());
}
constexpr auto wharf_mapping(wharf::type<employee>) {
    return wharf::table<employee>("employees", wharf::primary_key<&employee::id>().generated(),
                                  wharf::column<&employee::name>().indexed(),
                                  wharf::relation<&employee::team_>().column("team_id"));
}

struct every_type {
    std::int32_t id{};
    bool flag{};
    std::int16_t small{};
    std::int64_t big{};
    float single{};
    double number{};
    std::string text{};
    std::vector<std::byte> bytes{};
    wharf::uuid key{};
    std::chrono::sys_time<std::chrono::microseconds> instant{};
    std::chrono::sys_days day{};
    std::vector<float> floats{};
    std::vector<std::int64_t> integers{};
    std::vector<std::string> texts{};
    std::optional<double> maybe{};
    std::string state{"new"};
};
constexpr auto wharf_mapping(wharf::type<every_type>) {
    using t = every_type;
    return wharf::table<t>(
        "every_type", wharf::primary_key<&t::id>(),
        wharf::columns<&t::flag, &t::small, &t::big, &t::single, &t::number, &t::text, &t::bytes, &t::key, &t::instant,
                       &t::day, &t::floats, &t::integers, &t::texts, &t::maybe>(),
        wharf::column<&t::state>().server_default("'made by the server'"));
}

// Two tables whose indexes would have one name.
struct long_table {
    std::int64_t id{};
    std::string code{};
};
struct long_column {
    std::int64_t id{};
    std::string code{};
};
constexpr auto wharf_mapping(wharf::type<long_table>) {
    return wharf::table<long_table>("stock_item", wharf::primary_key<&long_table::id>(),
                                    wharf::column<&long_table::code>("code").indexed());
}
constexpr auto wharf_mapping(wharf::type<long_column>) {
    return wharf::table<long_column>("stock", wharf::primary_key<&long_column::id>(),
                                     wharf::column<&long_column::code>("item_code").indexed());
}

} // namespace circle

namespace wharf::testing {
namespace {

using circle::employee;
using circle::every_type;
using circle::team;

template <class Backend>
class create : public ::testing::Test {
protected:
    Backend backend_{};
    engine engine_{backend_.url()};
};
TYPED_TEST_SUITE(create, test::backends);

TYPED_TEST(create, a_circle_of_tables_can_be_used_and_is_checked) {
    create_tables<team, employee>(this->engine_);
    session session(this->engine_);
    auto red = session.add(team{.name = "red"});
    auto ann = session.add(employee{.name = "Ann", .team_ = red});
    session.commit();
    red->lead = ann;
    session.commit();
    EXPECT_THROW(session.execute("UPDATE employees SET team_id = 77"), foreign_key_violation);
    session.rollback();
    EXPECT_THROW(session.execute("UPDATE teams SET lead_id = 77"), foreign_key_violation);
    session.rollback();
    EXPECT_THROW(session.execute("INSERT INTO teams(name) VALUES ('red')"), unique_violation);
    session.rollback();
    EXPECT_THROW(session.execute("UPDATE employees SET name = NULL"), not_null_violation);
}

TYPED_TEST(create, what_is_there_stays) {
    create_tables<team, employee>(this->engine_.pool());
    {
        session session(this->engine_);
        session.add(team{.name = "red"});
        session.commit();
    }
    create_tables<employee, team>(this->engine_);
    session session(this->engine_);
    EXPECT_EQ(session.select<team>().count(), 1);
}

TYPED_TEST(create, every_type_comes_back_as_it_went) {
    create_tables<every_type>(this->engine_);
    every_type value{.id = 1, .flag = true, .small = -3, .big = std::int64_t{1} << 60, .single = 1.5F, .number = 0.1};
    value.text = "täxt";
    value.bytes = {std::byte{0}, std::byte{255}};
    value.key = uuid::parse("6f1ed002-ab5c-4b8f-9c44-1d5f0e7d6d11").value();
    value.instant = std::chrono::sys_days(std::chrono::year(2024) / 2 / 29) + std::chrono::microseconds(1);
    value.day = std::chrono::sys_days(std::chrono::year(1969) / 7 / 20);
    value.floats = {0.25F, -1.0F};
    value.integers = {1, -2};
    value.texts = {"a", "", "b\"c"};
    {
        session session(this->engine_);
        session.add(every_type(value));
        session.commit();
    }
    session session(this->engine_);
    const auto found = session.get_one<const every_type>(1);
    EXPECT_EQ(found->flag, value.flag);
    EXPECT_EQ(found->small, value.small);
    EXPECT_EQ(found->big, value.big);
    EXPECT_EQ(found->single, value.single);
    EXPECT_EQ(found->number, value.number);
    EXPECT_EQ(found->text, value.text);
    EXPECT_EQ(found->bytes, value.bytes);
    EXPECT_EQ(found->key, value.key);
    EXPECT_EQ(found->instant, value.instant);
    EXPECT_EQ(found->day, value.day);
    EXPECT_EQ(found->floats, value.floats);
    EXPECT_EQ(found->integers, value.integers);
    EXPECT_EQ(found->texts, value.texts);
    EXPECT_EQ(found->maybe, value.maybe);
    EXPECT_EQ(found->state, "new");
}

TYPED_TEST(create, a_failure_leaves_nothing) {
    session session(this->engine_);
    session.execute("CREATE VIEW teams AS SELECT 1 AS other");
    session.commit();
    EXPECT_THROW((create_tables<employee, team>(this->engine_)), database_error);
    EXPECT_THROW(session.execute("SELECT * FROM employees"), undefined_table);
}

TYPED_TEST(create, indexes_whose_names_would_meet_are_both_made) {
    create_tables<circle::long_table, circle::long_column>(this->engine_);
    auto conn = this->engine_.pool().acquire();
    const auto* const count = TypeParam::is_postgres
                                  ? "SELECT count(*) FROM pg_indexes WHERE tablename IN ('stock', 'stock_item') AND "
                                    "indexname LIKE 'stock_item_code_idx%'"
                                  : "SELECT count(DISTINCT tbl_name) FROM sqlite_schema WHERE type = 'index' AND name "
                                    "LIKE 'stock_item_code_idx%'";
    EXPECT_EQ(conn.template query<std::int64_t>(raw_sql(count)).one(), 2);
    create_tables<circle::long_column, circle::long_table>(this->engine_);
}

TYPED_TEST(create, an_index_whose_name_is_taken_is_refused_by_name) {
    create_tables<circle::long_table>(this->engine_);
    try {
        create_tables<circle::long_column>(this->engine_);
        FAIL();
    } catch (const configuration_error& error) {
        EXPECT_THAT(error.what(), ::testing::HasSubstr("the index \"stock_item_code_idx\" of table stock was not"));
    }
    session session(this->engine_);
    EXPECT_THROW(session.execute("SELECT * FROM stock"), undefined_table) << "nothing is left";
}

TYPED_TEST(create, several_at_once_do_not_disturb_each_other) {
    std::vector<std::jthread> threads;
    for (int i = 0; i != 4; ++i)
        threads.emplace_back([this] { create_tables<team, employee, every_type>(this->engine_); });
    threads.clear();
    session session(this->engine_);
    EXPECT_EQ(session.select<employee>().count(), 0);
}

} // namespace
} // namespace wharf::testing
