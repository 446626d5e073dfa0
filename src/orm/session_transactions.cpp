// The session's transactions and savepoints.
#include "orm/flush_plan.hpp"
#include "wharf/orm/errors.hpp"

#include <algorithm>
#include <utility>

namespace wharf::orm {
namespace {

/// Whatever happens, the transaction has ended.
class ended_transaction {
public:
    explicit ended_transaction(session_parts& of) noexcept : parts_(of) {}
    ended_transaction(const ended_transaction&) = delete;
    ended_transaction& operator=(const ended_transaction&) = delete;
    ~ended_transaction() {
        parts_.release_connection();
        end_strict(parts_);
        parts_.tx.end();
    }

private:
    session_parts& parts_;
};

[[nodiscard]] bool is_open(const session_parts& parts, opened_level which) noexcept {
    return which.transaction == parts.tx.number() && which.level < parts.tx.level_count();
}

/// All levels end, and with them what has failed.
void undo_all(session_parts& parts, undo_members members) noexcept {
    if (parts.half_told.committed)
        let_go_of_half_told(parts);
    else
        undo_level(parts.session, parts, 0, members);
    parts.half_told = {};
    parts.tx.forget_failure(0);
}

void require_open(session_parts& parts, opened_level which) {
    const brief_scope scope(parts);
    if (is_open(parts, which)) return;
    throw usage_error(which.level == 0 ? "this transaction has ended" : "this savepoint has ended");
}

} // namespace

io::op<void> session_core::flush() {
    const call_scope scope(*parts_);
    parts_->require_usable();
    co_await flush_all(*this, *parts_, then::nothing);
}

io::op<void> session_core::commit() {
    const call_scope scope(*parts_);
    parts_->require_usable();
    co_await flush_all(*this, *parts_, then::commit);
}

io::op<void> session_core::rollback() {
    const call_scope scope(*parts_);
    const bool wrote = parts_->tx.wrote;
    undo_all(*parts_, undo_members::restored);
    const ended_transaction ended(*parts_);
    if (!parts_->lent || !wrote || !parts_->lent.core().usable()) co_return;
    try {
        co_await parts_->lent.core().rollback();
    } catch (const connection_error&) {
        // The server rolls back by itself.
    }
}

opened_level session_core::begin(const transaction_options& options) {
    const call_scope scope(*parts_);
    auto& tx = parts_->tx;
    parts_->require_usable();
    if (tx.level_count() == 1 && !tx.begun && !tx.wrote) {
        // What was only read before ends here, without a trip.
        parts_->release_connection();
        end_strict(*parts_);
        tx.next();
    }
    if (tx.is_open()) {
        throw usage_error("a transaction is already open in this session; commit or roll back first, or use "
                          "savepoint() to nest");
    }
    tx.options = options;
    parts_->prepare_for_reads();
    tx.begun = true;
    tx.open();
    return {0, tx.number()};
}

void session_core::begin_try() {
    const call_scope scope(*parts_);
    parts_->require_usable();
    if (parts_->tx.wrote) {
        throw usage_error("a transaction that may be repeated cannot begin inside one that has written: commit or roll "
                          "back first");
    }
    if (has_changes(*parts_, {}, true)) {
        throw usage_error("a transaction that may be repeated begins without changes that were not written, which a "
                          "rollback between two tries would lose: commit them first, or make them inside");
    }
    expire_for_write(*parts_);
}

opened_level session_core::savepoint() {
    const call_scope scope(*parts_);
    parts_->require_usable();
    parts_->tx.open();
    if (parts_->lent) parts_->lent.core().savepoint();
    parts_->tx.push();
    remember_unwritten(*parts_);
    return {parts_->tx.innermost(), parts_->tx.number()};
}

io::op<void> session_core::commit_level(opened_level which) {
    require_open(*parts_, which);
    if (which.level == 0) {
        co_await commit();
        co_return;
    }
    const call_scope scope(*parts_);
    parts_->require_usable();
    co_await flush_all(*this, *parts_, then::nothing);
    if (parts_->lent) co_await parts_->lent.core().commit(which.level);
    while (parts_->tx.level_count() > which.level)
        parts_->tx.merge();
}

io::op<void> session_core::rollback_level(opened_level which) {
    require_open(*parts_, which);
    if (which.level == 0) {
        co_await rollback();
        co_return;
    }
    const call_scope scope(*parts_);
    abandon_now(*parts_, which); // travels with the next statement
}

void session_core::abandon_level(opened_level which) noexcept {
    auto before = call_gate::state::free;
    if (parts_->gate.try_enter(before)) {
        abandon_now(*parts_, which);
        return leave_call(*parts_, before);
    }
    parts_->abandoned = which; // a call is under way: when it has ended
    parts_->gate.ask(call_gate::wish::abandon);
    do_what_was_asked(*parts_);
}

void abandon_now(session_parts& parts, opened_level which) noexcept {
    if (!is_open(parts, which)) return;
    if (which.level == 0) {
        undo_all(parts, undo_members::restored);
        const ended_transaction ended(parts);
        return;
    }
    undo_level(parts.session, parts, which.level);
    if (parts.lent) parts.lent.core().abandon(which.level);
    parts.tx.forget_failure(which.level);
}

bool session_core::in_transaction() const {
    const brief_scope scope(*parts_);
    return parts_->tx.is_open();
}

void session_core::close() {
    if (parts_->access == lazy_access::throws) return ask_to(call_gate::wish::close);
    call_scope scope(*parts_, true);
    scope.leave_as(call_gate::state::free);
    close_now(*parts_);
}

void session_core::end() noexcept {
    ask_to(call_gate::wish::end);
}

void session_core::ask_to(call_gate_wish what) noexcept {
    parts_->gate.ask(what);
    auto before = call_gate::state::free;
    if (parts_->gate.try_enter(before)) return leave_call(*parts_, before);
    parts_->stop.request_stop(); // the call that waits ends with `cancelled`
    do_what_was_asked(*parts_);
}

void close_now(session_parts& parts) noexcept {
    const ended_transaction ended(parts);
    undo_all(parts, undo_members::kept);
    detach_all(parts);
    parts.stale.clear();
    if (parts.stop.stop_requested()) parts.stop = std::stop_source();
    if (!parts.link) return;
    const auto link = std::exchange(parts.link, nullptr); // its streams give nothing more
    link->session = nullptr;
    link->parts = nullptr;
}

} // namespace wharf::orm
