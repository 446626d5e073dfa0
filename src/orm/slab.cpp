#include "orm/slab.hpp"

#include "orm/object_memory.hpp"

#include <algorithm>
#include <new>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define WHARF_POISON(at, size) __asan_poison_memory_region(at, size)
#define WHARF_UNPOISON(at, size) __asan_unpoison_memory_region(at, size)
#else
#define WHARF_POISON(at, size) static_cast<void>(0)
#define WHARF_UNPOISON(at, size) static_cast<void>(0)
#endif

namespace wharf::orm {
namespace {
constexpr std::size_t largest = std::size_t{64} << 10;
constexpr std::size_t unit = 16; // alignment of every object in a slab
} // namespace

slab* slab::make(std::size_t size) {
    static_assert(sizeof(slab) <= header);
    auto* made = ::new (::operator new(size)) slab;
    made->size_ = size;
    return made;
}

void* slab::allocate(std::size_t size) noexcept {
    if (size_ - used_ < size) return nullptr;
    auto* memory = reinterpret_cast<char*>(this) + used_;
    used_ += size;
    ++handed_out_;
    return memory;
}

void slab::release([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t size) noexcept {
    WHARF_POISON(memory, size);
    drop(-1);
}

void slab::drop(std::int64_t count) noexcept {
    if (live_.fetch_add(count, std::memory_order_acq_rel) + count != 0) return;
    WHARF_UNPOISON(this, size_);
    this->~slab();
    ::operator delete(this);
}

object_state* object_memory::make(const class_descriptor& type) {
    const auto size = (object_size(type) + unit - 1) / unit * unit;
    if (type.alignment > unit || size > largest / 4) return make_object(type);
    auto* memory = current_ == nullptr ? nullptr : current_->allocate(size);
    if (memory == nullptr) {
        if (current_ != nullptr) current_->close();
        current_ = nullptr;
        current_ = slab::make(std::max(next_size_, slab::header + 8 * size));
        next_size_ = std::min(next_size_ * 2, largest);
        memory = current_->allocate(size);
    }
    return construct_object(memory, current_, type);
}

} // namespace wharf::orm
