// Undoing in memory what levels of a transaction did, without SQL: every object, reference and collection that the
// session knows becomes what it was when the level began, whatever its state was then. What was read meanwhile is
// marked to be read again.
#include "orm/flush_plan.hpp"
#include "orm/loose.hpp"
#include "orm/mirror.hpp"

#include <algorithm>
#include <functional>
#include <unordered_set>

namespace wharf::orm {
namespace {

/// A row of values that nobody has set.
encoded_row default_row(const class_descriptor& type) {
    const auto fresh = entity_base::adopt(make_object(type));
    return encode_object(*fresh.state());
}

void unset_what_was_filled(const inserted_object& record) {
    auto& object = *record.object.state();
    const auto& type = *object.type;
    if (record.key_filled) {
        const auto unset = default_row(type);
        encoded_columns columns(unset);
        for (std::size_t i = 0; i < type.key_size; ++i) {
            const auto column = columns.next();
            if (type.columns[i].type != nullptr && type.columns[i].generated) restore_column(object, i, column);
        }
    }
    if (record.members.empty()) return;
    encoded_columns columns(record.members);
    for (std::size_t i = 0; i < type.columns.size(); ++i) {
        const auto column = columns.next();
        const auto& described = type.columns[i];
        const bool filled = record.differs || described.relation >= 0 ||
                            (described.type != nullptr && described.type->is_unset != nullptr);
        if (filled && described.type != nullptr) restore_column(object, i, column);
    }
}

class undoing {
public:
    undoing(session_core& session, session_parts& parts, std::size_t level, undo_members members)
        : session_(session), parts_(parts), members_(members), ended_(parts.tx.take(level)) {
        for (auto& of : ended_) {
            written_ = std::min(written_, of.written);
            has_read_ = has_read_ || of.has_read;
            for (auto& saved : of.objects) // the first one is how it was when the outermost of them began
                if (known_.insert(saved.object.state()).second) {
                    if (&of != &ended_.front()) forget_unwritten(saved);
                    objects_.push_back(&saved);
                }
        }
    }

    void run() noexcept {
        for (auto of = ended_.rbegin(); of != ended_.rend(); ++of)
            std::for_each(of->inserted.rbegin(), of->inserted.rend(), unset_what_was_filled);
        std::erase_if(objects_, [this](const saved_object* saved) { return left_alone(*saved); });
        for (const auto* saved : objects_)
            if (saved->status == object_status::transient) hold_targets(*saved->object.state());
        for (const auto* saved : objects_)
            take_out(*saved->object.state());
        for (const auto* saved : objects_)
            put_back(*saved);
        if (members_ == undo_members::restored) forget_changes();
        for (const auto* saved : objects_)
            put_in(*saved);
        parts_.added.sort();
        for (const auto& of : ended_)
            for (const auto& saved : of.collections)
                put_back(saved);
        if (has_read_) expire_what_was_read();
        expire_stale_rows();
        for (const auto* saved : objects_)
            find_place(*saved->object.state());
        let_go();
        orm::let_go(std::move(ended_));
        release_together(std::move(leaving_));
    }

private:
    /// Whether the object has left the session meanwhile. It learns what has become of its row.
    [[nodiscard]] bool left_alone(const saved_object& saved) const noexcept {
        auto& object = *saved.object.state();
        if (object.session == &session_) return false;
        if (object.session != nullptr) return true;
        if (object.remembered != 0) { // it did not leave by expunge()
            if (object.status == object_status::transient) return false; // a pending one removed
            if (object.gone && saved.status == object_status::persistent) return false; // its row had gone
        }
        if (object.status != object_status::detached) return true;
        if (saved.status == object_status::transient || saved.status == object_status::pending) {
            object.gone = true;
        } else if (object.watch != nullptr && !saved.baseline.empty()) {
            object.watch->baseline = saved.baseline;
            object.stored = saved.stored;
        }
        return true;
    }

