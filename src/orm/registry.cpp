#include "orm/registry.hpp"

#include "orm/build_descriptor.hpp"

namespace wharf::orm {

registry& registry::instance() {
    // Never destroyed: objects with static lifetime may still use their mappings while the process ends.
    static auto* const only = new registry;
    return *only;
}

void registry::add(registration& added) {
    const std::lock_guard lock(mutex_);
    mappings_.try_emplace(added.view().type, &added);
}

void registry::add(const class_descriptor& added) {
    const std::lock_guard lock(mutex_);
    built_.insert_or_assign(added.type, &added);
}

const class_descriptor* registry::find(tag type) {
    const std::lock_guard lock(mutex_);
    if (const auto found = built_.find(type); found != built_.end()) return found->second;
    if (const auto found = mappings_.find(type); found != mappings_.end()) return &build_locked(*found->second);
    return nullptr;
}

const class_descriptor& registry::build(registration& of) {
    const std::lock_guard lock(mutex_);
    // One program may hold several registrations of a class (plug-ins with hidden symbols); the first one counts.
    const auto found = mappings_.try_emplace(of.view().type, &of).first->second;
    return build_locked(*found);
}

const class_descriptor& registry::build_locked(registration& of) {
    if (const auto found = built_.find(of.view().type); found != built_.end()) {
        of.built_.store(found->second, std::memory_order_release);
        return *found->second;
    }
    const auto key_of_target = [this](tag type) {
        if (const auto found = built_.find(type); found != built_.end()) return key_columns_of(*found->second);
        if (const auto found = mappings_.find(type); found != mappings_.end())
            return key_columns_of(found->second->view());
        return std::vector<key_column>();
    };
    const auto* const built = build_descriptor(of.view(), key_of_target).release();
    built_.emplace(of.view().type, built);
    of.built_.store(built, std::memory_order_release);
    return *built;
}

bool registration::enlist() noexcept {
    registry::instance().add(*this);
    return true;
}

const class_descriptor& registration::build() {
    return registry::instance().build(*this);
}

const class_descriptor* find_descriptor(tag type) {
    return registry::instance().find(type);
}

void register_descriptor(const class_descriptor& added) {
    registry::instance().add(added);
}

} // namespace wharf::orm
