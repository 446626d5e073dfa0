// Stopping the statement of a leased connection from another thread or coroutine.
//
//   auto stop = conn.canceller();
//   std::jthread watchdog([stop]() mutable { if (asked_to_stop()) stop.request(); });
//   conn.execute("REFRESH MATERIALIZED VIEW totals");          throws query_canceled when it was stopped
#pragma once

#include "wharf/connection/statement_canceller.hpp"
#include "wharf/io/background.hpp"
#include "wharf/io/call_options.hpp"

#include <memory>
#include <utility>

namespace wharf {

/// Copies stop the same connection. Any thread. Used while the pool lives.
template <class Mode>
class basic_canceller {
public:
    template <class T>
    using result = typename Mode::template result<T>;

    basic_canceller(std::shared_ptr<statement_canceller> work, io::background& context) noexcept
        : work_(std::move(work)), context_(&context) {}

    /// See statement_canceller::request(). The connection stays usable; its next statement waits until this has
    /// arrived.
    result<bool> request(const call_options& options = {}) const {
        return Mode::run(*context_, work_->request(), options);
    }

private:
    std::shared_ptr<statement_canceller> work_; // shared with its copies
    io::background* context_;
};

} // namespace wharf
