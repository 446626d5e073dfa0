// A class with one column of any type, checked as a whole at every UPDATE, and what is done with it: read, change,
// commit, change, commit - nothing is stale, and nothing dirty in between.
#pragma once

#include "support/backends.hpp"
#include "wharf/orm/session.hpp"
#include "wharf/row/codecs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace stored {

template <class T>
struct Holder {
    std::int64_t id{};
    T value{};
    std::int64_t other{};
};
template <class T>
constexpr auto wharf_mapping(wharf::type<Holder<T>>) {
    return wharf::table<Holder<T>>("holders", wharf::column<&Holder<T>::id>("id").primary_key(),
                                   wharf::column<&Holder<T>::value>("value"), wharf::column<&Holder<T>::other>("other"))
        .check_row();
}

template <class Backend>
class stored_values : public testing::Test {
protected:
    void run(const std::string& sql) {
        wharf::session session(*engine_);
        session.execute(wharf::raw_sql(sql));
        session.commit();
    }

    /// With a column of `type`: the value that `literal` makes is read, and replaced by one and two.
    template <class T>
    void goes_through(const std::string& type, const std::string& literal, const T& one, const T& two) {
        SCOPED_TRACE(type);
        engine_.emplace(backend_.url(), wharf::engine_options{.pool_size = 3}); // which knows no older table
        run("DROP TABLE IF EXISTS holders");
        run("CREATE TABLE holders (id bigint PRIMARY KEY, value " + type + ", other bigint NOT NULL)");
        run("INSERT INTO holders VALUES (1, " + literal + ", 0), (2, " + literal + ", 0)");
        change_one(one, two);
        change_all(one, two);
        change_what_others_change<T>();
    }

    Backend backend_{};
    std::optional<wharf::engine> engine_{std::in_place, backend_.url(), wharf::engine_options{.pool_size = 3}};

private:
    template <class T>
    void change_one(const T& one, const T& two) {
        wharf::session session(*engine_);
        auto read = session.get_one<Holder<T>>(1);
        read->other = 1;
        commit(session);
        read->value = one;
        commit(session);
        read->other = 2;
        commit(session);
        read->value = two;
        commit(session);
        auto added = session.add(Holder<T>{.id = 3, .value = one});
        commit(session);
        added->other = 1;
        commit(session);
        added->value = two;
        commit(session);
        // What the members hold is what is there.
        wharf::session other(*engine_);
        auto again = other.get_one<Holder<T>>(1);
        other.get_one<Holder<T>>(3)->other = 3;
        again->value = read->value;
        EXPECT_FALSE(other.is_modified(again));
        commit(other);
    }
    template <class T>
    void change_all(const T& one, const T& two) {
        wharf::session session(*engine_);
        auto all = session.select<Holder<T>>().all();
        for (auto& each : all)
            each->other += 10;
        commit(session);
        for (auto& each : all)
            each->value = one;
        commit(session);
        for (auto& each : all)
            each->value = two;
        commit(session);
        session.add_range(std::vector<Holder<T>>{Holder<T>{.id = 11, .value = one}, Holder<T>{.id = 12, .value = two}});
        commit(session);
        all = session.select<Holder<T>>().all();
        for (auto& each : all)
            each->other += 10;
        commit(session);
    }
    /// Of the rows that could not be written those that others have changed are named.
    template <class T>
    void change_what_others_change() {
        wharf::session session(*engine_);
        auto all = session.select<Holder<T>>().order_by(wharf::col<&Holder<T>::id>).all();
        session.commit();
        for (auto& each : all)
            each->other += 10;
        run("UPDATE holders SET other = -1 WHERE id IN (2, 11)");
        try {
            session.commit();
            FAIL() << "what others have written is lost";
        } catch (const wharf::stale_data& lost) {
            EXPECT_THAT(lost.template objects<Holder<T>>(), testing::UnorderedElementsAre(all[1], all[3]));
            EXPECT_EQ(lost.columns().size(), 2U);
        }
        session.rollback();
    }
    static void commit(wharf::session& session) {
        EXPECT_NO_THROW(session.commit());
        EXPECT_FALSE(session.is_modified());
    }
};

} // namespace stored
