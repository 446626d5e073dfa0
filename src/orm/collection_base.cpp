#include "wharf/orm/collection_base.hpp"

#include "orm/loose.hpp"
#include "orm/mirror.hpp"
#include "orm/session_parts.hpp"
#include "wharf/orm/errors.hpp"
#include "wharf/orm/session_core.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace wharf::orm {
namespace {

reference_base& way_back(const collection_base& collection, object_state& item) {
    const auto inverse = inverse_of(*collection.owner()->type, collection.index());
    return reference_at(item, static_cast<std::size_t>(inverse));
}

} // namespace

bool collection_base::loaded() const noexcept {
    if (owner_ == nullptr || owner_->status == object_status::transient || owner_->status == object_status::pending) {
        return true;
    }
    return was_loaded() && (owner_->session == nullptr || owner_->session->answers(loaded_at_));
}

std::vector<entity_base>& collection_base::items() const {
    if (holes_ != 0) close_holes();
    if (loaded()) return items_;
    if (owner_->session == nullptr) {
        throw detached("relation " + std::string(description().name) + " of table " + std::string(owner_->type->table) +
                       " was read, but its object belongs to no session any more");
    }
    owner_->session->access_relation(*this);
    if (holes_ != 0) close_holes();
    return items_;
}

walk collection_base::start_walk() const {
    auto* walked = walked_.load(std::memory_order_acquire);
    if (walked == nullptr) {
        auto* const made = new walked_items;
        if (walked_.compare_exchange_strong(walked, made, std::memory_order_acq_rel)) {
            walked = made;
        } else {
            delete made; // another thread reads the same plain row
        }
    }
    return walk(*walked);
}

void collection_base::leave_items_to_walks() const noexcept {
    auto* const walked = walked_.load(std::memory_order_relaxed);
    if (!walked->in_use()) return;
    const loose_lock lock(owner_);
    walked->kept = std::move(items_); // where the loops have them
    items_ = walked->kept;
    walked_.store(nullptr, std::memory_order_relaxed);
    walked->release();
}

void collection_base::end_walks() noexcept {
    auto* const walked = walked_.load(std::memory_order_relaxed);
    if (walked->in_use()) walked->kept = std::move(items_);
    walked->release();
}

namespace {

/// A change of its reference is writing access to the item, which reads it first where its values are not known or
/// old. Outside any call.
void access_item(const collection_base& collection, object_state& item, bool shall_be_in) {
    auto& owner = *collection.owner();
    if (item.session != owner.session) return;
    if ((item.traps & object_state::trap_read) != 0) before_read(item);
    if (points_to(way_back(collection, item), owner) != shall_be_in) before_write(item);
}

void add_to(const collection_base& collection, object_state& item) {
    auto& owner = *collection.owner();
    admit(owner.session->parts(), item);
    auto& reference = way_back(collection, item);
    if (points_to(reference, owner)) return;
    reference.change(entity_base::share(&owner));
    reference.set_by_collection(true);
}

void remove_from(const collection_base& collection, object_state& item) {
    auto& reference = way_back(collection, item);
    if (!points_to(reference, *collection.owner())) return;
    const auto keep = entity_base::share(&item); // the handle may be the one in the collection
    reference.change({});
}

} // namespace

void collection_base::add(entity_base item) {
    if (!item) throw_null_entity();
    if (owner_ == nullptr || owner_->session == nullptr) {
        if (owner_ != nullptr && owner_->status == object_status::detached) static_cast<void>(items()); // throws
        const loose_lock lock(owner_);
        if (owner_ != nullptr) note_late_reference(*owner_);
        known().push_back(std::move(item));
        return;
    }
    access_item(*this, *item.state(), true);
    read_before_admission(*owner_->session, *item.state());
    const brief_scope scope(owner_->session->parts());
    add_to(*this, *item.state());
}

void collection_base::remove(const entity_base& item) {
    if (!item) throw_null_entity();
    if (owner_ == nullptr || owner_->session == nullptr) {
        if (owner_ != nullptr && owner_->status == object_status::detached) static_cast<void>(items()); // throws
        const auto keep = entity_base::share(item.state()); // the handle may be the one in the collection
        const loose_lock lock(owner_);
        forget(*keep.state());
        return;
    }
    access_item(*this, *item.state(), false);
    const brief_scope scope(owner_->session->parts());
    remove_from(*this, *item.state());
}

void collection_base::replace(std::vector<entity_base> wanted) {
    if (owner_ == nullptr || owner_->session == nullptr) {
        if (owner_ != nullptr) static_cast<void>(items()); // throws when detached
        const loose_lock lock(owner_);
        if (owner_ != nullptr) note_late_reference(*owner_);
        known().swap(wanted);
        return;
    }
    const auto before = items(); // loads
    std::unordered_set<const object_state*> stay;
    for (const auto& item : wanted) {
        if (!item) throw_null_entity();
        stay.insert(item.state());
        access_item(*this, *item.state(), true);
        read_before_admission(*owner_->session, *item.state());
    }
    for (const auto& item : before)
        if (!stay.contains(item.state())) access_item(*this, *item.state(), false);
    const brief_scope scope(owner_->session->parts());
    for (const auto& item : before)
        if (!stay.contains(item.state())) remove_from(*this, *item.state());
    for (const auto& item : wanted)
        add_to(*this, *item.state());
}

void collection_base::unload() const noexcept {
    // What is not flushed yet stays: it would not come back with the rows. fill_collection() sorts it out.
    loaded_at_ = 0;
    std::erase_if(known(), [this](const entity_base& item) {
        auto& state = *item.state();
        if (state.status == object_status::pending || state.watch != nullptr) return false;
        way_back(*this, state).set_linked(false);
        return true;
    });
}

void collection_base::append(object_state& item, const reference_base& reference) const {
    if (walked_.load(std::memory_order_relaxed) != nullptr) leave_items_to_walks();
    reference.set_place(items_.size());
    items_.push_back(entity_base::share(&item));
}

bool collection_base::holds(object_state& item) const noexcept {
    const auto& reference = way_back(*this, item);
    if (!is_at(reference.place(), item)) number_items();
    return is_at(reference.place(), item);
}

void collection_base::forget(object_state& item) const noexcept {
    if (walked_.load(std::memory_order_relaxed) != nullptr) leave_items_to_walks();
    const auto inverse = owner_ == nullptr ? -1 : inverse_of(*owner_->type, index());
    if (inverse < 0) {
        std::erase_if(items_, [&item](const entity_base& kept) { return kept.state() == &item; });
        return;
    }
    if (!holds(item)) return;
    const auto gone = std::exchange(items_[reference_at(item, static_cast<std::size_t>(inverse)).place()], {});
    ++holes_;
    for (; !items_.empty() && !items_.back(); --holes_)
        items_.pop_back();
}

void collection_base::close_holes() const noexcept {
    const loose_lock lock(owner_);
    holes_ = 0;
    std::erase_if(items_, [](const entity_base& item) { return !item; });
    number_items();
}

void collection_base::number_items() const noexcept {
    for (std::size_t i = 0; i < items_.size(); ++i)
        if (items_[i]) way_back(*this, *items_[i].state()).set_place(i);
}

} // namespace wharf::orm
