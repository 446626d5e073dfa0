// Memory for many objects of one class that are loaded together: handed out in order, given back all at once.
#pragma once

#include "wharf/orm/object_state.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace wharf::orm {

/// Freed when it is closed and the last object in it has ended, on whatever thread that happens.
class slab {
public:
    [[nodiscard]] static slab* make(std::size_t size);
    /// Memory for one object, or null when there is no room.
    [[nodiscard]] void* allocate(std::size_t size) noexcept;
    /// An object in it has ended.
    void release(void* memory, std::size_t size) noexcept;
    /// Nothing will be allocated in it any more.
    void close() noexcept { drop(handed_out_ - open_); }

    static constexpr std::size_t header = 64;

private:
    // The allocating thread counts without atomics; what it counted is taken off at close().
    static constexpr std::int64_t open_ = std::int64_t{1} << 40;

    void drop(std::int64_t count) noexcept;

    std::atomic<std::int64_t> live_{open_};
    std::int64_t handed_out_{0};
    std::size_t used_{header};
    std::size_t size_{0};
};

/// Gives out memory for objects of one class. One thread.
class object_memory {
public:
    object_memory() = default;
    object_memory(object_memory&& other) noexcept
        : current_(std::exchange(other.current_, nullptr)), next_size_(other.next_size_) {}
    object_memory& operator=(object_memory&&) = delete;
    ~object_memory() {
        if (current_ != nullptr) current_->close();
    }
    /// An object, value-initialised, its relation members bound; one reference.
    [[nodiscard]] object_state* make(const class_descriptor& type);

private:
    slab* current_{nullptr};
    std::size_t next_size_{4096};
};

} // namespace wharf::orm
