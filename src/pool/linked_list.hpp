// A doubly linked list through its elements: nothing is allocated, and an element leaves from anywhere at once.
#pragma once

#include <cstddef>

namespace wharf::detail {

/// The base of an element. In at most one list at a time; leaves it before it is destroyed.
template <class T>
struct linked {
    T* previous{nullptr};
    T* next{nullptr};
};

/// Not thread-safe. Owns nothing.
template <class T>
class linked_list {
public:
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    /// Null when empty.
    [[nodiscard]] T* front() const noexcept { return front_; }
    [[nodiscard]] T* back() const noexcept { return back_; }

    void push_back(T& element) noexcept { insert(element, back_, nullptr); }
    void push_front(T& element) noexcept { insert(element, nullptr, front_); }
    void erase(T& element) noexcept {
        (element.previous != nullptr ? element.previous->next : front_) = element.next;
        (element.next != nullptr ? element.next->previous : back_) = element.previous;
        element.previous = element.next = nullptr;
        --size_;
    }

private:
    void insert(T& element, T* previous, T* next) noexcept {
        element.previous = previous;
        element.next = next;
        (previous != nullptr ? previous->next : front_) = &element;
        (next != nullptr ? next->previous : back_) = &element;
        ++size_;
    }

    T* front_{nullptr};
    T* back_{nullptr};
    std::size_t size_{0};
};

} // namespace wharf::detail
