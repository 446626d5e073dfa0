// The ops behind a leased connection's members, shared by its blocking and async faces.
#pragma once

#include "wharf/connection/affected.hpp"
#include "wharf/io/call_options.hpp"
#include "wharf/io/waits.hpp"
#include "wharf/pool/lease.hpp"
#include "wharf/row/codecs.hpp"
#include "wharf/row/encode.hpp"
#include "wharf/row/rows.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace wharf::detail {

/// The arguments of a call, encoded, and its options where the last argument is those.
struct statement_call {
    parameters values{};
    call_options options{};
};

template <class Argument>
void add_argument(statement_call& out, const Argument& argument) {
    if constexpr (std::is_same_v<Argument, call_options>) {
        out.options = argument;
    } else {
        encode_parameter(out.values, argument);
    }
}

template <class... Arguments>
[[nodiscard]] statement_call encode_call(const Arguments&... arguments) {
    static_assert((std::size_t{std::is_same_v<Arguments, call_options>} + ... + 0) <= 1,
                  "wharf: a statement takes call_options once, behind its parameters");
    statement_call out;
    (add_argument(out, arguments), ...);
    return out;
}

/// A level of transactions of a leased connection: 0 is the transaction, the others are savepoints.
struct transaction_level {
    std::size_t level{0};
    std::uint64_t serial{0};
};

[[nodiscard]] io::op<result> run_statement(lease_use on, std::string sql, parameters values);
[[nodiscard]] io::op<affected> execute_statement(lease_use on, std::string sql, parameters values);
/// Throws usage_error on SQLite, which has no channels.
[[nodiscard]] io::op<void> send_notification(lease_use on, std::string channel, std::string payload);
[[nodiscard]] io::op<std::vector<script_result>> run_script(lease_use on, std::string text, script_options options);
/// Throw usage_error when the level has ended.
[[nodiscard]] io::op<void> commit_level(lease_use on, transaction_level which);
[[nodiscard]] io::op<void> roll_back_level(lease_use on, transaction_level which);
/// Does nothing when the lease or the level has ended.
void abandon_level(const lease_link& on, transaction_level which) noexcept;
/// Throws usage_error unless `outer` is open and innermost.
[[nodiscard]] transaction_level open_savepoint(const lease_link& on, transaction_level outer);

template <class... T>
[[nodiscard]] io::op<rows<T...>> query_rows(lease_use on, std::string sql, parameters values) {
    const auto found = co_await run_statement(std::move(on), std::move(sql), std::move(values));
    rows_reading<T...> reading(found);
    while (reading.read(io::rows_between_yields))
        co_await io::give_turn();
    co_return reading.take();
}

} // namespace wharf::detail
