#include "wharf/io/frame.hpp"

#include <array>
#include <new>

namespace wharf::io {

#if defined(__SANITIZE_ADDRESS__)
#define WHARF_RECYCLE_FRAMES 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WHARF_RECYCLE_FRAMES 0
#endif
#endif
#ifndef WHARF_RECYCLE_FRAMES
#define WHARF_RECYCLE_FRAMES 1
#endif

#if WHARF_RECYCLE_FRAMES

namespace {

constexpr std::size_t granule = 64;
constexpr std::size_t classes = 64;        // frames up to 4 KiB are recycled
constexpr std::size_t kept_per_class = 32; // bounds what an idle thread holds

struct free_block {
    free_block* next;
};

// Trivially destructible, so that a frame freed by a later thread_local's destructor still finds it.
struct free_lists {
    std::array<free_block*, classes> heads{};
    std::array<std::size_t, classes> counts{};
    bool closed{false};
};

thread_local free_lists lists;

struct closer {
    ~closer() {
        lists.closed = true;
        for (auto& head : lists.heads) {
            while (head != nullptr) {
                auto* block = head;
                head = block->next;
                ::operator delete(block);
            }
        }
    }
};

thread_local closer at_thread_exit;

constexpr std::size_t class_of(std::size_t size) noexcept {
    return (size + granule - 1) / granule - 1;
}

} // namespace

void* allocate_frame(std::size_t size) {
    const auto index = class_of(size);
    if (index >= classes) return ::operator new(size);
    if (auto* block = lists.heads[index]; block != nullptr) {
        lists.heads[index] = block->next;
        --lists.counts[index];
        return block;
    }
    return ::operator new((index + 1) * granule);
}

void free_frame(void* memory, std::size_t size) noexcept {
    const auto index = class_of(size);
    if (index >= classes || lists.closed || lists.counts[index] == kept_per_class) {
        ::operator delete(memory);
        return;
    }
    static_cast<void>(&at_thread_exit); // constructs it, so that its destructor runs
    lists.heads[index] = ::new (memory) free_block{lists.heads[index]};
    ++lists.counts[index];
}

#else

void* allocate_frame(std::size_t size) {
    return ::operator new(size);
}
void free_frame(void* memory, std::size_t) noexcept {
    ::operator delete(memory);
}

#endif

} // namespace wharf::io
