#include "wharf/orm/reference_base.hpp"

#include "orm/loose.hpp"
#include "orm/mirror.hpp"
#include "orm/reference_values.hpp"
#include "orm/session_parts.hpp"
#include "wharf/orm/errors.hpp"
#include "wharf/orm/session_core.hpp"

namespace wharf::orm {

const key_value& reference_base::foreign_key() const noexcept {
    return target_ && target_.state()->key.is_set() ? target_.state()->key : key_;
}

bool reference_base::loaded() const {
    if (target_ || !key_.is_set() || owner_ == nullptr) return true;
    return owner_->session != nullptr && owner_->session->find(target_of(description()), key_) != nullptr;
}

const entity_base& reference_base::object() const {
    if (target_ || owner_ == nullptr) return target_;
    if (owner_->session != nullptr) {
        if (key_.is_set()) owner_->session->access_relation(*this);
        return target_;
    }
    if (owner_->status == object_status::detached) {
        throw detached("relation " + std::string(description().name) + " of table " + std::string(owner_->type->table) +
                       " was read, but its object belongs to no session any more");
    }
    return target_;
}

namespace {

/// The members that hold the key of a reference say what it says, or nothing; those of an object without a row learn
/// of a change that way. What they say otherwise is for the flush to judge.
void before_change_of(const reference_base& reference) {
    auto& owner = *reference.owner();
    const bool has_row = owner.status == object_status::persistent || owner.status == object_status::deleted ||
                         (owner.status == object_status::detached && !owner.gone);
    const auto& relation = reference.description();
    if (has_row || !reference.foreign_key().is_set() || !has_member(*owner.type, relation)) return;
    if (key_in_members(owner, relation) == reference.foreign_key()) clear_members(owner, relation);
}

} // namespace

void reference_base::assign(entity_base target, key_value key) {
    if (owner_ == nullptr || owner_->session == nullptr) return change(std::move(target), std::move(key));
    const auto keep = entity_base::share(owner_); // the collection may hold the only handle
    if (target) read_before_admission(*owner_->session, *target.state());
    const brief_scope scope(owner_->session->parts());
    change(std::move(target), std::move(key));
}

void reference_base::change(entity_base target, key_value key) {
    if (target.state() == target_.state() && (target || key == key_)) return;
    if (owner_ == nullptr || owner_->session == nullptr) {
        const auto before = target_; // ends behind the lock
        const loose_lock lock(owner_);
        if (owner_ != nullptr && target) note_late_reference(*owner_);
        if (owner_ != nullptr) before_change_of(*this);
        set(std::move(target), std::move(key));
        linked_ = false;
        by_collection_ = false;
        return;
    }
    auto& parts = owner_->session->parts();
    if (target) admit(parts, *target.state());
    if ((owner_->traps & object_state::trap_write) != 0) start_watching(parts, *owner_);
    const auto keep = entity_base::share(owner_); // the collection may hold the only handle
    owner_->session->before_change(*owner_);
    before_change_of(*this);
    unlink(*this);
    set(std::move(target), std::move(key));
    link(*this);
}

} // namespace wharf::orm