    /// An object that leaves refers to objects: the keys of those that leave with it mean nothing any more.
    void hold_targets(object_state& object) const noexcept {
        for (std::size_t i = 0; i < object.type->relations.size(); ++i) {
            if (object.type->relations[i].kind != relation_kind::belongs_to) continue;
            const auto& reference = reference_at(object, i);
            const auto* const target = known_target_of(reference.description());
            if (reference.target() || !reference.is_set() || target == nullptr) continue;
            if (auto* const known = parts_.map.find(*target, reference.foreign_key()))
                reference.set(entity_base::share(known), {});
        }
    }

    void take_out(object_state& object) noexcept {
        if (object.status == object_status::persistent) parts_.map.erase(object);
        parts_.added.erase(object);
        parts_.removed.erase(object);
        delist(parts_, object);
    }

    void put_back(const saved_object& saved) noexcept {
        auto& object = *saved.object.state();
        object.status = saved.status;
        if (object.session != &session_) object.session = &session_; // a call beside this one looks for its gate there
        set_loose(object, false);
        object.removal = saved.removal;
        object.gone = saved.gone;
        object.touched = saved.touched;
        const bool is_known = members_ == undo_members::kept && (object.traps & object_state::trap_read) == 0;
        object.traps = saved.traps;
        if (is_known) object.traps &= static_cast<std::uint8_t>(~object_state::trap_read);
        if (!parts_.tx.strict) end_strict(object);
        object.key = saved.key;
        object.stored = saved.stored;
        object.order = saved.order;
        object.read_at = saved.read_at;
        object.remembered = saved.remembered;
        if (saved.status == object_status::transient) {
            leaving_.push_back(saved.object);
            return;
        }
        put_back_references(saved);
        const bool has_row = saved.status != object_status::pending;
        if (!has_row) {
            object.watch.reset();
            leave_group(object);
        }
        if (members_ == undo_members::kept) {
            if (object.watch != nullptr && !saved.baseline.empty()) object.watch->baseline = saved.baseline;
            return;
        }
        const auto& row = saved.members.empty() ? saved.baseline : saved.members;
        if (!row.empty()) restore_columns(object, row);
        if (!has_row) return;
        if (object.watch == nullptr) return;
        if (saved.baseline.empty()) { // its values were not known
            object.watch.reset();
            object.traps |= object_state::trap_read;
        } else {
            object.watch->baseline = saved.baseline;
            object.traps &= static_cast<std::uint8_t>(~object_state::trap_write);
        }
    }

    void put_back_references(const saved_object& saved) const noexcept {
        auto& object = *saved.object.state();
        auto before = saved.references.begin();
        for (std::size_t i = 0; i < object.type->relations.size(); ++i) {
            if (object.type->relations[i].kind != relation_kind::belongs_to) continue;
            const auto& reference = reference_at(object, i);
            // What is kept refers to rows; those that were not written are no rows.
            const bool kept =
                members_ == undo_members::kept && (!reference.target() || reference.foreign_key().is_set());
            if (!kept) reference.set(before->target, before->key);
            reference.set_by_collection(before->by_collection);
            ++before;
        }
    }

    /// Of objects that were watched and never written: what they held was read.
    void forget_changes() const noexcept {
        for (auto* const object : parts_.watched) {
            if (!is_changed(*object)) continue;
            restore_columns(*object, object->watch->baseline);
            object->traps |= object_state::trap_stale;
        }
    }

    void put_in(const saved_object& saved) {
        auto& object = *saved.object.state();
        switch (object.status) {
        case object_status::transient:
        case object_status::deleted:
            return;
        case object_status::pending:
            parts_.added.push(object);
            return;
        case object_status::detached:
            leave_group(object);
            object.session = nullptr;
            return;
        case object_status::persistent:
            break;
        }
        if (auto* const other = parts_.map.find(*object.type, object.key))
            make_gone(parts_, *other); // it was read while the row had another key, or was another
        parts_.map.insert(object);
        if (object.removal) parts_.removed.push(object);
        if (object.watch != nullptr) enlist(parts_, object);
        object.traps |= object_state::trap_stale;
    }

