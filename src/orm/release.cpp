// The end of objects: one after the other however long the chain of handles is, and circles of new objects too.
#include "orm/release.hpp"

#include "orm/object_memory.hpp"
#include "orm/object_row.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <utility>
#include <vector>

namespace wharf::orm {
namespace {

// Trivial, so that objects with static lifetime may end after it.
struct ending_objects {
    bool running;
    object_state* first; // linked by `group`: what ends has left its group
};
constinit thread_local ending_objects ending{false, nullptr};

constinit thread_local std::size_t unwatched{0}; // how many circles_unwatched there are

/// How many objects are there that may have closed a circle.
std::atomic<std::size_t> late_objects{0};

/// Calls visit(handle) for every handle that the object holds in its relations.
template <class Visit>
void for_each_handle(object_state& object, Visit visit) {
    const auto& relations = object.type->relations;
    for (std::size_t i = 0; i < relations.size(); ++i) {
        if (relations[i].kind == relation_kind::belongs_to) {
            if (const auto& target = reference_at(object, i).target()) visit(target);
        } else {
            for (const auto& item : collection_at(object, i).known())
                visit(item);
        }
    }
}

/// What an object leads to, as far as it is loose, and who of them is held from elsewhere.
/// Source: D. Bacon and V. Rajan, Concurrent cycle collection in reference counted systems, 2001 (trial deletion).
class neighbourhood {
public:
    neighbourhood(object_state& from, std::size_t most) : most_(most) {
        add(from);
        reach();
    }
    /// These handles will end with it.
    explicit neighbourhood(const std::vector<entity_base>& held) {
        for (const auto& handle : held)
            if (handle.state()->loose.load(std::memory_order_relaxed)) note(*handle.state());
        reach();
    }
    [[nodiscard]] bool is_complete() const noexcept { return objects_.size() <= most_; }

    /// Those that only they themselves hold.
    [[nodiscard]] std::vector<entity_base> abandoned() {
        std::vector<std::size_t> alive;
        std::vector<bool> is_alive(objects_.size(), false);
        const auto keep = [&](std::size_t at) {
            if (is_alive[at]) return;
            is_alive[at] = true;
            alive.push_back(at);
        };
        for (std::size_t i = 0; i < objects_.size(); ++i)
            if (objects_[i]->references.load(std::memory_order_acquire) != held_inside_[i]) keep(i);
        while (!alive.empty()) {
            auto& object = *objects_[alive.back()];
            alive.pop_back();
            for_each_handle(object, [&](const entity_base& handle) {
                if (contains(*handle.state())) keep(handle.state()->group_index);
            });
        }
        std::vector<entity_base> out;
        for (std::size_t i = 0; i < objects_.size(); ++i)
            if (!is_alive[i]) out.push_back(entity_base::share(objects_[i]));
        return out;
    }

private:
    [[nodiscard]] bool contains(const object_state& object) const noexcept {
        return object.group_index < objects_.size() && objects_[object.group_index] == &object;
    }
    void add(object_state& object) {
        object.group_index = static_cast<std::uint32_t>(objects_.size()); // it is in no group
        objects_.push_back(&object);
        held_inside_.push_back(0);
    }

    /// One more handle that is among these.
    void note(object_state& object) {
        if (!contains(object)) add(object);
        ++held_inside_[object.group_index];
    }
    void reach() {
        for (std::size_t i = 0; i < objects_.size() && is_complete(); ++i) {
            for_each_handle(*objects_[i], [&](const entity_base& handle) {
                auto& target = *handle.state();
                if (target.loose.load(std::memory_order_relaxed)) note(target);
            });
        }
    }

    std::size_t most_{~std::size_t{0}};
    std::vector<object_state*> objects_{};
    std::vector<std::uint32_t> held_inside_{}; // how many handles to each the objects here hold
};

void let_go_of_everything(object_state& object, std::vector<entity_base>& held) {
    for_each_handle(object, [&](const entity_base& handle) { held.push_back(handle); });
    const auto& relations = object.type->relations;
    for (std::size_t i = 0; i < relations.size(); ++i) {
        if (relations[i].kind == relation_kind::belongs_to) {
            reference_at(object, i).set({}, key_value());
        } else {
            collection_at(object, i).known().clear();
        }
    }
}

/// They hold each other, and nobody else holds them.
void end_together(const std::vector<entity_base>& abandoned) {
    std::vector<entity_base> held;
    for (const auto& object : abandoned)
        set_loose(*object.state(), false);
    for (const auto& object : abandoned)
        let_go_of_everything(*object.state(), held);
}

} // namespace

void destroy_object(object_state& ended) noexcept {
    ended.group = reinterpret_cast<load_group*>(ending.first);
    ending.first = &ended;
    if (ending.running) return; // an object that is ending held it
    ending.running = true;
    while (ending.first != nullptr) {
        auto& next = *ending.first;
        ending.first = reinterpret_cast<object_state*>(next.group);
        next.group = nullptr;
        set_loose(next, false);
        end_object(next);
    }
    ending.running = false;
}

void set_loose(object_state& object, bool loose) noexcept {
    object.loose.store(loose && !object.type->relations.empty(), std::memory_order_relaxed);
    if (!loose && std::exchange(object.late, false)) late_objects.fetch_sub(1, std::memory_order_relaxed);
}

void note_late_reference(object_state& owner) noexcept {
    if (!std::exchange(owner.late, true)) late_objects.fetch_add(1, std::memory_order_relaxed);
}

void release_circle(object_state& released) noexcept {
    if (unwatched != 0 || late_objects.load(std::memory_order_relaxed) == 0) return;
    // Every release pays for the look: looks that lead too far become short ones, until some end again.
    constexpr std::size_t shortest = 32;
    constexpr std::size_t longest = 1024;
    thread_local std::size_t most = longest;
    try {
        neighbourhood around(released, most);
        most = around.is_complete() ? std::min(most * 2, longest) : std::max(most / 2, shortest);
        if (!around.is_complete()) return;
        end_together(around.abandoned());
    } catch (const std::exception&) {
        // No memory for the look: the objects stay.
    }
}

void release_together(std::vector<entity_base> handles) noexcept {
    const circles_unwatched all_at_once;
    try {
        if (late_objects.load(std::memory_order_relaxed) != 0) end_together(neighbourhood(handles).abandoned());
    } catch (const std::exception&) {
        // As above.
    }
    handles.clear();
}

circles_unwatched::circles_unwatched() noexcept {
    ++unwatched;
}
circles_unwatched::~circles_unwatched() {
    --unwatched;
}

} // namespace wharf::orm
