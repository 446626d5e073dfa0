// A connection borrowed from a pool.
//
//   auto conn = pool.acquire();
//   for (auto& [id, name] : conn.query<std::int64_t, std::string>("SELECT id, name FROM users WHERE id > $1", 5)) ...
//   auto changed = conn.execute("UPDATE users SET name = $1 WHERE id = $2", "Bob", 7).rows;
//
// In async pools the calls are awaited; their arguments are copied or encoded before they return.
#pragma once

#include "wharf/connection/statement.hpp"
#include "wharf/connection/transaction_options.hpp"
#include "wharf/pool/bulk.hpp"
#include "wharf/pool/canceller.hpp"
#include "wharf/pool/copy_reader.hpp"
#include "wharf/pool/copy_writer.hpp"
#include "wharf/pool/pipeline.hpp"
#include "wharf/pool/statements.hpp"
#include "wharf/pool/stream.hpp"
#include "wharf/pool/transaction.hpp"

#include <concepts>
#include <memory>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wharf {

/// Move-only; gives the connection back when destroyed, without waiting. After that its members throw usage_error. Used
/// by one thread or coroutine at a time: a second one at once gets concurrent_use. It may outlive the pool.
template <class Mode>
class basic_connection {
public:
    template <class T>
    using result = typename Mode::template result<T>;

    /// As after release().
    basic_connection() noexcept = default;
    explicit basic_connection(lease lent) noexcept : lease_(std::move(lent)) {}

    /// Runs a statement and reads its rows: one type gives that type, several give tuples, a plain struct is matched by
    /// the names of its members, by_position<Struct> by their order. Placeholders are $1, $2, ... on both backends;
    /// text that is no constant is given as raw_sql(text). call_options may follow the arguments. Throws the server's
    /// error, conversion_error, connection_lost, timed_out, cancelled.
    template <class... T, class... Arguments>
        requires(sizeof...(T) > 0)
    [[nodiscard]] result<rows<T...>> query(statement_for<Arguments...> sql, const Arguments&... arguments) {
        auto call = detail::encode_call(arguments...);
        return Mode::run(lease_.context(),
                         detail::query_rows<T...>(lease_.use(), std::string(sql.text()), std::move(call.values)),
                         call.options);
    }

    /// Runs a statement and gives its rows as they come, also as views into the connection's memory; sends nothing
    /// before the first read. stream_options and call_options may follow the arguments; the deadline is that of each
    /// read. A view lasts until the next read; errors are those of query(), thrown by the reads.
    template <class... T, class... Arguments>
        requires(sizeof...(T) > 0)
    basic_row_stream<Mode, T...> stream(statement_for<Arguments...> sql, const Arguments&... arguments) {
        auto call = detail::encode_stream_call(arguments...);
        return {lease_.context(),
                detail::make_row_source(lease_.use(), std::string(sql.text()), std::move(call.values), call.stream),
                call.options};
    }

    /// The same with a callback for each row: callback(row), or callback(a, b, ...) for several types. It is called on
    /// the thread that reads; its exception ends the statement and is thrown here. The deadline is that of the whole.
    template <class... T, class Callback, class... Arguments>
        requires(sizeof...(T) > 0)
    result<void> for_each(statement_for<Arguments...> sql, Callback callback, const Arguments&... arguments) {
        auto call = detail::encode_stream_call(arguments...);
        auto at = std::make_shared<detail::typed_position<T...>>();
        at->source =
            detail::make_row_source(lease_.use(), std::string(sql.text()), std::move(call.values), call.stream);
        return Mode::run(lease_.context(), detail::for_each_row(std::move(at), std::move(callback)), call.options);
    }

    /// Runs a statement whose rows, if any, are not wanted. Arguments and errors as in query().
    template <class... Arguments>
    result<affected> execute(statement_for<Arguments...> sql, const Arguments&... arguments) {
        auto call = detail::encode_call(arguments...);
        return Mode::run(lease_.context(),
                         detail::execute_statement(lease_.use(), std::string(sql.text()), std::move(call.values)),
                         call.options);
    }

    // Many rows. An lvalue range is referred to and outlives the call. All or nothing: what does not fit into one write
    // runs in a transaction of its own, unless one is open. The error says which element it was, counted from 0.

