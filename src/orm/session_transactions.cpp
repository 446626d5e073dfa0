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

void require_level(const session_parts& parts, std::size_t level, std::uint64_t transaction) {
    if (transaction == parts.tx.number() && level < parts.tx.level_count()) return;
    throw usage_error(level == 0 ? "this transaction has ended" : "this savepoint has ended");
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
    undo_level(*this, *parts_, 0);
    parts_->tx.forget_failure(0);
    const ended_transaction ended(*parts_);
    if (!parts_->lent || !wrote || !parts_->lent.core().usable()) co_return;
    try {
        co_await parts_->lent.core().rollback();
    } catch (const connection_error&) {
        // The server rolls back by itself.
    }
}

std::size_t session_core::begin(const transaction_options& options) {
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
    return 0;
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

std::size_t session_core::savepoint() {
    parts_->require_usable();
    parts_->tx.open();
    if (parts_->lent) parts_->lent.core().savepoint();
    parts_->tx.push();
    remember_unwritten(*parts_);
    return parts_->tx.innermost();
}

io::op<void> session_core::commit_level(std::size_t level, std::uint64_t transaction) {
    require_level(*parts_, level, transaction);
    if (level == 0) {
        co_await commit();
        co_return;
    }
    const call_scope scope(*parts_);
    parts_->require_usable();
    co_await flush_all(*this, *parts_, then::nothing);
    if (parts_->lent) co_await parts_->lent.core().commit(level);
    while (parts_->tx.level_count() > level)
        parts_->tx.merge();
}

io::op<void> session_core::rollback_level(std::size_t level, std::uint64_t transaction) {
    require_level(*parts_, level, transaction);
    if (level == 0) {
        co_await rollback();
        co_return;
    }
    const call_scope scope(*parts_);
    abandon_level(level, transaction); // travels with the next statement
}

void session_core::abandon_level(std::size_t level, std::uint64_t transaction) noexcept {
    if (transaction != parts_->tx.number() || level >= parts_->tx.level_count()) return;
    undo_level(*this, *parts_, level);
    if (level == 0) {
        parts_->tx.forget_failure(0);
        const ended_transaction ended(*parts_);
        return;
    }
    if (parts_->lent) parts_->lent.core().abandon(level);
    parts_->tx.forget_failure(level);
}

std::uint64_t session_core::transaction() const noexcept {
    return parts_->tx.number();
}

bool session_core::in_transaction() const noexcept {
    return parts_->tx.is_open();
}

void session_core::close() noexcept {
    const ended_transaction ended(*parts_);
    undo_level(*this, *parts_, 0, undo_members::kept);
    parts_->tx.forget_failure(0);
    detach_all(*parts_);
    parts_->stale.clear();
    if (!parts_->link) return;
    const auto link = std::exchange(parts_->link, nullptr); // its streams give nothing more
    if (link->streaming) parts_->busy.store(false, std::memory_order_release);
    link->session = nullptr;
    link->parts = nullptr;
}

} // namespace wharf::orm
