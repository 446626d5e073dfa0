// Memory and bookkeeping of one coroutine frame of an op.
#pragma once

#include <coroutine>
#include <cstddef>

namespace wharf::io {

class task;

/// Storage for coroutine frames: recycled per thread in size classes, since an op allocates and frees the same few
/// sizes all the time. Frames may be freed on another thread than the one that made them. Under AddressSanitizer
/// nothing is recycled, so that a use after free is found.
[[nodiscard]] void* allocate_frame(std::size_t size);
void free_frame(void* memory, std::size_t size) noexcept;

/// The part of a promise that does not depend on its op's type.
class frame {
public:
    frame() = default;
    frame(const frame&) = delete;
    frame& operator=(const frame&) = delete;

    static void* operator new(std::size_t size) { return allocate_frame(size); }
    static void operator delete(void* memory, std::size_t size) noexcept { free_frame(memory, size); }

    [[nodiscard]] task& owner() const noexcept { return *owner_; }

private:
    friend class task;
    std::coroutine_handle<> handle_{};
    frame* caller_{nullptr};
    task* owner_{nullptr};
};

} // namespace wharf::io