    /// Runs a statement once for each row, whose values are its parameters: a tuple, a struct by position, or a single
    /// value. Pipelined, thousands of rows in one round trip. Returns the affected rows of all.
    template <std::ranges::input_range Rows>
        requires writable_row<std::ranges::range_value_t<Rows>>
    result<affected> execute_many(detail::statement_for_row<std::ranges::range_value_t<Rows>> sql, Rows&& rows,
                                  const call_options& options = {}) {
        using row = std::ranges::range_value_t<Rows>;
        return run_many(detail::bulk_plan(std::string(sql.text()), row_cells<row>::types, false),
                        std::forward<Rows>(rows), options);
    }
    /// Inserts structs into the columns that are called as their members. On PostgreSQL the rows travel as one array
    /// for each column, the fastest way short of COPY.
    template <std::ranges::input_range Rows>
        requires writable_row<std::ranges::range_value_t<Rows>>
    result<affected> insert_many(std::string_view table, Rows&& rows, const call_options& options = {}) {
        using row = std::ranges::range_value_t<Rows>;
        static_assert(!row_cells<row>::names.empty(),
                      "wharf: these rows are no structs: insert_many(table, {\"column\", ...}, rows)");
        return insert_many(table, column_list(row_cells<row>::names), std::forward<Rows>(rows), options);
    }
    /// The same, by position into these columns.
    template <std::ranges::input_range Rows>
        requires writable_row<std::ranges::range_value_t<Rows>>
    result<affected> insert_many(std::string_view table, column_list columns, Rows&& rows,
                                 const call_options& options = {}) {
        using row = std::ranges::range_value_t<Rows>;
        return run_many(
            detail::plan_insert(core().underlying().kind(), table, columns.names(), row_cells<row>::types, {}),
            std::forward<Rows>(rows), options);
    }
    /// The same; returns these columns of the new rows in the order of the rows, which generated keys are read from.
    template <class... T, std::ranges::input_range Rows>
        requires(sizeof...(T) > 0 && writable_row<std::ranges::range_value_t<Rows>>)
    result<std::vector<row_of<T...>>> insert_many_returning(std::string_view table, column_list columns, Rows&& rows,
                                                            column_list returning, const call_options& options = {}) {
        using row = std::ranges::range_value_t<Rows>;
        auto all = std::views::all(std::forward<Rows>(rows));
        auto plan = detail::plan_insert(core().underlying().kind(), table, columns.names(), row_cells<row>::types,
                                        returning.names());
        return Mode::run(lease_.context(),
                         detail::run_bulk_returning<decltype(all), T...>(lease_.use(), std::move(plan), std::move(all)),
                         options);
    }

    /// Runs the statements of a text one after the other, separated by semicolons and without placeholders, up to the
    /// first error, which is thrown. PostgreSQL undoes the others with it, unless the text has transactions of its own.
    result<std::vector<script_result>> script(std::string_view text, const script_options& options = {},
                                              const call_options& call = {}) {
        return Mode::run(lease_.context(), detail::run_script(lease_.use(), std::string(text), options), call);
    }

    /// Runs a pipeline in one round trip, one more when some of its statements are new. Throws the first error of a
    /// statement once all have been run; the others' results stay readable.
    result<void> run(const pipeline& statements, const call_options& options = {}) {
        return Mode::run(lease_.context(), detail::run_pipeline(lease_.use(), statements.state(), true), options);
    }
    /// The same without throwing errors of statements: each is to be asked for its own.
    result<void> try_run(const pipeline& statements, const call_options& options = {}) {
        return Mode::run(lease_.context(), detail::run_pipeline(lease_.use(), statements.state(), false), options);
    }

    /// Opens a transaction; sends nothing yet. Throws usage_error when one is open.
    basic_transaction<Mode> begin(const transaction_options& options = {}) {
        auto& core = lease_.core();
        auto& context = lease_.context();
        auto link = lease_.link();
        const auto level = core.begin(options);
        return {std::move(link), context, {level, core.serial(level)}};
    }

    // COPY: the fastest way for many rows. Text that passes through is not looked at. PostgreSQL only, else
    // usage_error.