    void put_back(const saved_collection& saved) {
        auto& owner = *saved.owner.state();
        const auto& collection = collection_at(owner, saved.relation);
        if (collection.remembered() == 0 || saved.remembered >= ended_.front().serial) return; // not the oldest
        collection.set_remembered(saved.remembered);
        const bool was_detached = owner.session == nullptr && owner.status == object_status::detached;
        if (owner.status == object_status::transient || (owner.session != &session_ && !was_detached)) return;
        collection.set_loaded(saved.loaded_at);
        const auto inverse = static_cast<std::size_t>(inverse_of(*owner.type, saved.relation));
        const auto belongs = [&](const entity_base& item) {
            return item.state()->session == &session_ && points_to(reference_at(*item.state(), inverse), owner);
        };
        auto& items = collection.known();
        for (const auto& item : items)
            if (belongs(item)) reference_at(*item.state(), inverse).set_linked(false);
        items = saved.items;
        std::erase_if(items, std::not_fn(belongs));
        for (const auto& item : items)
            reference_at(*item.state(), inverse).set_linked(true);
    }

    /// It is in the collections on the other side of its references, some of which were filled or left meanwhile.
    void find_place(object_state& object) const {
        if (object.status == object_status::transient) return; // let_go() sees to them
        const bool stays = object.status == object_status::pending || object.status == object_status::persistent;
        for (std::size_t i = 0; i < object.type->relations.size(); ++i) {
            if (object.type->relations[i].kind != relation_kind::belongs_to) continue;
            const auto& reference = reference_at(object, i);
            const auto* const collection = stays && reference.is_set() ? other_side(reference) : nullptr;
            reference.set_linked(collection != nullptr);
            if (collection != nullptr && !collection->holds(object)) collection->append(object, reference);
        }
    }

    /// Values that were read behind a write may be what nobody has committed; the others are only old.
    void expire_what_was_read() {
        const auto first = ended_.front().serial;
        parts_.map.for_each([&](object_state& object) {
            const auto& relations = object.type->relations;
            for (std::size_t i = 0; i < relations.size(); ++i) {
                if (relations[i].kind != relation_kind::has_many) continue;
                const auto& collection = collection_at(object, i);
                if (collection.loaded_at() >= written_ && collection.was_loaded()) collection.unload();
            }
            if (object.read_at < first) return;
            object.traps |= object.read_at >= written_ ? object_state::trap_read : object_state::trap_stale;
        });
    }

    /// Others have changed these rows since they were read.
    void expire_stale_rows() noexcept {
        for (const auto& change : parts_.stale) {
            auto& object = *change.object.state();
            if (object.session == &session_ && object.status == object_status::persistent)
                object.traps |= object_state::trap_stale;
        }
    }

    /// Objects that have no row now leave together.
    void let_go() {
        for (const auto& object : leaving_) {
            auto& state = *object.state();
            state.watch.reset();
            leave_group(state);
            for (std::size_t i = 0; i < state.type->relations.size(); ++i) {
                if (state.type->relations[i].kind != relation_kind::belongs_to) continue;
                const auto& reference = reference_at(state, i);
                const auto* const target = reference.target().state();
                if (target != nullptr && target->status == object_status::transient) continue; // it leaves too
                if (const auto* const collection = other_side(reference)) collection->forget(state);
                reference.set_linked(false);
            }
        }
        make_transient(leaving_);
        for (const auto& object : leaving_) {
            const auto& relations = object.state()->type->relations;
            for (std::size_t i = 0; i < relations.size(); ++i) {
                if (relations[i].kind != relation_kind::has_many) continue;
                const auto& collection = collection_at(*object.state(), i);
                collection.set_loaded(0);
                const loose_lock lock(object.state());
                std::erase_if(collection.known(),
                              [](const entity_base& item) { return item.state()->status != object_status::transient; });
            }
        }
    }

    session_core& session_;
    session_parts& parts_;
    undo_members members_;
    std::vector<transaction_level> ended_;
    std::uint64_t written_{transaction_level::never};
    bool has_read_{false};
    std::unordered_set<const object_state*> known_{};
    std::vector<saved_object*> objects_{};
    std::vector<entity_base> leaving_{};
};

} // namespace

void undo_level(session_core& session, session_parts& parts, std::size_t level, undo_members members) noexcept {
    undoing(session, parts, level, members).run();
}

} // namespace wharf::orm
