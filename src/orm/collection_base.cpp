#include "wharf/orm/collection_base.hpp"

#include "orm/mirror.hpp"
#include "wharf/orm/errors.hpp"
#include "wharf/orm/session_core.hpp"

#include <algorithm>
#include <utility>

namespace wharf::orm {
namespace {

const reference_base& way_back(const collection_base& collection, object_state& item) {
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
    if (loaded()) return items_;
    if (owner_->session == nullptr) {
        throw detached("relation " + std::string(description().name) + " of table " + std::string(owner_->type->table) +
                       " was read, but its object belongs to no session any more");
    }
    owner_->session->access_relation(*this);
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

void collection_base::add(entity_base item) {
    if (!item) throw_null_entity();
    if (owner_ == nullptr || owner_->session == nullptr) {
        if (owner_ != nullptr && owner_->status == object_status::detached) static_cast<void>(items()); // throws
        known().push_back(std::move(item));
        return;
    }
    owner_->session->add(*item.state());
    const auto& reference = way_back(*this, *item.state());
    if (points_to(reference, *owner_)) return;
    const_cast<reference_base&>(reference).change(entity_base::share(owner_));
    reference.set_by_collection(true);
}

void collection_base::remove(const entity_base& item) {
    if (!item) throw_null_entity();
    if (owner_ == nullptr || owner_->session == nullptr) {
        if (owner_ != nullptr && owner_->status == object_status::detached) static_cast<void>(items()); // throws
        forget(*item.state());
        return;
    }
    const auto& reference = way_back(*this, *item.state());
    if (!points_to(reference, *owner_)) return;
    const auto kept = entity_base::share(item.state()); // the handle may be the one in the collection
    const_cast<reference_base&>(reference).change({});
}

void collection_base::replace(std::vector<entity_base> wanted) {
    if (owner_ == nullptr || owner_->session == nullptr) {
        if (owner_ != nullptr) static_cast<void>(items()); // throws when detached
        known() = std::move(wanted);
        return;
    }
    const auto before = items();
    for (const auto& item : before) {
        const bool stays = std::any_of(wanted.begin(), wanted.end(),
                                       [&](const entity_base& kept) { return kept.state() == item.state(); });
        if (!stays) remove(item);
    }
    for (auto& item : wanted)
        add(std::move(item));
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

void collection_base::forget(const object_state& item) const noexcept {
    const auto found =
        std::find_if(items_.begin(), items_.end(), [&](const entity_base& kept) { return kept.state() == &item; });
    if (found == items_.end()) return;
    const auto place = found - items_.begin();
    known().erase(items_.begin() + place);
}

} // namespace wharf::orm
