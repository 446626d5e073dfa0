#include "pool/fork_watch.hpp"

#include <pthread.h>

#include <atomic>

namespace wharf::detail {
namespace {

std::atomic<std::uint64_t> generation{0};

[[maybe_unused]] const int watching = ::pthread_atfork(nullptr, nullptr, [] { generation.fetch_add(1); });

} // namespace

std::uint64_t process_generation() noexcept {
    return generation.load(std::memory_order_relaxed);
}

} // namespace wharf::detail
