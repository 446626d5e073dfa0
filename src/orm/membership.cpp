// Objects entering and leaving a session, without SQL.
#include "orm/loose.hpp"
#include "orm/mirror.hpp"
#include "orm/reference_values.hpp"
#include "orm/session_parts.hpp"
#include "wharf/orm/errors.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <unordered_set>
#include <utility>

namespace wharf::orm {
namespace {

void arm_write_trap(object_state& object) noexcept {
    object.traps |= object_state::trap_write;
}

std::string name_of(const object_state& object) {
    return std::string(object.type->table) + " " + describe_key(*object.type, object.key);
}

/// Whether it stands for a row that is there already.
bool has_row(const object_state& object) noexcept {
    return object.status == object_status::detached && !object.gone;
}

/// Of a reference and the members that hold its key only one was changed since the row was there: it counts.
void settle_references(object_state& object) {
    if (object.watch == nullptr) return;
    const auto& type = *object.type;
    std::vector<std::string_view> before;
    split_row(object.watch->baseline, type.columns.size(), before);
    const auto fresh = default_row(type);
    std::vector<std::string_view> unset;
    split_row(fresh, type.columns.size(), unset);
    for (std::size_t i = 0; i < type.relations.size(); ++i) {
        const auto& relation = type.relations[i];
        if (relation.kind != relation_kind::belongs_to || !has_member(type, relation)) continue;
        const auto& reference = reference_at(object, i);
        const auto key = reference_key_in(type, relation, before);
        auto members = key_in_members(object, relation);
        const bool members_changed = !(members == key) && !(members == reference_key_in(type, relation, unset));
        if (members_changed == !(reference.foreign_key() == key)) continue;
        if (members_changed)
            reference.set({}, std::move(members));
        else
            clear_members(object, relation);
    }
}

void become_pending(session_parts& parts, object_state& object) {
    settle_references(object);
    leave_group(object);
    object.status = object_status::pending;
    object.gone = false;
    object.key = key_value();
    object.watch.reset();
    object.touched = false;
    object.traps = 0;
    object.order = ++parts.additions;
    parts.added.push(object);
    arm_write_trap(object);
}

void take_in(session_core& session, session_parts& parts, object_state& object) {
    parts.tx.forget_others(object);
    parts.tx.remember(object);
    object.session = &session;
    if (object.unsettled) parts.tx.hold_back_no_more(object);
    set_loose(object, false);
    if (!has_row(object)) return become_pending(parts, object);
    parts.map.insert(object);
    object.status = object_status::persistent;
    object.read_at = 0; // by nobody here
    if (object.watch != nullptr) {
        enlist(parts, object);
    } else {
        arm_write_trap(object);
    }
}

[[noreturn]] void refuse_foreign(const object_state& object, const object_state* reached_from) {
    auto text = "an object of table " + std::string(object.type->table) + " belongs to another session";
    if (reached_from != nullptr) {
        text +=
            ", and an object of table " + std::string(reached_from->type->table) + " that is added here refers to it";
    }
    throw usage_error(text + "; objects of two sessions do not mix: expunge it there first, or refer to it by "
                             "set_key()");
}

[[noreturn]] void refuse_unsettled(const object_state& object) {
    throw usage_error("an object of table " + std::string(object.type->table) +
                      " was expunged from a session whose transaction has written or read its row and has not ended: "
                      "commit it, or roll it back, before another session takes the object");
}

/// An object that is added and all that comes along: what it refers to, what its collections hold, and so on. Throws
/// before anything is changed.
class newcomers {
public:
    newcomers(const session_core& session, const session_parts& parts, object_state& first)
        : session_(session), parts_(parts) {
        reach(first, nullptr);
        std::vector<object_state*> next;
        while (!to_visit_.empty()) {
            auto* const object = to_visit_.back();
            to_visit_.pop_back();
            found_.push_back(object);
            next = std::exchange(to_visit_, {});
            visit(*object);
            std::reverse(to_visit_.begin(), to_visit_.end());
            next.insert(next.end(), to_visit_.begin(), to_visit_.end());
            to_visit_ = std::exchange(next, {});
        }
    }
    [[nodiscard]] const std::vector<object_state*>& all() const noexcept { return found_; }

private:
    void reach(object_state& object, const object_state* from) {
        if (object.session == &session_) return;
        if (object.session != nullptr) refuse_foreign(object, from);
        if (!known_.insert(&object).second) return;
        if (object.unsettled && !parts_.tx.holds_back(object)) refuse_unsettled(object);
        if (has_row(object)) {
            const auto row = std::pair(object.type, std::string(object.key.bytes()));
            if (parts_.map.find(*object.type, object.key) != nullptr || !rows_.insert(row).second) {
                throw usage_error("another object of this session stands for the row " + name_of(object));
            }
        }
        to_visit_.push_back(&object);
    }

