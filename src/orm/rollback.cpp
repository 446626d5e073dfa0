// Undoing in memory what levels of a transaction did, without SQL: every object, reference and collection that the
// session knows becomes what it was when the level began, whatever its state was then. What was read meanwhile is
// marked to be read again.
#include "orm/filled_in.hpp"
#include "orm/flush_plan.hpp"
#include "orm/loose.hpp"
#include "orm/mirror.hpp"
#include "orm/row_name.hpp"

#include <algorithm>
#include <functional>
#include <unordered_map>
#include <unordered_set>

namespace wharf::orm {
namespace {

/// What the levels that end know of an object.
struct known_object {
    saved_object* to{nullptr};          // what it becomes: it was so when the outermost of them began, or when it came
    const saved_object* first{nullptr}; // its row is again as it was then, if it was written since
};

class undoing {
public:
    undoing(session_core& session, session_parts& parts, std::size_t level, undo_members members)
        : session_(session), parts_(parts), members_(members), ended_(parts.tx.take(level)) {
        for (const auto& of : ended_) {
            written_ = std::min(written_, of.written);
            has_read_ = has_read_ || of.has_read;
            updated_.insert(of.updated.begin(), of.updated.end());
        }
        for (auto& of : ended_)
            for (auto& saved : of.objects) {
                if (&of != &ended_.front()) forget_unwritten(saved);
                note(saved);
            }
    }

    void run() noexcept {
        for (const auto& of : ended_)
            for (const auto& record : of.inserted)
                inserted_.insert({record.object.state()->type, record.object.state()->key});
        for (auto of = ended_.rbegin(); of != ended_.rend(); ++of)
            std::for_each(of->inserted.rbegin(), of->inserted.rend(), unset_what_was_filled);
        std::erase_if(objects_, [this](const known_object& known) { return left_alone(known); });
        for (const auto& known : objects_)
            if (known.to->status == object_status::transient && had_one(*known.first)) come_to_its_row(known);
        for (const auto& known : objects_)
            if (known.to->status == object_status::transient) hold_targets(*known.to->object.state());
        for (const auto& known : objects_)
            take_out(known);
        for (const auto& known : objects_)
            put_back(known);
        if (members_ == undo_members::restored) forget_changes();
        for (auto of = ended_.rbegin(); of != ended_.rend(); ++of)
            for (const auto& record : of->inserted)
                if (came_again_.contains(record.object.state())) unset_what_was_filled(record);
        for (const auto& known : objects_)
            put_in(*known.to);
        forget_lost_keys();
        parts_.added.sort();
        for (const auto& of : ended_)
            for (const auto& saved : of.collections)
                put_back(saved);
        if (has_read_) expire_what_was_read();
        expire_stale_rows();
        refer_by_key();
        for (const auto& known : objects_)
            find_place(*known.to->object.state());
        let_go();
        orm::let_go(std::move(ended_));
        release_together(std::move(leaving_));
    }

private:
    void note(saved_object& saved) {
        const auto [at, is_first] = known_.try_emplace(saved.object.state(), objects_.size());
        if (is_first) {
            objects_.push_back({&saved, &saved});
            return;
        }
        auto& known = objects_[at->second];
        if (saved.came_in()) known.to = &saved; // that it had left before is not undone
    }

    /// Whether the object has left the session on purpose. It learns what has become of its row.
    [[nodiscard]] bool left_alone(const known_object& known) {
        auto& object = *known.to->object.state();
        if (object.session == &session_) return false;
        if (object.session != nullptr) return true;
        const bool was_put_out = std::ranges::any_of(
            ended_, [&object](const transaction_level& of) { return of.serial == object.remembered; });
        if (was_put_out) return false; // by its removal while it was pending, or by another object that got its row
        if (object.status == object_status::transient && had_one(*known.first)) become_detached(object);
        if (object.status != object_status::detached) return true;
        object.gone = !had_row(*known.first);
        learn_row(known);
        outside_.push_back(known);
        return true;
    }

    /// It left while it was to be inserted once more.
    static void become_detached(object_state& object) noexcept {
        object.status = object_status::detached;
        set_loose(object, false);
        for (std::size_t i = 0; i < object.type->relations.size(); ++i) {
            if (object.type->relations[i].kind != relation_kind::belongs_to) continue;
            const auto& reference = reference_at(object, i);
            auto key = reference.foreign_key();
            reference.set({}, std::move(key));
        }
    }

