// Flushing: plan, write, tell the objects, some rows at a time, so that others on the thread run in between. When
// writing fails, the level that is open is rolled back, the objects stay as they were, and the session waits for
// rollback().
#include "orm/apply.hpp"
#include "orm/changes.hpp"
#include "orm/checks.hpp"
#include "orm/deferrable.hpp"
#include "orm/dependencies.hpp"
#include "orm/keys_ahead.hpp"
#include "orm/stale_rows.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/io/waits.hpp"
#include "wharf/orm/errors.hpp"

#include <optional>

namespace wharf::orm {
namespace {

/// Undoes on the connection what a failed or abandoned flush may have left there.
class write_guard {
public:
    explicit write_guard(session_parts& of) noexcept : parts_(&of) {}
    write_guard(const write_guard&) = delete;
    write_guard& operator=(const write_guard&) = delete;
    ~write_guard() {
        if (parts_ == nullptr) return;
        if (!parts_->tx.has_failed())
            parts_->tx.fail(std::make_exception_ptr(cancelled("a flush of the session was abandoned half-way")));
        if (parts_->tx.failed_level() == 0) {
            parts_->release_connection(); // the pool rolls back
        } else if (parts_->lent) {
            parts_->lent.core().abandon(parts_->tx.failed_level());
        }
    }
    void succeeded() noexcept { parts_ = nullptr; }

private:
    session_parts* parts_;
};

void end_all_levels(session_parts& parts) {
    while (parts.tx.innermost() > 0)
        parts.tx.merge();
    for (const auto& saved : parts.tx.level().objects) {
        auto& object = *saved.object.state();
        if (object.status != object_status::deleted || object.session == nullptr) continue;
        make_detached(parts, object);
        object.gone = true;
    }
    end_strict(parts);
    parts.stale.clear();
    parts.tx.end();
    parts.release_connection();
    if (!parts.options.expire_on_commit) return;
    parts.map.for_each([](object_state& object) { object.traps |= object_state::trap_read; });
}

/// Made beforehand: it may be memory that has run out.
const std::exception_ptr& committed_half_told() {
    static const auto made = std::make_exception_ptr(committed_unread(
        "the transaction was committed, but telling the objects of it failed half-way, of a codec or of memory; do not "
        "write them again. rollback() undoes nothing and lets all objects go; read them anew"));
    return made;
}
const std::exception_ptr& flushed_half_told() {
    static const auto made = std::make_exception_ptr(
        flush_failed("telling the objects of what was flushed failed half-way, of a codec or of memory"));
    return made;
}

/// What the database has of a flush is told to the objects, and its end to the session, also where the op is destroyed
/// in between. Where that fails, the session does.
class success {
public:
    success(session_parts& parts, flush_plan& plan, bool committed)
        : parts_(parts), committed_(committed), failure_(committed ? committed_half_told() : flushed_half_told()) {
        telling_.emplace(parts, plan);
    }
    success(const success&) = delete;
    success& operator=(const success&) = delete;
    ~success() {
        while (go_on(~std::size_t{0})) {
        }
    }
    /// False: all is told. Throws where that failed.
    bool tell(std::size_t most) {
        const bool more = go_on(most);
        if (failed_) std::rethrow_exception(failure_);
        return more;
    }

private:
    bool go_on(std::size_t most) noexcept {
        if (!telling_) return false;
        try {
            if (telling_->tell(most)) return true;
            telling_.reset();
            if (committed_) end_all_levels(parts_);
        } catch (...) {
            failed_ = true;
            telling_.reset();
            parts_.half_told.committed = committed_;
            parts_.tx.fail_all(failure_);
            parts_.release_connection(); // the pool rolls back what was not committed
        }
        return false;
    }

