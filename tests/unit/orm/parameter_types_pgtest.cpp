// Parameters take the column's own type: in writes, by key, in lists, in relation loads and in typed queries.
#include "support/backends.hpp"
#include "wharf/orm/session.hpp"
#include "wharf/row/codecs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace typed {

enum class mood { sad, happy };

struct Visit;
struct Person {
    std::string name{}; // citext
    mood feels{};
    std::string address{"::1"};
    std::string extra{"{}"};
    std::string stays{"1 day"};
    wharf::has_many<Visit> visits{};
};
struct Visit {
    std::string id{}; // uuid
    wharf::belongs_to<Person> person{};
};
/// Keys that the server spells otherwise than they were sent.
struct Country {
    std::string code{}; // char(3)
    std::string title{};
};
struct Rate {
    wharf::decimal percent{}; // numeric(5,2)
    std::string title{};
};

} // namespace typed

template <>
struct wharf::codec<typed::mood> : wharf::enum_codec<typed::mood, "sad", "happy"> {};

namespace typed {

constexpr auto wharf_mapping(wharf::type<Person>) {
    return wharf::table<Person>("persons", wharf::primary_key<&Person::name>(),
                                wharf::columns<&Person::feels, &Person::address, &Person::extra, &Person::stays>(),
                                wharf::relation<&Person::visits>());
}
constexpr auto wharf_mapping(wharf::type<Visit>) {
    return wharf::table<Visit>("visits", wharf::primary_key<&Visit::id>(),
                               wharf::relation<&Visit::person>().column("person_name"));
}
constexpr auto wharf_mapping(wharf::type<Country>) {
    return wharf::table<Country>("countries", wharf::primary_key<&Country::code>(), wharf::columns<&Country::title>());
}
constexpr auto wharf_mapping(wharf::type<Rate>) {
    return wharf::table<Rate>("rates", wharf::primary_key<&Rate::percent>(), wharf::columns<&Rate::title>());
}

using wharf::col;

class parameter_types : public testing::Test {
protected:
    parameter_types() {
        wharf::session session(engine_);
        for (const auto* sql :
             {"CREATE EXTENSION citext", "CREATE TYPE mood AS ENUM ('sad', 'happy')",
              "CREATE TABLE persons (name citext PRIMARY KEY, feels mood NOT NULL, address inet NOT NULL, extra jsonb "
              "NOT "
              "NULL, stays interval NOT NULL)",
              "CREATE TABLE visits (id uuid PRIMARY KEY, person_name citext NOT NULL REFERENCES persons)",
              "CREATE TABLE countries (code char(3) PRIMARY KEY, title text NOT NULL)",
              "CREATE TABLE rates (percent numeric(5,2) PRIMARY KEY, title text NOT NULL)"})
            session.execute(wharf::raw_sql(sql));
        session.commit();
    }

    wharf::test::database database_{};
    wharf::engine engine_{database_.url(), {.pool_size = 2}};
};

std::string visit_id(int last) {
    return "00000000-0000-0000-0000-00000000000" + std::to_string(last);
}

TEST_F(parameter_types, rows_of_such_columns_are_written_one_by_one_and_together) {
    wharf::session session(engine_);
    auto bob = session.add(Person{.name = "Bob", .feels = mood::happy});
    session.commit();
    auto ann = session.add(Person{.name = "Ann", .address = "10.0.0.1", .extra = R"({"a": [1]})"});
    auto eve = session.add(Person{.name = "Eve", .stays = "1 mon"});
    for (int i = 1; i < 4; ++i)
        session.add(Visit{.id = visit_id(i), .person = i < 3 ? bob : ann});
    session.commit();
    ann->feels = mood::happy;
    eve->feels = mood::happy;
    ann->address = "10.0.0.2";
    eve->address = "10.0.0.3";
    session.commit();
    bob->stays = "2 days";
    session.commit();
    EXPECT_EQ(session.query_sql<std::int64_t>("SELECT count(*) FROM persons WHERE feels = 'happy'").one(), 3);
    session.remove(ann->visits[0]);
    for (auto& visit : bob->visits)
        session.remove(visit);
    session.commit();
    EXPECT_EQ(session.query_sql<std::int64_t>("SELECT count(*) FROM visits").one(), 0);
}

TEST_F(parameter_types, rows_are_found_by_key_in_lists_by_relation_and_in_queries) {
    {
        wharf::session session(engine_);
        auto bob = session.add(Person{.name = "Bob", .feels = mood::happy, .address = "10.0.0.1"});
        auto ann = session.add(Person{.name = "Ann"});
        session.add(Visit{.id = visit_id(1), .person = bob});
        session.add(Visit{.id = visit_id(2), .person = ann});
        session.commit();
    }
    wharf::session session(engine_);
    EXPECT_EQ(session.get_one<Visit>(visit_id(1))->person->name, "Bob");
    EXPECT_EQ(session.select<Visit>().where(col<&Visit::id>.in(visit_id(1), visit_id(2))).count(), 2);
    EXPECT_EQ(session.select<Visit>().where(col<&Visit::id> == visit_id(2)).one()->person->name, "Ann");
    EXPECT_EQ(session.select<Person>().where(col<&Person::feels> == mood::happy).one()->visits.size(), 1U);
    EXPECT_EQ(session.select<Person>().where(col<&Person::address> == "10.0.0.1").one()->name, "Bob");
    wharf::session peers(engine_);
    for (const auto& person : peers.select<const Person>().all())
        EXPECT_EQ(person->visits.size(), 1U);
    for (const auto& visit : peers.select<const Visit>().all())
        EXPECT_TRUE(visit->person.get());
}

TEST_F(parameter_types, row_is_one_object_however_its_key_is_spelled) {
    wharf::session session(engine_);
    auto bob = session.add(Person{.name = "Bob"});
    auto country = session.add(Country{.code = "D", .title = "Germany"});
    auto rate = session.add(Rate{.percent = wharf::decimal(19), .title = "full"});
    session.commit();
    EXPECT_EQ(country->code, "D  ");
    EXPECT_EQ(to_string(rate->percent), "19.00");
    EXPECT_EQ(session.get<Person>("BOB"), bob);
    EXPECT_EQ(session.get<Country>("D"), country);
    EXPECT_EQ(session.get<Rate>(wharf::decimal(19)), rate);
    country->title = "changed";
    rate->title = "changed";
    bob->feels = mood::happy;
    session.commit();
    session.remove(country);
    session.remove(rate);
    session.commit();
    EXPECT_FALSE(session.get<Country>("D"));
}

TEST_F(parameter_types, reference_that_spells_the_key_otherwise_is_resolved) {
    wharf::session session(engine_);
    session.add(Person{.name = "Bob"});
    session.add(Person{.name = "Ann"});
    session.commit();
    session.execute("INSERT INTO visits VALUES ($1, 'BOB'), ($2, 'bob'), ($3, 'Ann')", visit_id(1), visit_id(2),
                    visit_id(3));
    session.commit();
    for (auto& visit : session.select<Visit>().order_by(col<&Visit::id>).all())
        EXPECT_EQ(visit->person->name, visit->id == visit_id(3) ? "Ann" : "Bob");
    wharf::session other(engine_);
    for (const auto& person : other.select<const Person>().all())
        EXPECT_EQ(person->visits.size(), person->name == "Bob" ? 2U : 1U);
}

} // namespace typed
