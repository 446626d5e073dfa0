// Typed queries: session.select<User>().where(col<&User::age> >= 18).order_by(col<&User::name>).limit(20).all()
//
// A query is a value: every step returns a new one and leaves the old one as it was, so that one base serves a count
// and a page. It does nothing until all(), first(), one(), one_or_none(), count() or exists(), which in an async
// session are awaited. It must not outlive its session.
#pragma once

#include "wharf/io/call_options.hpp"
#include "wharf/orm/col.hpp"
#include "wharf/orm/entity.hpp"
#include "wharf/orm/query_state.hpp"
#include "wharf/orm/run_as.hpp"

#include <concepts>
#include <cstdint>
#include <utility>
#include <vector>

namespace wharf {

template <class Mode, class Row>
class basic_query;

/// A query for objects. With `entity<const T>` what it returns is only read: reading never makes the session look for
/// changes.
template <class Mode, class T>
class [[nodiscard(
    "a query does nothing until all(), first(), one(), count() or exists()")]] basic_query<Mode, entity<T>> {
    template <class Value>
    using result = typename Mode::template result<Value>;

public:
    explicit basic_query(orm::session_core& session) : session_(&session), state_(describe<T>()) {}

    /// Rows of which this, and what was asked before, is true.
    basic_query where(const predicate& condition) const {
        return with([&](orm::query_state& next) { next.where(condition); });
    }
    /// Not there: two plain values were compared instead of a column with a value.
    template <std::same_as<bool> Bool>
    basic_query where(Bool) const {
        static_assert(sizeof(Bool) == 0,
                      "wharf: where(bool) is deleted: two plain values were compared, and no column; "
                      "write where(col<&User::id> == id), or where(wharf::always()) for all rows");
        return *this;
    }

    /// By these columns, ascending unless .desc(); after those that were given before.
    template <class... By>
    basic_query order_by(const By&... by) const {
        return with([&](orm::query_state& next) { (add_order(next, by), ...); });
    }
    basic_query limit(std::int64_t rows) const {
        return with([&](orm::query_state& next) { next.limit(rows); });
    }
    basic_query offset(std::int64_t rows) const {
        return with([&](orm::query_state& next) { next.offset(rows); });
    }
    /// Locks the rows until the transaction ends, and reads the values of objects that are there again. On SQLite a
    /// transaction that begins with it takes the write lock of the database; rows have none there.
    basic_query for_update() const {
        return with([](orm::query_state& next) { next.lock(sql::row_lock::update); });
    }
    basic_query for_share() const {
        return with([](orm::query_state& next) { next.lock(sql::row_lock::share); });
    }
    /// Leaves out rows that another transaction has locked.
    basic_query skip_locked() const {
        return with([](orm::query_state& next) { next.skip_locked(); });
    }
    /// Overwrites objects that are in the session already with what the database holds.
    basic_query populate_existing() const {
        return with([](orm::query_state& next) { next.populate_existing(); });
    }

    [[nodiscard]] result<std::vector<entity<T>>> all(const call_options& options = {}) const {
        return orm::run_as<Mode>(*session_, state_.select(*session_), options, &to_handles);
    }
    /// The first row, or an empty handle.
    [[nodiscard]] result<entity<T>> first(const call_options& options = {}) const {
        return orm::run_as<Mode>(
            *session_, state_.select(*session_, 1), options,
            +[](std::vector<orm::entity_base>&& rows) { return entity<T>(orm::first_of(std::move(rows))); });
    }
    /// The only row. Throws no_result, multiple_results.
    [[nodiscard]] result<entity<T>> one(const call_options& options = {}) const {
        return orm::run_as<Mode>(
            *session_, state_.select(*session_, 2), options,
            +[](std::vector<orm::entity_base>&& rows) { return entity<T>(orm::expect_one(std::move(rows))); });
    }
    /// The only row, or an empty handle. Throws multiple_results.
    [[nodiscard]] result<entity<T>> one_or_none(const call_options& options = {}) const {
        return orm::run_as<Mode>(
            *session_, state_.select(*session_, 2), options,
            +[](std::vector<orm::entity_base>&& rows) { return entity<T>(orm::expect_at_most_one(std::move(rows))); });
    }
    /// How many rows all() would return.
    [[nodiscard]] result<std::int64_t> count(const call_options& options = {}) const {
        return orm::run_as<Mode>(*session_, state_.count(*session_), options, &orm::read_count);
    }
    [[nodiscard]] result<bool> exists(const call_options& options = {}) const {
        return orm::run_as<Mode>(*session_, state_.exists(*session_), options, &orm::read_exists);
    }

    /// The SQL that all() would send, for logs and tests.
    [[nodiscard]] std::string text() const { return state_.render(session_->kind()).text; }

private:
    template <class Step>
    basic_query with(const Step& step) const {
        auto next = *this;
        step(next.state_);
        return next;
    }

    template <class By>
    static void add_order(orm::query_state& next, const By& by) {
        if constexpr (std::same_as<By, ordering>) {
            next.order_by(by.by(), by.descending());
        } else {
            static_assert(orm::column_like<By>, "wharf: order_by() takes columns: col<&User::name>, or with .desc()");
            if constexpr (orm::column_like<By>) next.order_by(by.node(), false);
        }
    }

    static std::vector<entity<T>> to_handles(std::vector<orm::entity_base>&& rows) {
        std::vector<entity<T>> handles;
        handles.reserve(rows.size());
        for (auto& row : rows)
            handles.emplace_back(std::move(row));
        return handles;
    }

    orm::session_core* session_;
    orm::query_state state_;
};

} // namespace wharf
