// The session's transactions and savepoints.
#include "orm/session_parts.hpp"
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
        parts_.begin_with = {};
        parts_.begun = false;
        parts_.wrote = false;
        ++parts_.transaction;
    }

private:
    session_parts& parts_;
};

void require_level(const session_parts& parts, std::size_t level, std::uint64_t transaction) {
    if (transaction == parts.transaction && level < parts.levels.size()) return;
    throw usage_error(level == 0 ? "this transaction has ended" : "this savepoint has ended");
}

/// What a savepoint did becomes part of the level around it.
void merge_level(session_parts& parts) {
    auto inner = std::move(parts.levels.back());
    const auto ended = parts.levels.size() - 1;
    parts.levels.pop_back();
    auto& outer = parts.level();
    std::move(inner.inserted.begin(), inner.inserted.end(), std::back_inserter(outer.inserted));
    std::move(inner.deleted.begin(), inner.deleted.end(), std::back_inserter(outer.deleted));
    const auto around = static_cast<std::uint32_t>(ended - 1);
    const auto lower = [around](object_state& object) { object.added_level = std::min(object.added_level, around); };
    for (const auto& record : outer.inserted)
        lower(*record.object.state());
    for (const auto& object : parts.added)
        lower(*object.state());
    for (const auto& object : parts.removed)
        lower(*object.state());
    for (auto* const object : parts.watched) {
        auto& saved = object->watch->saved;
        if (saved.empty() || saved.back().level != ended) continue;
        const bool outer_has_one = saved.size() > 1 && saved[saved.size() - 2].level >= ended - 1;
        if (outer_has_one) {
            saved.pop_back();
        } else {
            saved.back().level = ended - 1;
            saved.back().members = saved.back().baseline;
        }
    }
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
    undo_level(*parts_, 0);
    parts_->failure = nullptr;
    const ended_transaction ended(*parts_);
    if (!parts_->lent || !parts_->wrote || !parts_->lent.core().usable()) co_return;
    try {
        co_await parts_->lent.core().rollback();
    } catch (const connection_error&) {
        // The server rolls back by itself.
    }
}

std::size_t session_core::begin(const transaction_options& options) {
    parts_->require_usable();
    if (parts_->levels.size() == 1 && !parts_->begun && !parts_->wrote) {
        // What was only read before ends here, without a trip.
        const ended_transaction ended(*parts_);
        parts_->levels.clear();
    }
    if (!parts_->levels.empty()) {
        throw usage_error("a transaction is already open in this session; commit or roll back first, or use "
                          "savepoint() to nest");
    }
    parts_->begin_with = options;
    parts_->begun = true;
    parts_->levels.emplace_back();
    return 0;
}

std::size_t session_core::savepoint() {
    parts_->require_usable();
    if (parts_->levels.empty()) parts_->levels.emplace_back();
    if (parts_->lent) parts_->lent.core().savepoint();
    parts_->levels.emplace_back();
    save_before_level(*parts_);
    return parts_->levels.size() - 1;
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
    while (parts_->levels.size() > level)
        merge_level(*parts_);
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
    if (transaction != parts_->transaction || level >= parts_->levels.size()) return;
    undo_level(*parts_, level);
    if (level == 0) {
        parts_->failure = nullptr;
        const ended_transaction ended(*parts_);
        return;
    }
    if (parts_->lent) parts_->lent.core().abandon(level);
    forget_failure(*parts_, level);
}

std::uint64_t session_core::transaction() const noexcept {
    return parts_->transaction;
}

bool session_core::in_transaction() const noexcept {
    return !parts_->levels.empty();
}

void session_core::close() noexcept {
    const ended_transaction ended(*parts_);
    parts_->failure = nullptr;
    detach_all(*parts_);
    if (!parts_->link) return;
    const auto link = std::exchange(parts_->link, nullptr); // its streams give nothing more
    if (link->streaming) parts_->busy.store(false, std::memory_order_release);
    link->session = nullptr;
    link->parts = nullptr;
}

} // namespace wharf::orm
