// Trying a transaction again that failed for reasons which pass: serialization failures, deadlocks, lost connections.
//
//   wharf::run_transaction(session, [&](wharf::session& s) { ... }, {.attempts = 5});
//
// The session is rolled back between tries, so that its objects hold again what they held before, and every try reads
// afresh: get(), queries and write access do not take what an earlier try or transaction has read. It refuses to begin
// with changes that were not written, or inside a transaction that has written.
#pragma once

#include "wharf/orm/session.hpp"

#include <type_traits>

namespace wharf {

namespace orm {
/// How long to wait before the try that follows try number `tried` (from 1): doubled each time, up to a second, with
/// jitter, so that those who collided do not meet again.
[[nodiscard]] duration backoff(const retry_options& options, int tried);
void sleep_for(duration span);
[[nodiscard]] io::op<void> sleep(duration span);
} // namespace orm

/// Calls work(session) and commits, up to `attempts` times. Errors that do not pass, and the last one, are thrown;
/// exceptions of other kinds roll back and go on to the caller.
template <class Work>
auto run_transaction(session& in, Work&& work, const retry_options& options = {}) {
    for (int tried = 1;; ++tried) {
        in.core().begin_try();
        try {
            if constexpr (std::is_void_v<decltype(orm::call_work(in, work))>) {
                orm::call_work(in, work);
                in.commit();
                return;
            } else {
                auto made = orm::call_work(in, work);
                in.commit();
                return made;
            }
        } catch (const error& failed) {
            in.rollback();
            if (!failed.is_transient() || tried >= options.attempts) throw;
        } catch (...) {
            in.rollback();
            throw;
        }
        orm::sleep_for(orm::backoff(options, tried));
    }
}

} // namespace wharf
