#include "pool/fork_watch.hpp"

#include <pthread.h>

namespace wharf::detail {

std::atomic<std::uint64_t> forks{0};

namespace {
[[maybe_unused]] const int watching = ::pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1); });
} // namespace

} // namespace wharf::detail
