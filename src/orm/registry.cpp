#include "orm/registry.hpp"

#include "orm/build_descriptor.hpp"
#include "wharf/base/error.hpp"

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
    ++lookups_;
    if (const auto* found = built(type)) return found;
    if (const auto found = mappings_.find(type); found != mappings_.end()) return &build_locked(*found->second);
    return nullptr;
}

const class_descriptor& registry::build(registration& of) {
    const std::lock_guard lock(mutex_);
    ++lookups_;
    // One program may hold several registrations of a class (plug-ins with hidden symbols); the first one counts.
    auto& counts = *mappings_.try_emplace(of.view().type, &of).first->second;
    const auto& made = build_locked(counts);
    of.built_.store(&made, std::memory_order_release);
    return made;
}

std::uint64_t registry::lookups() {
    const std::lock_guard lock(mutex_);
    return lookups_;
}

const class_descriptor* registry::built(tag type) const {
    const auto found = built_.find(type);
    return found == built_.end() ? nullptr : found->second;
}

const class_descriptor& registry::build_locked(registration& of) {
    if (const auto* found = built(of.view().type)) return *found;
    // None is shown to anybody before all know each other.
    std::vector<class_descriptor*> made{&build_one(of)};
    for (std::size_t i = 0; i != made.size(); ++i) {
        for (const auto& relation : made[i]->relations) {
            const auto listed = mappings_.find(relation.target);
            if (listed == mappings_.end() || built(relation.target) != nullptr) continue;
            try {
                made.push_back(&build_one(*listed->second));
            } catch (const configuration_error&) {
                // A class that cannot work troubles those who use it, not those who point to it.
            }
        }
    }
    for (auto* const one : made)
        resolve_targets(*one, [this](tag type) { return built(type); });
    for (auto* const one : made)
        resolve_other_sides(*one);
    for (auto* const one : made)
        mappings_.at(one->type)->built_.store(one, std::memory_order_release);
    return *made.front();
}

class_descriptor& registry::build_one(registration& of) {
    const auto key_of_target = [this](tag type) {
        if (const auto* found = built(type)) return key_columns_of(*found);
        if (const auto found = mappings_.find(type); found != mappings_.end())
            return key_columns_of(found->second->view());
        return std::vector<key_column>();
    };
    auto* const made = build_descriptor(of.view(), key_of_target).release(); // it lives as long as the process
    built_.emplace(of.view().type, made);
    return *made;
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
