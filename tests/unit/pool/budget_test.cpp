// What an uncontended acquire and release may cost: no allocation, one lock each.
#include "unit/pool/pool_fixture.hpp"

#include <pthread.h>

#include <dlfcn.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<long> allocations{0};
std::atomic<long> locks{0};

} // namespace

void* operator new(std::size_t size) {
    allocations.fetch_add(1, std::memory_order_relaxed);
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

// In front of the C library's, which std::mutex calls.
extern "C" int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
    using function = int (*)(pthread_mutex_t*);
    static const auto real = reinterpret_cast<function>(::dlsym(RTLD_NEXT, "pthread_mutex_lock"));
    locks.fetch_add(1, std::memory_order_relaxed);
    return real(mutex);
}

namespace {

class pool_budget : public wharf::test::pool_fixture {};

TEST_F(pool_budget, uncontended_acquire_and_release__allocate_nothing_and_lock_once_each) {
    make_and_open({.min_size = 2, .max_size = 4});
    take().release();
    const auto allocations_before = allocations.load();
    const auto locks_before = locks.load();
    bool acquired = false;
    {
        auto lent = pool->try_acquire_now();
        acquired = static_cast<bool>(lent);
        EXPECT_EQ(locks.load() - locks_before, 1);
    }
    EXPECT_EQ(locks.load() - locks_before, 2);
    EXPECT_EQ(allocations.load() - allocations_before, 0);
    EXPECT_TRUE(acquired);
}

// But for the first in a while, which has the pool look after those that are not borrowed again.
TEST_F(pool_budget, release_of_a_connection_that_is_to_be_reset__costs_the_same) {
    make_and_open({.min_size = 2, .max_size = 4});
    for (int i = 0; i < 2; ++i) {
        auto lent = pool->try_acquire_now();
        ASSERT_TRUE(lent);
        execute(lent, "SET x = 1");
        const auto allocations_before = allocations.load();
        const auto locks_before = locks.load();
        lent.release();
        if (i == 0) {
            world.settle();
            continue;
        }
        EXPECT_EQ(locks.load() - locks_before, 1);
        EXPECT_EQ(allocations.load() - allocations_before, 0);
    }
    EXPECT_EQ(database->resets, 2);
}

} // namespace