    void visit(object_state& object) {
        const auto& type = *object.type;
        for (std::size_t i = 0; i < type.relations.size(); ++i) {
            if (type.relations[i].kind == relation_kind::belongs_to) {
                if (auto* const target = reference_at(object, i).target().state()) reach(*target, &object);
                continue;
            }
            for (const auto& item : collection_at(object, i).known())
                reach(*item.state(), &object);
        }
    }

    const session_core& session_;
    const session_parts& parts_;
    std::vector<object_state*> to_visit_{};
    std::vector<object_state*> found_{};
    std::unordered_set<const object_state*> known_{};
    std::set<std::pair<const class_descriptor*, std::string>> rows_{};
};

/// Both sides learn of each other. An item that is in two collections belongs to the one that comes last.
void link_neighbours(session_parts& parts, object_state& object) {
    const auto& type = *object.type;
    for (std::size_t i = 0; i < type.relations.size(); ++i) {
        if (type.relations[i].kind == relation_kind::belongs_to) continue;
        const auto& collection = collection_at(object, i);
        if (collection.known().empty()) continue;
        const auto inverse = static_cast<std::size_t>(inverse_of(type, i));
        parts.tx.remember(collection);
        const auto items = std::exchange(collection.known(), {});
        for (const auto& item : items) {
            auto& reference = reference_at(*item.state(), inverse);
            if (points_to(reference, object)) {
                if (reference.by_collection() && !reference.target()) {
                    reference.set(entity_base::share(&object), {});
                }
                link(reference);
                continue;
            }
            reference.change(entity_base::share(&object));
            reference.set_by_collection(true);
        }
    }
}

/// What a reference was when the row was read or written last; unset: nothing.
key_value key_in_row(const object_state& object, const relation_descriptor& relation) {
    if (object.watch == nullptr) return {};
    std::vector<std::string_view> columns;
    split_row(object.watch->baseline, object.type->columns.size(), columns);
    return reference_key_in(*object.type, relation, columns);
}

/// Lets go of other objects, and lets them go of this one, so that no handles go round in circles.
void cut_relations(object_state& object, bool keep_targets) noexcept {
    const auto& type = *object.type;
    for (std::size_t i = 0; i < type.relations.size(); ++i) {
        if (type.relations[i].kind == relation_kind::has_many) {
            if (keep_targets) continue;
            const auto& collection = collection_at(object, i);
            collection.set_loaded(0);
            const auto gone = std::exchange(collection.known(), {});
            continue;
        }
        const auto& reference = reference_at(object, i);
        const bool stays_with_collection = keep_targets && reference.by_collection() && reference.target() &&
                                           reference.target().state()->status == object_status::transient;
        if (!stays_with_collection && reference.linked() && object.session != nullptr) unlink(reference);
        if (keep_targets && !stays_with_collection) continue;
        auto key = reference.foreign_key();
        if (reference.target() && !key.is_set()) key = key_in_row(object, type.relations[i]); // it cannot come along
        reference.set_linked(false);
        if (!stays_with_collection) reference.set_by_collection(false);
        reference.set({}, std::move(key));
    }
}

} // namespace

namespace {

void link_references(object_state& object) {
    for (std::size_t i = 0; i < object.type->relations.size(); ++i)
        if (object.type->relations[i].kind == relation_kind::belongs_to) link(reference_at(object, i));
}

/// What refers to a pending object that leaves, as far as it may refer to nothing. The rest is refused by the flush.
void clear_references_to(object_state& object) {
    const auto& type = *object.type;
    for (std::size_t i = 0; i < type.relations.size(); ++i) {
        if (type.relations[i].kind != relation_kind::has_many) continue;
        const auto inverse = static_cast<std::size_t>(inverse_of(type, i));
        const auto items = collection_at(object, i).known();
        for (const auto& item : items) {
            if (!item.state()->type->relations[inverse].nullable || item.state()->session == nullptr) continue;
            reference_at(*item.state(), inverse).change({});
        }
    }
}

} // namespace

void read_before_admission(const session_core& session, object_state& object) {
    if (object.session != nullptr) return;
    std::vector<object_state*> to_visit{&object};
    std::unordered_set<const object_state*> known;
    const auto reach = [&](object_state& next) {
        if (next.session == nullptr && known.insert(&next).second) to_visit.push_back(&next);
    };
    while (!to_visit.empty()) {
        auto& next = *to_visit.back();
        to_visit.pop_back();
        for (std::size_t i = 0; i < next.type->relations.size(); ++i) {
            if (next.type->relations[i].kind == relation_kind::belongs_to) {
                if (auto* const target = reference_at(next, i).target().state()) reach(*target);
                continue;
            }
            const auto items = collection_at(next, i).known();
            if (items.empty()) continue;
            const auto inverse = static_cast<std::size_t>(inverse_of(*next.type, i));
            for (const auto& item : items) {
                auto& state = *item.state();
                reach(state);
                if (state.session != &session) continue;
                if ((state.traps & object_state::trap_read) != 0) before_read(state);
                if (!points_to(reference_at(state, inverse), next)) before_write(state);
            }
        }
    }
}

entity_base session_core::add(const class_descriptor& type, void* source,
                              void (*construct_from)(void* memory, void* source)) {
    auto made = entity_base::adopt(make_object(type, source, construct_from));
    read_before_admission(*this, *made.state());
    const brief_scope scope(*parts_);
    admit(*parts_, *made.state());
    return made;
}

void session_core::add(object_state& object) {
    read_before_admission(*this, object);
    const brief_scope scope(*parts_);
    admit(*parts_, object);
}

void admit(session_parts& parts, object_state& object) {
    if (object.session == &parts.session) {
        parts.tx.remember(object);
        if (object.removal) {
            object.removal = false;
            parts.removed.erase(object);
        } else if (object.status == object_status::deleted) { // its row is inserted once more
            become_pending(parts, object);
            link_references(object);
        }
        return;
    }
    const auto keep = entity_base::share(&object);
    const newcomers found(parts.session, parts, object);
    for (auto* const next : found.all())
        take_in(parts.session, parts, *next);
    for (auto* const next : found.all())
        link_neighbours(parts, *next);
    for (auto* const next : found.all())
        link_references(*next);
}

void session_core::remove(object_state& object) {
    const brief_scope scope(*parts_);
    if (object.session != this || object.status == object_status::transient) {
        throw usage_error("remove() was given an object of table " + std::string(object.type->table) +
                          " that is not in this session; only objects that were read or added can be removed");
    }
    if (object.removal || object.status == object_status::deleted) return;
    parts_->tx.remember(object);
    if (object.status == object_status::pending) {
        const auto keep = entity_base::share(&object);
        clear_references_to(object);
        parts_->added.erase(object);
        make_transient(std::span(&keep, 1));
        return;
    }
    object.removal = true;
    parts_->removed.push(object);
}

void session_core::expunge(object_state& object) {
    const brief_scope scope(*parts_);
    if (object.session != this) {
        throw usage_error("expunge() was given an object of table " + std::string(object.type->table) +
                          " that is not in this session");
    }
    const auto keep = entity_base::share(&object);
    transaction_state::forget(object);
    if (object.status == object_status::pending) {
        parts_->added.erase(object);
        make_transient(std::span(&keep, 1));
        return;
    }
    parts_->removed.erase(object);
    const bool was_deleted = object.status == object_status::deleted;
    if (!was_deleted) {
        parts_->tx.hold_back(object);
        parts_->map.erase(object);
    }
    make_detached(*parts_, object);
    object.gone = was_deleted;
}

void make_transient(std::span<const entity_base> objects) noexcept {
    for (const auto& object : objects)
        object.state()->status = object_status::transient;
    for (const auto& object : objects)
        cut_relations(*object.state(), true);
    for (const auto& object : objects) {
        auto& state = *object.state();
        state.session = nullptr;
        note_late_reference(state); // they may refer to each other
        set_loose(state, true);
        state.traps = 0;
        state.touched = false;
        state.removal = false;
    }
}

void make_detached(session_parts& parts, object_state& object) noexcept {
    delist(parts, object); // what is changed from here on is found when it is added again
    cut_relations(object, false);
    leave_group(object);
    object.status = object_status::detached;
    object.session = nullptr;
    end_strict(object);
    if (object.watch == nullptr) arm_write_trap(object);
    object.removal = false;
}

void make_gone(session_parts& parts, object_state& object) noexcept {
    const auto last = parts.map.erase(object);
    parts.removed.erase(object);
    make_detached(parts, object);
    object.gone = true;
}

void let_go_of_half_told(session_parts& parts) noexcept {
    const auto left = std::exchange(parts.half_told, {});
    for (const auto* objects : {&left.added, &left.renamed}) {
        for (const auto& object : *objects) {
            if (object.state()->status == object_status::pending)
                make_transient(std::span(&object, 1));
            else if (object.state()->session != nullptr)
                make_gone(parts, *object.state());
        }
    }
    detach_all(parts);
}

void detach_all(session_parts& parts) noexcept {
    // Nobody needs to be told one by one: all of them go.
    for (auto* const object : parts.watched)
        object->watch->position = watch_record::unlisted;
    parts.watched.clear();
    parts.removed.clear();
    auto added = parts.added.take();
    make_transient(added);
    release_together(std::move(added));
    parts.map.for_each([](object_state& object) {
        object.session = nullptr;
        object.status = object_status::detached;
    });
    parts.map.for_each([&](object_state& object) { make_detached(parts, object); });
    parts.map.clear();
}

} // namespace wharf::orm
