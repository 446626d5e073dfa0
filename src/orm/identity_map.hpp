// One object per row: from class and key to the object that the session holds for it.
#pragma once

#include "wharf/orm/entity.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace wharf::orm {

/// Open addressing with linear probing. Holds one reference to each object, under the object's own key, which must not
/// change while the object is in.
class identity_map {
public:
    identity_map() = default;
    identity_map(const identity_map&) = delete;
    identity_map& operator=(const identity_map&) = delete;
    ~identity_map() { clear(); }

    [[nodiscard]] object_state* find(const class_descriptor& type, const key_value& key) const noexcept;
    /// Precondition: nothing is there under this class and key.
    void insert(object_state& object);
    /// Takes an object out and gives its reference to the caller; an empty handle when it is not in.
    entity_base erase(object_state& object) noexcept;
    void clear() noexcept;
    /// Makes room for so many more, so that inserting them does not move anything.
    void reserve(std::size_t more);

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    template <class Visit>
    void for_each(Visit visit) const {
        for (const auto& at : slots_)
            if (at.object != nullptr) visit(*at.object);
    }

private:
    struct slot {
        std::size_t hash{0};
        object_state* object{nullptr};
    };

    [[nodiscard]] static std::size_t hash_of(const class_descriptor& type, const key_value& key) noexcept;
    void rehash(std::size_t capacity);
    void place(slot moved) noexcept;

    std::vector<slot> slots_{}; // a power of two, at most five eighths full
    std::size_t size_{0};
};

} // namespace wharf::orm
