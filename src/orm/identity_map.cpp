#include "orm/identity_map.hpp"

#include <bit>

namespace wharf::orm {
namespace {

std::size_t capacity_for(std::size_t size) noexcept {
    return std::bit_ceil(size + size / 2 + size / 8 + 16);
}

} // namespace

std::size_t identity_map::hash_of(const class_descriptor& type, const key_value& key) noexcept {
    return key.hash() ^ (reinterpret_cast<std::uintptr_t>(&type) >> 4) * 0x9e3779b97f4a7c15U;
}

object_state* identity_map::find(const class_descriptor& type, const key_value& key) const noexcept {
    if (size_ == 0 || !key.is_set()) return nullptr;
    const auto hash = hash_of(type, key);
    const auto mask = slots_.size() - 1;
    for (auto at = hash & mask; slots_[at].object != nullptr; at = (at + 1) & mask) {
        const auto& found = slots_[at];
        if (found.hash == hash && found.object->type == &type && found.object->key == key) return found.object;
    }
    return nullptr;
}

void identity_map::insert(object_state& object) {
    if (slots_.empty() || capacity_for(size_ + 1) > slots_.size()) rehash(capacity_for(size_ + 1));
    object.references.fetch_add(1, std::memory_order_relaxed);
    place({hash_of(*object.type, object.key), &object});
    ++size_;
}

void identity_map::place(slot moved) noexcept {
    const auto mask = slots_.size() - 1;
    auto at = moved.hash & mask;
    while (slots_[at].object != nullptr)
        at = (at + 1) & mask;
    slots_[at] = moved;
}

entity_base identity_map::erase(object_state& object) noexcept {
    if (size_ == 0) return {};
    const auto mask = slots_.size() - 1;
    auto hole = hash_of(*object.type, object.key) & mask;
    while (slots_[hole].object != &object) {
        if (slots_[hole].object == nullptr) return {};
        hole = (hole + 1) & mask;
    }
    // Those behind that could not have their place because of this one move up.
    for (auto at = (hole + 1) & mask; slots_[at].object != nullptr; at = (at + 1) & mask) {
        const auto home = slots_[at].hash & mask;
        if (((at - home) & mask) < ((at - hole) & mask)) continue;
        slots_[hole] = slots_[at];
        hole = at;
    }
    slots_[hole] = {};
    --size_;
    return entity_base::adopt(&object);
}

void identity_map::clear() noexcept {
    auto old = std::exchange(slots_, {});
    size_ = 0;
    for (const auto& at : old)
        if (at.object != nullptr) static_cast<void>(entity_base::adopt(at.object));
}

void identity_map::reserve(std::size_t more) {
    if (capacity_for(size_ + more) > slots_.size()) rehash(capacity_for(size_ + more));
}

void identity_map::rehash(std::size_t capacity) {
    std::vector<slot> bigger(capacity);
    const auto old = std::exchange(slots_, std::move(bigger));
    for (const auto& at : old)
        if (at.object != nullptr) place(at);
}

} // namespace wharf::orm