    /// It left and came again while it was to be inserted once more: it is out, and its row is there.
    static void come_to_its_row(const known_object& known) noexcept {
        auto& object = *known.to->object.state();
        known.to->status = object_status::detached;
        known.to->key = known.first->key;
        known.to->members = encode_object(object);
        auto saved = known.to->references.begin();
        for (std::size_t i = 0; i < object.type->relations.size(); ++i) {
            if (object.type->relations[i].kind != relation_kind::belongs_to) continue;
            const auto& reference = reference_at(object, i);
            saved->key = reference.foreign_key();
            (saved++)->target = {};
        }
    }

    [[nodiscard]] static bool had_one(const saved_object& saved) noexcept {
        return saved.status != object_status::transient && saved.status != object_status::pending;
    }
    [[nodiscard]] static bool had_row(const saved_object& saved) noexcept {
        return saved.status == object_status::persistent || (saved.status == object_status::detached && !saved.gone);
    }

    static void restore_version(object_state& object, const encoded_row& row) {
        if (object.type->version_column < 0) return;
        const auto column = static_cast<std::size_t>(object.type->version_column);
        std::vector<std::string_view> columns;
        split_row(row, object.type->columns.size(), columns);
        restore_column(object, column, columns[column]);
    }

    /// The row by its key, and what a later UPDATE compares it with.
    void learn_row(const known_object& known) const {
        auto& object = *known.to->object.state();
        if (!updated_.contains(&object)) return;
        object.key = known.first->key;
        if (object.gone || known.first->baseline.empty()) return;
        restore_version(object, known.first->baseline);
        if (object.watch == nullptr) start_watching_alone(object);
        object.watch->baseline = known.first->baseline;
        object.stored = known.first->stored;
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

    void take_out(const known_object& known) noexcept {
        auto& object = *known.to->object.state();
        if (known.to->status == object_status::detached) {
            detached_.insert(&object);
            leave_collections(object);
            let_go_of_items(object);
        }
        if (object.status == object_status::persistent) parts_.map.erase(object);
        parts_.added.erase(object);
        parts_.removed.erase(object);
        delist(parts_, object);
    }

    /// Those that were filled while it was in the session.
    static void leave_collections(object_state& object) noexcept {
        if (object.session == nullptr) return;
        for (std::size_t i = 0; i < object.type->relations.size(); ++i) {
            if (object.type->relations[i].kind != relation_kind::belongs_to) continue;
            const auto& reference = reference_at(object, i);
            if (!reference.linked()) continue;
            if (const auto* const collection = other_side(reference)) collection->forget(object);
            reference.set_linked(false);
        }
    }

    static void let_go_of_items(object_state& object) noexcept {
        for (std::size_t i = 0; i < object.type->relations.size(); ++i) {
            if (object.type->relations[i].kind != relation_kind::has_many) continue;
            const auto& collection = collection_at(object, i);
            const auto items = std::exchange(collection.known(), {});
            collection.set_loaded(0);
            if (items.empty()) continue;
            const auto inverse = static_cast<std::size_t>(inverse_of(*object.type, i));
            for (const auto& item : items)
                reference_at(*item.state(), inverse).set_linked(false);
        }
    }

    void put_back(const known_object& known) {
        const auto& saved = *known.to;
        auto& object = *saved.object.state();
        const bool keeps_members = members_ == undo_members::kept;
        object.status = saved.status;
        if (object.session != &session_) object.session = &session_; // a call beside this one looks for its gate there
        set_loose(object, false);
        object.removal = saved.removal;
        object.gone = saved.status == object_status::detached && !had_row(*known.first);
        object.touched = saved.touched;
        const bool is_known = keeps_members && (object.traps & object_state::trap_read) == 0;
        object.traps = saved.traps;
        if (is_known) object.traps &= static_cast<std::uint8_t>(~object_state::trap_read);
        if (!parts_.tx.strict) end_strict(object);
        object.key = saved.key;
        object.checks = keeps_members ? object.checks | saved.checks : saved.checks;
        if (!keeps_members) object.stored = saved.stored;
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
        if (keeps_members) {
            if (has_row) learn_row(known);
            return;
        }
        const auto& row = saved.members.empty() ? saved.baseline : saved.members;
        if (!row.empty()) restore_columns(object, row);
        if (!has_row) return;
        if (saved.watched && object.watch == nullptr && !saved.baseline.empty()) start_watching_alone(object);
        if (object.watch != nullptr) {
            if (saved.baseline.empty() && known.first == known.to) { // its values were not known
                object.watch.reset();
                object.traps |= object_state::trap_read;
            } else {
                object.watch->baseline = saved.baseline;
                object.traps &= static_cast<std::uint8_t>(~object_state::trap_write);
            }
        }
        if (known.first == known.to) return;
        learn_row(known);
        came_again_.insert(&object);
        outside_.push_back(known);
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
            if (!kept) {
                reference.set(before->target, before->key);
            } else if (saved.status == object_status::detached) {
                auto key = reference.foreign_key();
                reference.set({}, std::move(key));
            }
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
        if (owner.status == object_status::transient || owner.session != &session_) return;
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

    /// An object outside must not go on to refer by key to a row that has never been: another may get its key. The
    /// reference is what its own row has, or nothing.
    void forget_lost_keys() {
        if (outside_.empty()) return;
        for (const auto& known : outside_) {
            auto& object = *known.to->object.state();
            const auto row = object.gone ? default_row(*object.type) : known.first->baseline;
            if (row.empty()) continue;
            std::vector<std::string_view> columns;
            split_row(row, object.type->columns.size(), columns);
            for (std::size_t i = 0; i < object.type->relations.size(); ++i) {
                const auto& relation = object.type->relations[i];
                if (relation.kind != relation_kind::belongs_to) continue;
                const auto& reference = reference_at(object, i);
                const auto* const target = known_target_of(relation);
                if (target == nullptr || !inserted_.contains({target, reference.foreign_key()})) continue;
                if (parts_.map.find(*target, reference.foreign_key()) != nullptr) continue;
                for (const auto column : relation.columns)
                    if (object.type->columns[column].type != nullptr) restore_column(object, column, columns[column]);
                reference.set({}, object.gone ? key_value() : reference_key_in(*object.type, relation, columns));
            }
        }
    }

    /// References to objects that are outside lead to their rows.
    void refer_by_key() const noexcept {
        const auto look_at = [this](object_state& object) {
            if (object.session != &session_ || object.status == object_status::transient) return;
            for (std::size_t i = 0; i < object.type->relations.size(); ++i) {
                if (object.type->relations[i].kind != relation_kind::belongs_to) continue;
                const auto& reference = reference_at(object, i);
                const auto* const target = reference.target().state();
                const bool is_outside =
                    target != nullptr && target->status == object_status::detached && target->session == nullptr;
                const bool has_no_row =
                    target != nullptr && target->status == object_status::transient && reference.own_key().is_set();
                if (!is_outside && !has_no_row) continue;
                auto key = reference.foreign_key().is_set() ? reference.foreign_key() : reference.own_key();
                reference.set({}, std::move(key));
                reference.set_linked(false);
            }
        };
        for (const auto& known : objects_)
            look_at(*known.to->object.state());
        if (!detached_.empty()) parts_.map.for_each(look_at);
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
            const bool is_doubtful = members_ == undo_members::restored && object.read_at >= written_;
            object.traps |= is_doubtful ? object_state::trap_read : object_state::trap_stale;
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
    std::unordered_set<const object_state*> updated_{};
    std::unordered_map<const object_state*, std::size_t> known_{}; // places in objects_
    std::vector<known_object> objects_{};
    std::unordered_set<row_name, row_name_hash> inserted_{}; // rows
    std::vector<known_object> outside_{}; // those that have left, or came again and are out once more
    std::unordered_set<const object_state*> came_again_{};
    std::unordered_set<const object_state*> detached_{};
    std::vector<entity_base> leaving_{};
};

} // namespace

void undo_level(session_core& session, session_parts& parts, std::size_t level, undo_members members) noexcept {
    undoing(session, parts, level, members).run();
}

} // namespace wharf::orm
