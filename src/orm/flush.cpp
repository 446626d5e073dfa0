// Flushing: plan, write, tell the objects. When writing fails, the level that is open is rolled back, the objects stay
// as they were, and the session waits for rollback().
#include "orm/flush_plan.hpp"
#include "wharf/orm/errors.hpp"

namespace wharf::orm {
namespace {

/// Undoes on the connection what a failed or abandoned flush may have left there.
class write_guard {
public:
    explicit write_guard(session_parts& of) noexcept : parts_(&of) {}
    write_guard(const write_guard&) = delete;
    write_guard& operator=(const write_guard&) = delete;
    ~write_guard() {
        if (parts_ == nullptr || !parts_->has_failed()) return;
        if (parts_->failed_level == 0) {
            parts_->release_connection(); // the pool rolls back
        } else if (parts_->lent) {
            parts_->lent.core().abandon(parts_->failed_level);
        }
    }
    void succeeded() noexcept { parts_ = nullptr; }

private:
    session_parts* parts_;
};

void end_transaction(session_parts& parts) {
    for (auto* const object : parts.watched)
        object->watch->saved.clear();
    for (auto& of : parts.levels) {
        for (const auto& object : of.deleted) {
            if (object.state()->status == object_status::deleted) make_detached(parts, *object.state());
        }
    }
    parts.levels.clear();
    parts.release_connection();
    parts.begin_with = {};
    parts.begun = false;
    parts.wrote = false;
    ++parts.transaction;
    if (!parts.options.expire_on_commit) return;
    parts.map.for_each([](object_state& object) { object.traps |= object_state::trap_read; });
}

/// A transaction that only read needs no COMMIT, except where only the COMMIT says whether what it read was consistent.
bool needs_commit(const session_parts& parts) {
    return parts.lent && (parts.wrote || parts.begin_with.isolation == isolation::serializable);
}

/// What the objects refer to comes into the session with them.
void take_in_strays(session_core& session, object_state& object) {
    for (std::size_t i = 0; i < object.type->relations.size(); ++i) {
        if (object.type->relations[i].kind != relation_kind::belongs_to) continue;
        auto* const target = reference_at(object, i).target().state();
        if (target != nullptr && target->session == nullptr) session.add(*target);
    }
}

void take_in_strays(session_core& session, session_parts& parts) {
    for (std::size_t i = 0; i < parts.added.size(); ++i) // grows on the way
        take_in_strays(session, *parts.added[i].state());
    for (std::size_t i = 0; i < parts.watched.size(); ++i)
        take_in_strays(session, *parts.watched[i]);
}

io::op<void> write_and_apply(session_core& session, session_parts& parts, then afterwards) {
    take_in_strays(session, parts);
    auto plan = find_changes({parts.added, parts.watched, parts.removed});
    const bool commits = afterwards == then::commit;
    if (plan.empty() && !(commits && needs_commit(parts))) {
        if (commits) end_transaction(parts);
        co_return;
    }
    if (parts.engine->kind() == backend::postgres) choose_keys_ahead(plan);
    order_steps(plan);
    static_cast<void>(co_await parts.connect()); // a failure up to here leaves the session as it was
    write_guard guard(parts);
    try {
        co_await write_plan(parts, plan, afterwards);
    } catch (...) {
        const auto error = std::current_exception();
        parts.fail(error);
        if (commits) parts.failed_level = 0;
        throw;
    }
    if (!plan.empty()) apply_plan(parts, plan);
    guard.succeeded();
    if (commits) end_transaction(parts);
}

} // namespace

io::op<void> flush_all(session_core& session, session_parts& parts, then afterwards) {
    co_await write_and_apply(session, parts, afterwards);
}

io::op<void> autoflush(session_core& session, session_parts& parts, std::span<const class_descriptor* const> types,
                       bool all) {
    if (!parts.options.autoflush || !has_changes(parts, types, all)) co_return;
    co_await write_and_apply(session, parts, then::nothing);
}

} // namespace wharf::orm