    session_parts& parts_;
    bool committed_;
    bool failed_{false};
    const std::exception_ptr& failure_;
    std::optional<plan_applier> telling_{};
};

/// A transaction that only read needs no COMMIT, except where only the COMMIT says whether what it read was consistent.
bool needs_commit(const session_parts& parts) {
    return parts.lent && (parts.tx.wrote || parts.tx.options.isolation == isolation::serializable);
}

/// What the objects refer to is in the session with them, unless it has left.
void refuse_strays(const session_core& session, object_state& object) {
    const auto& type = *object.type;
    for (std::size_t i = 0; i < type.relations.size(); ++i) {
        if (type.relations[i].kind != relation_kind::belongs_to) continue;
        const auto* const target = reference_at(object, i).target().state();
        if (target == nullptr || target->session == &session) continue;
        if (object.status == object_status::persistent && is_clean(object)) continue; // nothing of it is written
        throw usage_error("relation " + std::string(type.table) + "." + std::string(type.relations[i].name) +
                          " refers to an object that is not in this session: it was removed or expunged, or belongs to "
                          "another session. Add it, or refer to something else");
    }
}

void refuse_strays(const session_core& session, const session_parts& parts) {
    for (const auto& object : parts.added)
        refuse_strays(session, *object.state());
    for (auto* const object : parts.watched)
        if (!object->removal) refuse_strays(session, *object);
}

[[noreturn]] void throw_committed_unread(const std::exception_ptr& reason) {
    try {
        std::rethrow_exception(reason);
    } catch (const std::exception& caught) {
        throw committed_unread(
            "the transaction was committed, but what the database made of a value cannot be read into its member; the "
            "objects are persistent, do not write them again. " +
            std::string(caught.what()));
    }
}

io::op<flush_plan> look_for_changes(const session_parts& parts, prepared_objects& prepared) {
    change_finder changes({parts.added.items(), parts.watched, parts.removed.items()}, prepared);
    while (changes.look(io::rows_between_yields))
        co_await io::yield();
    co_return changes.plan();
}

io::op<flush_plan> ordered(const session_parts& parts, flush_plan plan, std::span<const unique_columns> deferrable) {
    if (parts.engine->kind() == backend::postgres) {
        choose_keys_ahead(plan, [&](const class_descriptor& type) { return parts.engine->may_have_sequence(type); });
    }
    dependency_finder meetings(plan);
    while (meetings.look(io::rows_between_yields))
        co_await io::yield();
    auto between = meetings.found();
    cut_circles(plan, between, deferrable);
    choose_checks(plan, parts.options.lost_update);
    if (plan_nodes(plan).count(plan) > io::rows_between_yields) co_await io::yield();
    make_steps(plan, between);
    co_return plan;
}

/// Without I/O, but where values are swapped that may not be NULL: then it asks whether they can be looked at later.
io::op<flush_plan> make_plan(session_parts& parts) {
    std::vector<unique_columns> deferrable;
    prepared_objects prepared;
    for (;;) {
        std::exception_ptr refused;
        std::vector<unique_columns> in_circle;
        auto changes = co_await look_for_changes(parts, prepared);
        try {
            auto plan = co_await ordered(parts, std::move(changes), deferrable);
            co_return plan;
        } catch (const values_in_circle& circle) {
            refused = std::current_exception();
            in_circle = circle.columns();
        }
        if (parts.engine->kind() != backend::postgres) std::rethrow_exception(refused);
        const auto found = co_await find_deferrable(parts, std::move(in_circle));
        if (found.empty()) std::rethrow_exception(refused);
        deferrable.insert(deferrable.end(), found.begin(), found.end());
    }
}

io::op<void> write_and_apply(session_core& session, session_parts& parts, then afterwards) {
    parts.added.sort();
    refuse_strays(session, parts);
    auto plan = co_await make_plan(parts);
    const bool commits = afterwards == then::commit;
    if (plan.empty() && !(commits && needs_commit(parts))) {
        if (commits) end_all_levels(parts);
        co_return;
    }
    if (!plan.empty()) parts.expect_writes();
    static_cast<void>(co_await parts.connect()); // a failure up to here leaves the session as it was
    write_guard guard(parts);
    std::exception_ptr error;
    try {
        if (plan.defers_constraints)
            static_cast<void>(co_await parts.run_one("SET CONSTRAINTS ALL DEFERRED", parameters()));
        co_await write_plan(parts, plan, afterwards);
    } catch (...) {
        error = std::current_exception();
    }
    if (error) {
        if (commits)
            parts.tx.fail_all(error);
        else
            parts.tx.fail(error);
        if (plan.has_stale_rows()) error = co_await tell_of_stale_rows(parts, plan, error);
        parts.tx.explain_failure(error);
        std::rethrow_exception(error);
    }
    guard.succeeded();
    {
        success done(parts, plan, commits);
        while (done.tell(io::rows_between_yields))
            co_await io::give_turn();
    }
    if (plan.unread) throw_committed_unread(plan.unread);
}

} // namespace

io::op<void> flush_all(session_core& session, session_parts& parts, then afterwards) {
    co_await write_and_apply(session, parts, afterwards);
}

io::op<void> autoflush(session_core& session, session_parts& parts, std::span<const class_descriptor* const> types,
                       bool all, std::string_view what) {
    if (!parts.options.autoflush) co_return;
    change_search changes(parts, types, all);
    while (changes.look(io::rows_between_yields))
        co_await io::yield();
    if (!changes.found()) co_return;
    try {
        co_await write_and_apply(session, parts, then::nothing);
    } catch (error& failed) {
        failed.add_note("the changes of the session were written in front of: " + std::string(what.substr(0, 200)));
        throw;
    }
}

} // namespace wharf::orm
