#include "orm/transaction_state.hpp"

#include "orm/loose.hpp"
#include "orm/object_row.hpp"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <utility>

namespace wharf::orm {
namespace {

/// What a strict transaction only does not believe is there all the same.
bool values_are_known(const object_state& object) noexcept {
    return (object.traps & object_state::trap_read) == 0 || (object.traps & object_state::trap_strict) != 0;
}

} // namespace

std::vector<saved_reference> references_held_by(object_state& object) {
    std::vector<saved_reference> held;
    const auto& relations = object.type->relations;
    for (std::size_t i = 0; i < relations.size(); ++i) {
        if (relations[i].kind != relation_kind::belongs_to) continue;
        const auto& reference = reference_at(object, i);
        held.push_back({reference.target(), reference.own_key(), reference.by_collection()});
    }
    return held;
}

void forget_unwritten(saved_object& saved) noexcept {
    if (saved.status == object_status::persistent && !saved.baseline.empty()) saved.members.clear();
}

std::uint64_t event_numbers::next() noexcept {
    static std::atomic<std::uint64_t> taken{1};
    if (next_ == end_) {
        next_ = taken.fetch_add(at_once, std::memory_order_relaxed);
        end_ = next_ + at_once;
    }
    return next_++;
}

void transaction_state::push() {
    transaction_level inner;
    inner.serial = now_ = numbers_.next();
    levels_.push_back(std::move(inner));
}

void transaction_state::merge() {
    auto inner = std::move(levels_.back());
    levels_.pop_back();
    auto& outer = levels_.back();
    outer.written = std::min(outer.written, inner.written);
    outer.has_read = outer.has_read || inner.has_read;
    for (auto& saved : inner.objects) {
        auto& object = *saved.object.state();
        const bool is_last = object.remembered == inner.serial;
        if (is_last) object.remembered = outer.serial;
        if (saved.remembered == outer.serial) continue;
        forget_unwritten(saved);
        outer.objects.push_back(std::move(saved));
    }
    for (auto& saved : inner.collections) {
        const auto& collection = collection_at(*saved.owner.state(), saved.relation);
        if (collection.remembered() == inner.serial) collection.set_remembered(outer.serial);
        if (saved.remembered != outer.serial) outer.collections.push_back(std::move(saved));
    }
    outer.updated.insert(outer.updated.end(), inner.updated.begin(), inner.updated.end());
    std::move(inner.inserted.begin(), inner.inserted.end(), std::back_inserter(outer.inserted));
}

std::vector<transaction_level> transaction_state::take(std::size_t from) {
    std::vector<transaction_level> ended(std::make_move_iterator(levels_.begin() + static_cast<std::ptrdiff_t>(from)),
                                         std::make_move_iterator(levels_.end()));
    levels_.resize(from);
    if (from == 0) {
        settle();
        push();
    }
    return ended;
}

void let_go(std::vector<transaction_level> ended) noexcept {
    std::vector<entity_base> handles;
    {
        const circles_unwatched later;
        const auto take = [&handles](entity_base& handle) {
            if (handle && handle.state()->session == nullptr) handles.push_back(std::move(handle));
        };
        for (auto& of : ended) {
            for (auto& saved : of.objects) {
                take(saved.object);
                for (auto& reference : saved.references)
                    take(reference.target);
            }
            for (auto& saved : of.collections) {
                take(saved.owner);
                std::for_each(saved.items.begin(), saved.items.end(), take);
            }
            for (auto& record : of.inserted)
                take(record.object);
        }
        ended.clear();
    }
    release_together(std::move(handles));
}

void transaction_state::hold_back(object_state& object) {
    const auto wrote_first = std::ranges::min_element(levels_, {}, &transaction_level::written)->written;
    if (wrote_first == transaction_level::never || object.read_at < wrote_first) return;
    held_back_.try_emplace(&object, entity_base::share(&object));
    object.unsettled = true;
}

void transaction_state::hold_back_no_more(object_state& object) noexcept {
    object.unsettled = false;
    held_back_.erase(&object);
}

void transaction_state::settle() noexcept {
    std::vector<entity_base> handles;
    for (auto& [object, handle] : std::exchange(held_back_, {})) {
        object->unsettled = false;
        handles.push_back(std::move(handle));
    }
    release_together(std::move(handles));
}

void transaction_state::end() {
    settle();
    let_go(std::exchange(levels_, {}));
    push();
    next();
}

void transaction_state::next() {
    began_ = now_ = numbers_.next();
    open_ = begun = wrote = strict = false;
    options = {};
    ++number_;
}

void transaction_state::note_write() {
    wrote = true;
    if (levels_.back().written == transaction_level::never) levels_.back().written = now_ = numbers_.next();
}

void transaction_state::note_foreign_write() {
    note_write();
    foreign_write_ = now_ = numbers_.next();
}

bool transaction_state::has_written() const noexcept {
    return std::any_of(levels_.begin(), levels_.end(),
                       [](const transaction_level& level) { return level.written != transaction_level::never; });
}

saved_object& transaction_state::save(object_state& object) {
    auto& saved = levels_.back().objects.emplace_back();
    saved.object = entity_base::share(&object);
    saved.remembered = std::exchange(object.remembered, levels_.back().serial);
    saved.status = object.status;
    saved.traps = object.traps;
    saved.checks = object.checks;
    saved.touched = object.touched;
    saved.removal = object.removal;
    saved.gone = object.gone;
    saved.watched = object.watch != nullptr;
    saved.order = object.order;
    saved.read_at = object.read_at;
    saved.key = object.key;
    saved.stored = object.stored;
    saved.references = references_held_by(object);
    return saved;
}

void transaction_state::remember(object_state& object) {
    if (object.remembered == levels_.back().serial) return;
    auto& saved = save(object);
    if (object.watch != nullptr) {
        saved.baseline = object.watch->baseline;
        const bool is_listed = object.status == object_status::persistent; // else nothing finds out what was changed
        if (!is_listed) saved.members = encode_object(object);
    } else if (object.status != object_status::transient) {
        (values_are_known(object) ? saved.baseline : saved.members) = encode_object(object);
    }
}

void transaction_state::remember_written(object_state& object) {
    remember(object);
    levels_.back().updated.push_back(&object);
}

void transaction_state::remember_unwritten(object_state& object) {
    if (object.remembered == levels_.back().serial) return;
    auto& saved = save(object);
    if (object.watch != nullptr) saved.baseline = object.watch->baseline;
    saved.members = encode_object(object);
}

void transaction_state::remember(const collection_base& collection) {
    auto& level = levels_.back();
    if (collection.remembered() == level.serial) return;
    level.collections.push_back({entity_base::share(collection.owner()), collection.index(), collection.remembered(),
                                 collection.loaded_at(), collection.known()});
    collection.set_remembered(level.serial);
}

void transaction_state::forget_others(object_state& object) const noexcept {
    const auto is_others = [this](std::uint64_t serial) {
        return serial != 0 && std::ranges::find(levels_, serial, &transaction_level::serial) == levels_.end();
    };
    if (is_others(object.remembered)) object.remembered = 0;
    for (std::size_t i = 0; i < object.type->relations.size(); ++i) {
        if (object.type->relations[i].kind != relation_kind::has_many) continue;
        const auto& collection = collection_at(object, i);
        if (is_others(collection.remembered())) collection.set_remembered(0);
    }
}

void transaction_state::fail(std::exception_ptr error) noexcept {
    if (failure_) return;
    failure_ = std::move(error);
    failed_level_ = innermost();
}

void transaction_state::fail_all(std::exception_ptr error) noexcept {
    fail(std::move(error));
    failed_level_ = 0;
}

void transaction_state::forget_failure(std::size_t level) noexcept {
    if (failed_level_ < level) return;
    failure_ = nullptr;
    failed_level_ = 0;
}

} // namespace wharf::orm