    /// Copies rows into a table, in binary: structs by the names of their members, tuples into all columns in their
    /// order. An lvalue is referred to and outlives the call. Returns the rows that the server counts; on any error
    /// nothing has been copied. Throws conversion_error, which names the column, for a value that does not fit it; what
    /// the range throws; the server's error.
    template <std::ranges::input_range Rows>
        requires writable_row<std::ranges::range_value_t<Rows>>
    result<affected> copy_in(std::string_view table, Rows&& rows, const call_options& options = {},
                             copy_progress* progress = nullptr) {
        using row = std::ranges::range_value_t<Rows>;
        return copy_in(table, column_list(row_cells<row>::names), std::forward<Rows>(rows), options, progress);
    }
    /// The same, by position into these columns.
    template <std::ranges::input_range Rows>
        requires writable_row<std::ranges::range_value_t<Rows>>
    result<affected> copy_in(std::string_view table, column_list columns, Rows&& rows, const call_options& options = {},
                             copy_progress* progress = nullptr) {
        using row = std::ranges::range_value_t<Rows>;
        auto all = std::views::all(std::forward<Rows>(rows));
        return Mode::run(lease_.context(),
                         detail::copy_rows_in<row, decltype(all)>(lease_.use(), lease_.link(),
                                                                  copy_request::rows_into(table, columns.names()),
                                                                  std::move(all), progress),
                         options);
    }
    /// Begins a COPY whose rows are written one by one.
    template <writable_row Row>
    [[nodiscard]] result<basic_copy_writer<Mode, Row>> open_copy_in(std::string_view table, column_list columns = {},
                                                                    const call_options& options = {}) {
        const auto names = columns.names().empty() ? row_cells<Row>::names : columns.names();
        return Mode::run(lease_.context(),
                         detail::open_writer<basic_copy_writer<Mode, Row>>(
                             lease_.use(), lease_.link(), lease_.context(), copy_request::rows_into(table, names),
                             row_cells<Row>::types),
                         options);
    }
    /// COPY ... FROM STDIN of text or CSV. `source`: a string, a range of strings, or a function that returns the next
    /// piece and an empty one at the end. open_copy_in_text gives a writer of pieces instead.
    template <class Source>
    result<affected> copy_in_text(std::string_view sql, Source&& source, const call_options& options = {},
                                  copy_progress* progress = nullptr) {
        auto pieces = detail::as_text_source(std::forward<Source>(source));
        return Mode::run(lease_.context(),
                         detail::copy_text_in(lease_.use(), lease_.link(),
                                              copy_request::text(copy_request::direction::in, sql), std::move(pieces),
                                              progress),
                         options);
    }
    [[nodiscard]] result<basic_text_copy_writer<Mode>> open_copy_in_text(std::string_view sql,
                                                                         const call_options& options = {}) {
        return Mode::run(
            lease_.context(),
            detail::open_writer<basic_text_copy_writer<Mode>>(lease_.use(), lease_.link(), lease_.context(),
                                                              copy_request::text(copy_request::direction::in, sql), {}),
            options);
    }
    /// Copies rows out, in binary: of a query without parameters, or of a table where `source` is a single word. Types
    /// as for query(), and views (std::string_view) too, valid until the next row. Sends nothing yet.
    template <class... T>
        requires(sizeof...(T) > 0)
    [[nodiscard]] basic_copy_reader<Mode, T...> copy_out(std::string_view source, copy_progress* progress = nullptr) {
        return {lease_.context(), lease_.link(), copy_request::rows_from(source, detail::names_read<T...>()), progress};
    }
    /// COPY ... TO STDOUT of text or CSV: sink(std::string_view) gets what comes, piece by piece. What it throws ends
    /// the COPY.
    template <std::invocable<std::string_view> Sink>
    result<affected> copy_out_text(std::string_view sql, Sink sink, const call_options& options = {},
                                   copy_progress* progress = nullptr) {
        return Mode::run(lease_.context(),
                         detail::copy_text_out(lease_.use(), lease_.link(),
                                               copy_request::text(copy_request::direction::out, sql), std::move(sink),
                                               progress),
                         options);
    }

    /// Sends a notification: at the commit, where a transaction is open. The server refuses a channel's name of more
    /// than 63 bytes and a payload of 8000 or more. PostgreSQL only, else usage_error.
    result<void> notify(std::string_view channel, std::string_view payload, const call_options& options = {}) {
        return Mode::run(lease_.context(),
                         detail::send_notification(lease_.use(), std::string(channel), std::string(payload)), options);
    }

    /// A handle to stop this connection's statement from elsewhere, made while none runs. It has no effect any more
    /// once the connection has been given back.
    [[nodiscard]] basic_canceller<Mode> canceller() { return {lease_.core().canceller(), lease_.context()}; }
    /// Watches the connection until it is given back; null ends it. Not while a statement runs. The observer outlives
    /// that.
    void observe(statement_observer* observer) { lease_.core().observe(observer); }

    /// Gives the connection back now. Does nothing when that has been done.
    void release() noexcept { lease_.release(); }
    explicit operator bool() const noexcept { return static_cast<bool>(lease_); }
    /// What sessions and extensions work through; throws usage_error after release.
    [[nodiscard]] connection_core& core() const { return lease_.core(); }

private:
    template <class Rows>
    result<affected> run_many(detail::bulk_plan plan, Rows&& rows, const call_options& options) {
        auto all = std::views::all(std::forward<Rows>(rows));
        return Mode::run(lease_.context(),
                         detail::run_bulk<decltype(all)>(lease_.use(), std::move(plan), std::move(all)), options);
    }

    lease lease_{};
};

} // namespace wharf
