// Objects that a flush has to write: an object knows its place, so that it leaves without a search.
#pragma once

#include "wharf/orm/entity.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace wharf::orm {

/// An object is in one such list at most: object_state::position is its place in it.
class object_list {
public:
    [[nodiscard]] bool empty() const noexcept { return items_.empty(); }
    [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }
    [[nodiscard]] const entity_base& operator[](std::size_t at) const noexcept { return items_[at]; }
    [[nodiscard]] auto begin() const noexcept { return items_.begin(); }
    [[nodiscard]] auto end() const noexcept { return items_.end(); }
    [[nodiscard]] const std::vector<entity_base>& items() const noexcept { return items_; }

    [[nodiscard]] bool contains(const object_state& object) const noexcept {
        return object.position < items_.size() && items_[object.position].state() == &object;
    }
    void push(object_state& object) {
        items_.push_back(entity_base::share(&object));
        object.position = static_cast<std::uint32_t>(items_.size() - 1);
    }
    /// Does nothing when it is not there. The last one takes its place.
    void erase(object_state& object) noexcept {
        if (!contains(object)) return;
        const auto hole = object.position;
        std::swap(items_[hole], items_.back());
        items_[hole].state()->position = hole;
        const auto gone = std::move(items_.back());
        items_.pop_back();
    }
    [[nodiscard]] std::vector<entity_base> take() noexcept { return std::exchange(items_, {}); }
    void clear() noexcept { items_.clear(); }

    /// In the order in which they were added.
    void sort() {
        const auto earlier = [](const entity_base& left, const entity_base& right) {
            return left.state()->order < right.state()->order;
        };
        if (std::is_sorted(items_.begin(), items_.end(), earlier)) return;
        std::sort(items_.begin(), items_.end(), earlier);
        for (std::size_t i = 0; i < items_.size(); ++i)
            items_[i].state()->position = static_cast<std::uint32_t>(i);
    }

private:
    std::vector<entity_base> items_{};
};

} // namespace wharf::orm
