// has_many<T>: the side of a relation that its objects point back to with a belongs_to.
//
//   for (const auto& profile : user.read()->profiles) std::cout << profile->bio;    // loaded on first access
//   user->profiles.add(Profile{.bio = "..."});                                      // added to the session too
//
// Reading through a const has_many gives entity<const T>. In an async session the items are loaded with
// co_await session.load(user->profiles); reading them before throws not_loaded.
// A loop sees the items of its beginning, and their handles stay, whatever its body adds, removes, refreshes or rolls
// back, here or in the session. What a loop or [] gives to write through is a handle of its own: assigning to it
// changes nothing. To give a collection other items, use replace(): no form of assignment compiles, whether of the
// collection, which would not keep its items' references in step, or of a whole row that has one. Such rows are made,
// copied and moved into new ones as others are.
#pragma once

#include "wharf/orm/collection_base.hpp"

#include <compare>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <type_traits>
#include <utility>
#include <vector>

namespace wharf {

namespace orm::detail {

/// Walks over handles as handles for reading: every item of a has_many<T> is an entity<T>, which adds nothing to the
/// entity_base that it consists of.
template <class T>
class reading_iterator {
    using item = const entity<const T>;
    static_assert(sizeof(item) == sizeof(entity_base));

public:
    using value_type = entity<const T>;
    using difference_type = std::ptrdiff_t;
    using reference = item&;
    using pointer = item*;
    using iterator_category = std::random_access_iterator_tag;

    reading_iterator() noexcept = default;
    reading_iterator(const entity_base* at, walk of) noexcept : at_(at), walk_(std::move(of)) {}

    reference operator*() const noexcept { return static_cast<reference>(*at_); }
    pointer operator->() const noexcept { return static_cast<pointer>(at_); }
    reference operator[](difference_type n) const noexcept { return static_cast<reference>(at_[n]); }
    reading_iterator& operator++() noexcept { return *this += 1; }
    reading_iterator operator++(int) noexcept { return {at_++, walk_}; }
    reading_iterator& operator--() noexcept { return *this -= 1; }
    reading_iterator operator--(int) noexcept { return {at_--, walk_}; }
    reading_iterator& operator+=(difference_type n) noexcept {
        at_ += n;
        return *this;
    }
    reading_iterator& operator-=(difference_type n) noexcept { return *this += -n; }
    friend reading_iterator operator+(reading_iterator at, difference_type n) noexcept { return at += n; }
    friend reading_iterator operator+(difference_type n, reading_iterator at) noexcept { return at += n; }
    friend reading_iterator operator-(reading_iterator at, difference_type n) noexcept { return at -= n; }
    friend difference_type operator-(const reading_iterator& left, const reading_iterator& right) noexcept {
        return left.at_ - right.at_;
    }
    friend bool operator==(const reading_iterator& left, const reading_iterator& right) noexcept {
        return left.at_ == right.at_;
    }
    friend auto operator<=>(const reading_iterator& left, const reading_iterator& right) noexcept {
        return left.at_ <=> right.at_;
    }

private:
    const entity_base* at_{nullptr};
    walk walk_{};
};

/// Walks over handles as handles for writing. What it gives is a handle of its own, good until it moves on: assigning
/// to it leaves the collection as it is.
template <class T>
class writing_iterator {
public:
    using value_type = entity<T>;
    using difference_type = std::ptrdiff_t;
    using reference = entity<T>&;
    using pointer = entity<T>*;
    using iterator_category = std::input_iterator_tag;

    writing_iterator() noexcept = default;
    writing_iterator(const entity_base* at, walk of) noexcept : at_(at), walk_(std::move(of)) {}

    reference operator*() const noexcept {
        item_ = static_cast<const entity<T>&>(*at_);
        return item_;
    }
    pointer operator->() const noexcept { return &**this; }
    writing_iterator& operator++() noexcept {
        ++at_;
        return *this;
    }
    writing_iterator operator++(int) noexcept { return {at_++, walk_}; }
    friend bool operator==(const writing_iterator& left, const writing_iterator& right) noexcept {
        return left.at_ == right.at_;
    }

private:
    const entity_base* at_{nullptr};
    mutable entity<T> item_{};
    walk walk_{};
};

} // namespace orm::detail

template <class T>
class has_many : public orm::collection_base {
public:
    using value_type = entity<T>;
    using iterator = orm::detail::writing_iterator<T>;
    using const_iterator = orm::detail::reading_iterator<T>;

    has_many() noexcept = default;
    explicit(false) has_many(std::initializer_list<entity<T>> items)
        : collection_base(std::vector<orm::entity_base>(items.begin(), items.end())) {}
    explicit(false) has_many(std::vector<entity<T>> items)
        : collection_base(std::vector<orm::entity_base>(items.begin(), items.end())) {}

    has_many(const has_many& other) = default;
    has_many(has_many&& other) noexcept = default;
    ~has_many() = default;

    // A collection is not assigned, and neither is a row that has one, from which the compiler cannot tell it: all of
    // it is refused in words, by the templates.
    has_many& operator=(const has_many&)
        requires(!std::is_same_v<T, T>);
    template <class Other>
    has_many& operator=(Other&& /*items*/) {
        refuse_assignment<Other>();
        return *this;
    }
    template <class Item = T>
    has_many& operator=(std::initializer_list<entity<T>> /*items*/) {
        refuse_assignment<Item>();
        return *this;
    }

    // These load.
    [[nodiscard]] iterator begin() {
        const auto& items = known_items();
        return {items.data(), start_walk()};
    }
    [[nodiscard]] iterator end() {
        const auto& items = known_items();
        return {items.data() + items.size(), start_walk()};
    }
    [[nodiscard]] const_iterator begin() const {
        const auto& items = known_items();
        return {items.data(), start_walk()};
    }
    [[nodiscard]] const_iterator end() const {
        const auto& items = known_items();
        return {items.data() + items.size(), start_walk()};
    }
    [[nodiscard]] std::size_t size() const { return known_items().size(); }
    [[nodiscard]] bool empty() const { return known_items().empty(); }
    /// Precondition: index < size().
    entity<T> operator[](std::size_t index) { return static_cast<const entity<T>&>(known_items()[index]); }
    const entity<const T>& operator[](std::size_t index) const {
        return static_cast<const entity<const T>&>(known_items()[index]);
    }

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

    // Not there: a const handle is for reading.
    template <class Item = T>
    entity<T> add(entity<T> item) const {
        refuse_change<Item>();
        return item;
    }
    template <class Item = T>
    void remove(const entity<const T>& /*item*/) const {
        refuse_change<Item>();
    }
    template <class Item = T>
    void replace(std::vector<entity<T>> /*items*/) const {
        refuse_change<Item>();
    }
    template <class Item = T>
    void clear() const {
        refuse_change<Item>();
    }

private:
    template <class Other>
    static void refuse_assignment() {
        static_assert(sizeof(std::remove_reference_t<Other>*) == 0,
                      "wharf: a collection is not assigned: write user->posts.replace({...}), or "
                      "clear(), which also work before the row is in a session; a row that has one is not assigned as "
                      "a whole, but member by member");
    }
    template <class Item>
    static void refuse_change() {
        static_assert(sizeof(Item*) == 0,
                      "wharf: this collection was reached through a const handle, which only reads; "
                      "change it through an entity<T> that is not const");
    }
    /// Whoever looks at items knows their class, which the library may have to load.
    [[nodiscard]] std::vector<orm::entity_base>& known_items() const {
        static_cast<void>(describe<T>());
        return items();
    }
};

} // namespace wharf
