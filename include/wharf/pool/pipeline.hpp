// Several statements in one round trip.
//
//   wharf::pipeline batch;
//   auto id = batch.query<std::int64_t>("INSERT INTO users(name) VALUES ($1) RETURNING id", "Ann");
//   batch.sync();                                   what follows does not care whether the INSERT has failed
//   auto changed = batch.execute("UPDATE counters SET n = n + 1");
//   conn.run(batch);
//   use(id.rows().one(), changed.affected());
//
// Statements between two sync points are one unit: they succeed together or not at all (outside a transaction they are
// one). The error of one means that those behind it in its unit are not run, and those in front of it undone. An error
// of the commit at the end of a unit is that of all its statements.
#pragma once

#include "wharf/connection/statement.hpp"
#include "wharf/pool/statements.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>

namespace wharf {

namespace detail {
class pipeline_state;
[[nodiscard]] io::op<void> run_pipeline(lease_use on, std::shared_ptr<pipeline_state> statements, bool throws);
} // namespace detail

/// What became of one statement of a pipeline. Members throw usage_error before the pipeline was run, and the
/// statement's error; one that was not run, or was undone, has a transaction_aborted that says which statement failed,
/// and why.
class pipelined_statement {
public:
    [[nodiscard]] std::uint64_t affected() const;
    /// Null: it has succeeded.
    [[nodiscard]] std::exception_ptr error() const;
    /// Not run, because of the error of another statement.
    [[nodiscard]] bool skipped() const;

protected:
    friend class pipeline;
    pipelined_statement(std::shared_ptr<detail::pipeline_state> in, std::size_t index) noexcept;
    [[nodiscard]] const result& found() const;

private:
    std::shared_ptr<detail::pipeline_state> in_; // shared with the pipeline
    std::size_t index_;
};

/// The same with the rows it yields.
template <class... T>
class pipelined : public pipelined_statement {
public:
    [[nodiscard]] wharf::rows<T...> rows() const { return wharf::rows<T...>(found()); }

private:
    friend class pipeline;
    using pipelined_statement::pipelined_statement;
};

/// Statements to be run together: see basic_connection::run. May be run more than once.
class pipeline {
public:
    pipeline();

    /// Adds a statement with its values, which are encoded at once; rows as in basic_connection::query.
    template <class... T, class... Arguments>
        requires(sizeof...(T) > 0)
    [[nodiscard]] pipelined<T...> query(statement_for<Arguments...> sql, const Arguments&... arguments) {
        parameters values;
        (encode_parameter(values, arguments), ...);
        return {state_, add(sql.text(), std::move(values), true)};
    }
    template <class... Arguments>
    pipelined_statement execute(statement_for<Arguments...> sql, const Arguments&... arguments) {
        parameters values;
        (encode_parameter(values, arguments), ...);
        return {state_, add(sql.text(), std::move(values), false)};
    }
    /// Ends a unit. In a transaction, or when the pipeline begins one, an error still fails all that follows.
    pipeline& sync();

    [[nodiscard]] std::size_t size() const noexcept;
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }
    /// For connections.
    [[nodiscard]] const std::shared_ptr<detail::pipeline_state>& state() const noexcept { return state_; }

private:
    std::size_t add(std::string_view sql, parameters values, bool wants_rows);

    std::shared_ptr<detail::pipeline_state> state_; // shared with its statements and the op that runs them
};

} // namespace wharf
