// Another driver for a lease whose connection turns out not to be rid of its last borrower.
#include "pool/messages.hpp"
#include "pool/pool_state.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/waits.hpp"

#include <utility>

namespace wharf::detail {

io::op<void> pool_slot::replace_driver(std::exception_ptr why) {
    return pool_state::replace_driver(shared_from_this(), std::move(why));
}

// What the borrower himself has left on the old one, or has in his hands, cannot be replaced.
io::op<void> pool_state::replace_driver(std::shared_ptr<pool_slot> slot, std::exception_ptr why) {
    const auto pool = slot->pool_if_any.lock();
    auto& old = slot->core.underlying();
    const bool unused = old.counters().statements == slot->statements_when_lent && !slot->core.gave_canceller();
    if (!pool || !unused) std::rethrow_exception(why);
    old.terminate(); // so that the server has no more of them than the limit

    auto& running = co_await io::this_task();
    const io::deadline_scope limit(running, deadline_after(pool->now(), pool->options_.connect_timeout));
    const auto began = pool->now();
    auto opened = co_await pool->database_->connect();
    if (pool->options_.cancellation) opened->when_given_up(*pool->options_.cancellation);
    const auto moment = pool->now();
    const guard locked(pool->mutex_);
    if (pool->closed_ || slot->place != slot_place::lent) std::rethrow_exception(why);
    pool->watched_.erase(slot->watched_as);
    opened = slot->core.exchange_driver(std::move(opened));
    slot->statements_when_lent = slot->core.underlying().counters().statements;
    slot->looked_at = moment;
    slot->hung_up = false;
    static_cast<void>(pool->watch(*slot));
    ++pool->counts_.opened;
    ++pool->counts_.closed.broken;
    pool->counts_.connect_time += moment - began;
}

} // namespace wharf::detail
