// A vector of plain values that has room for a few without allocating.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

namespace wharf::detail {

/// What most statements have little of: parameters, rows. References are invalidated by growing and by moving.
template <class T, std::size_t Inline>
    requires std::is_trivially_copyable_v<T> && std::is_trivially_default_constructible_v<T>
class small_vector {
public:
    small_vector() noexcept = default;
    small_vector(const small_vector& other) { assign(other); }
    small_vector(small_vector&& other) noexcept { take(other); }
    small_vector& operator=(const small_vector& other) {
        if (this != &other) assign(other);
        return *this;
    }
    small_vector& operator=(small_vector&& other) noexcept {
        if (this != &other) take(other);
        return *this;
    }
    ~small_vector() = default;

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] T* data() noexcept { return heap_ ? heap_.get() : own_.data(); }
    [[nodiscard]] const T* data() const noexcept { return heap_ ? heap_.get() : own_.data(); }
    /// Precondition: index < size().
    [[nodiscard]] const T& operator[](std::size_t index) const noexcept { return data()[index]; }

    void push_back(T value) { extend(1).front() = value; }
    /// Adds `count` elements, whose values are for the caller to write.
    [[nodiscard]] std::span<T> extend(std::size_t count) {
        if (count > capacity_ - size_) grow(size_ + count);
        size_ += count;
        return {data() + size_ - count, count};
    }
    void clear() noexcept { size_ = 0; }

private:
    void grow(std::size_t wanted) {
        const std::size_t capacity = std::max(wanted, capacity_ * 2);
        auto larger = std::make_unique_for_overwrite<T[]>(capacity);
        std::copy_n(data(), size_, larger.get());
        heap_ = std::move(larger);
        capacity_ = capacity;
    }
    void assign(const small_vector& other) {
        clear();
        std::copy_n(other.data(), other.size_, extend(other.size_).data());
    }
    void take(small_vector& other) noexcept {
        heap_ = std::move(other.heap_);
        if (!heap_) std::copy_n(other.own_.data(), other.size_, own_.data());
        capacity_ = std::exchange(other.capacity_, Inline);
        size_ = std::exchange(other.size_, 0);
    }

    std::unique_ptr<T[]> heap_{}; // null: they are in own_
    std::size_t capacity_{Inline};
    std::size_t size_{0};
    std::array<T, Inline> own_; // the first size_ have values
};

} // namespace wharf::detail
