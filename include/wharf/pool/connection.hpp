// A connection borrowed from a pool.
//
//   auto conn = pool.acquire();
//   for (auto& [id, name] : conn.query<std::int64_t, std::string>("SELECT id, name FROM users WHERE id > $1", 5)) ...
//   auto changed = conn.execute("UPDATE users SET name = $1 WHERE id = $2", "Bob", 7).rows;
//
// In async pools the calls are awaited; their arguments are copied or encoded before they return.
#pragma once

#include "wharf/connection/transaction_options.hpp"
#include "wharf/pool/statements.hpp"
#include "wharf/pool/transaction.hpp"

#include <string>
#include <string_view>
#include <utility>

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
    /// the names of its members. Placeholders are $1, $2, ... on both backends; call_options may follow the arguments.
    /// Throws the server's error, conversion_error, connection_lost, timed_out, cancelled.
    template <class... T, class... Arguments>
        requires(sizeof...(T) > 0)
    [[nodiscard]] result<rows<T...>> query(std::string_view sql, const Arguments&... arguments) {
        auto call = detail::encode_call(arguments...);
        return Mode::run(lease_.context(),
                         detail::query_rows<T...>(lease_.use(), std::string(sql), std::move(call.values)),
                         call.options);
    }

    /// Runs a statement whose rows, if any, are not wanted.
    template <class... Arguments>
    result<affected> execute(std::string_view sql, const Arguments&... arguments) {
        auto call = detail::encode_call(arguments...);
        return Mode::run(lease_.context(),
                         detail::execute_statement(lease_.use(), std::string(sql), std::move(call.values)),
                         call.options);
    }

    /// Opens a transaction; sends nothing yet. Throws usage_error when one is open.
    basic_transaction<Mode> begin(const transaction_options& options = {}) {
        auto& core = lease_.core();
        auto& context = lease_.context();
        auto link = lease_.link();
        const auto level = core.begin(options);
        return {std::move(link), context, {level, core.serial(level)}};
    }

    /// Gives the connection back now. Does nothing when that has been done.
    void release() noexcept { lease_.release(); }
    explicit operator bool() const noexcept { return static_cast<bool>(lease_); }
    /// What sessions and extensions work through; throws usage_error after release.
    [[nodiscard]] connection_core& core() const { return lease_.core(); }

private:
    lease lease_{};
};

} // namespace wharf
