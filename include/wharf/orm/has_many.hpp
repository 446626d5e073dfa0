// has_many<T>: the side of a relation that its objects point back to with a belongs_to.
//
//   for (const auto& profile : user.read()->profiles) std::cout << profile->bio;    // loaded on first access
//   user->profiles.add(Profile{.bio = "..."});                                      // added to the session too
//
// Reading through a const has_many gives entity<const T>. In an async session the items are loaded with
// co_await session.load(user->profiles); reading them before throws not_loaded.
#pragma once

#include "wharf/orm/collection_base.hpp"

#include <compare>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <type_traits>
#include <vector>

namespace wharf {

namespace orm::detail {

/// Walks over handles as handles of their class: every item of a has_many<T> is an entity<T>, which adds nothing to the
/// entity_base that it consists of.
template <class Entity>
class item_iterator {
    static_assert(sizeof(Entity) == sizeof(entity_base));
    using base = std::conditional_t<std::is_const_v<Entity>, const entity_base, entity_base>;

public:
    using value_type = std::remove_const_t<Entity>;
    using difference_type = std::ptrdiff_t;
    using reference = Entity&;
    using pointer = Entity*;
    using iterator_category = std::random_access_iterator_tag;

    item_iterator() noexcept = default;
    explicit item_iterator(base* at) noexcept : at_(at) {}

    reference operator*() const noexcept { return static_cast<reference>(*at_); }
    pointer operator->() const noexcept { return static_cast<pointer>(at_); }
    reference operator[](difference_type n) const noexcept { return static_cast<reference>(at_[n]); }
    item_iterator& operator++() noexcept { return *this += 1; }
    item_iterator operator++(int) noexcept { return item_iterator(at_++); }
    item_iterator& operator--() noexcept { return *this -= 1; }
    item_iterator operator--(int) noexcept { return item_iterator(at_--); }
    item_iterator& operator+=(difference_type n) noexcept {
        at_ += n;
        return *this;
    }
    item_iterator& operator-=(difference_type n) noexcept { return *this += -n; }
    friend item_iterator operator+(item_iterator at, difference_type n) noexcept { return at += n; }
    friend item_iterator operator+(difference_type n, item_iterator at) noexcept { return at += n; }
    friend item_iterator operator-(item_iterator at, difference_type n) noexcept { return at -= n; }
    friend difference_type operator-(item_iterator left, item_iterator right) noexcept { return left.at_ - right.at_; }
    friend auto operator<=>(item_iterator, item_iterator) noexcept = default;

private:
    base* at_{nullptr};
};

} // namespace orm::detail

template <class T>
class has_many : public orm::collection_base {
public:
    using value_type = entity<T>;
    using iterator = orm::detail::item_iterator<entity<T>>;
    using const_iterator = orm::detail::item_iterator<const entity<const T>>;

    has_many() noexcept = default;
    explicit(false) has_many(std::initializer_list<entity<T>> items)
        : collection_base(std::vector<orm::entity_base>(items.begin(), items.end())) {}
    explicit(false) has_many(std::vector<entity<T>> items)
        : collection_base(std::vector<orm::entity_base>(items.begin(), items.end())) {}

    // These load.
    [[nodiscard]] iterator begin() { return iterator(known_items().data()); }
    [[nodiscard]] iterator end() { return begin() + static_cast<std::ptrdiff_t>(known_items().size()); }
    [[nodiscard]] const_iterator begin() const { return const_iterator(known_items().data()); }
    [[nodiscard]] const_iterator end() const { return begin() + static_cast<std::ptrdiff_t>(known_items().size()); }
    [[nodiscard]] std::size_t size() const { return known_items().size(); }
    [[nodiscard]] bool empty() const { return known_items().empty(); }
    /// Precondition: index < size().
    entity<T>& operator[](std::size_t index) { return begin()[static_cast<std::ptrdiff_t>(index)]; }
    const entity<const T>& operator[](std::size_t index) const { return begin()[static_cast<std::ptrdiff_t>(index)]; }

    /// Makes the item belong to this side; in a session it becomes pending if it is new. Returns its handle.
    entity<T> add(entity<T> item) {
        collection_base::add(item);
        return item;
    }
    /// Makes the item belong to nothing. Its row stays; to delete it, use session.remove().
    void remove(const entity<const T>& item) { collection_base::remove(item); }
    void replace(std::vector<entity<T>> items) {
        collection_base::replace(std::vector<orm::entity_base>(items.begin(), items.end()));
    }
    void clear() { collection_base::replace({}); }

private:
    /// Whoever looks at items knows their class, which the library may have to load.
    [[nodiscard]] std::vector<orm::entity_base>& known_items() const {
        static_cast<void>(describe<T>());
        return items();
    }
};

} // namespace wharf
