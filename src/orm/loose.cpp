// The end of objects: one after the other however long the chain of handles is, and circles of new objects too.
#include "orm/loose.hpp"
#include "orm/object_memory.hpp"
#include "orm/object_row.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
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

/// How many objects are there that may have closed a circle.
std::atomic<std::size_t> late_objects{0};

/// One for all: objects that are loose are few, and do not stay so for long.
constinit std::mutex following;                   // of what loose objects refer to
constinit thread_local bool is_following = false; // this thread has the mutex
constinit thread_local std::size_t unwatched = 0; // how many circles_unwatched it has

/// Calls visit(object) for every handle that the object holds in its relations.
template <class Visit>
void for_each_handle(object_state& object, Visit visit) {
    const auto& relations = object.type->relations;
    for (std::size_t i = 0; i < relations.size(); ++i) {
        if (relations[i].kind == relation_kind::belongs_to) {
            if (const auto& target = reference_at(object, i).target()) visit(*target.state());
        } else {
            for (const auto& item : collection_at(object, i).places())
                if (item) visit(*item.state());
        }
    }
}

/// What an object leads to, as far as it is loose, and who of them is held from elsewhere. Under a loose_lock.
/// Source: D. Bacon and V. Rajan, Concurrent cycle collection in reference counted systems, 2001 (trial deletion).
class neighbourhood {
public:
    /// `from` is held by the handle that is let go.
    neighbourhood(object_state& from, std::size_t most) : most_(most) {
        note(from);
        reach();
    }
    /// These handles are let go.
    explicit neighbourhood(const std::vector<entity_base>& held) {
        for (const auto& handle : held)
            if (handle.state()->loose.load(std::memory_order_acquire)) note(*handle.state());
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
            for_each_handle(object, [&](const object_state& target) {
                if (target.loose.load(std::memory_order_acquire) && contains(target)) keep(target.group_index);
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
    /// One more handle that is among these.
    void note(object_state& object) {
        if (!contains(object)) {
            object.group_index = static_cast<std::uint32_t>(objects_.size()); // it is in no group
            objects_.push_back(&object);
            held_inside_.push_back(0);
        }
        ++held_inside_[object.group_index];
    }
    void reach() {
        for (std::size_t i = 0; i < objects_.size() && is_complete(); ++i) {
            for_each_handle(*objects_[i], [&](object_state& target) {
                if (target.loose.load(std::memory_order_acquire)) note(target);
            });
        }
    }

    std::size_t most_{~std::size_t{0}};
    std::vector<object_state*> objects_{};
    std::vector<std::uint32_t> held_inside_{}; // how many handles to each the objects here hold
};

void let_go_of_everything(object_state& object, std::vector<entity_base>& held) {
    for_each_handle(object, [&](object_state& target) { held.push_back(entity_base::share(&target)); });
    const auto& relations = object.type->relations;
    for (std::size_t i = 0; i < relations.size(); ++i) {
        if (relations[i].kind == relation_kind::belongs_to) {
            reference_at(object, i).set({}, key_value());
        } else {
            collection_at(object, i).known().clear();
        }
    }
}

void forget_loose(object_state& object) noexcept {
    object.loose.store(false, std::memory_order_relaxed);
    if (std::exchange(object.late, false)) late_objects.fetch_sub(1, std::memory_order_relaxed);
}

/// Objects that only they themselves hold let go of each other. What is left then holds them.
std::vector<entity_base> part(std::vector<entity_base> abandoned) {
    const auto objects = abandoned.size();
    for (std::size_t i = 0; i != objects; ++i)
        forget_loose(*abandoned[i].state());
    for (std::size_t i = 0; i != objects; ++i)
        let_go_of_everything(*abandoned[i].state(), abandoned);
    return abandoned;
}

/// Opens the circle that the handle closes which is let go, if there is one.
std::vector<entity_base> open_circle(object_state& released) {
    // Every release pays for the look: looks that lead too far become short ones, until some end again.
    constexpr std::size_t shortest = 32;
    constexpr std::size_t longest = 1024;
    thread_local std::size_t most = longest;
    neighbourhood around(released, most);
    most = around.is_complete() ? std::min(most * 2, longest) : std::max(most / 2, shortest);
    if (!around.is_complete()) return {};
    return part(around.abandoned());
}

[[nodiscard]] bool was_last(object_state& released) noexcept {
    return released.references.fetch_sub(1, std::memory_order_acq_rel) == 1;
}

[[nodiscard]] bool may_be_circles() noexcept {
    return unwatched == 0 && late_objects.load(std::memory_order_relaxed) != 0;
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
        forget_loose(next); // nobody comes to it any more
        end_object(next);
    }
    ending.running = false;
}

loose_lock::loose_lock(bool needed) noexcept : held_(needed && !is_following) {
    if (!held_) return;
    following.lock();
    is_following = true;
}

loose_lock::loose_lock(const object_state* owner) noexcept
    : loose_lock(owner != nullptr && owner->loose.load(std::memory_order_relaxed)) {}

loose_lock::~loose_lock() {
    if (!held_) return;
    is_following = false;
    following.unlock();
}

void set_loose(object_state& object, bool loose) noexcept {
    if (!loose) {
        const loose_lock lock(&object);
        forget_loose(object);
    } else if (!object.type->relations.empty()) {
        object.loose.store(true, std::memory_order_release);
    }
}

void note_late_reference(object_state& owner) noexcept {
    if (!std::exchange(owner.late, true)) late_objects.fetch_add(1, std::memory_order_relaxed);
}

void release_loose(object_state& released) noexcept {
    std::vector<entity_base> held; // ends behind the lock
    bool ends = false;
    {
        const loose_lock lock(may_be_circles() ? &released : nullptr);
        if (lock.is_held() && released.loose.load(std::memory_order_relaxed)) {
            try {
                held = open_circle(released);
            } catch (const std::exception&) {
                // No memory for the look: the objects stay.
            }
        }
        ends = was_last(released);
    }
    if (ends) destroy_object(released);
}

void release_together(std::vector<entity_base> handles) noexcept {
    if (handles.empty()) return;
    std::vector<entity_base> held; // ends behind the lock
    {
        const loose_lock lock(may_be_circles());
        if (lock.is_held()) {
            try {
                held = part(neighbourhood(handles).abandoned());
            } catch (const std::exception&) {
                // As above.
            }
        }
        // Given back before another thread looks; who is the last one ends below.
        std::erase_if(handles, [](entity_base& handle) {
            auto& object = *handle.give_up();
            if (!was_last(object)) return true;
            handle = entity_base::adopt(&object);
            return false;
        });
    }
    const circles_unwatched all_at_once;
    for (auto& handle : handles)
        destroy_object(*handle.give_up());
    held.clear();
}

circles_unwatched::circles_unwatched() noexcept {
    ++unwatched;
}
circles_unwatched::~circles_unwatched() {
    --unwatched;
}

} // namespace wharf::orm
