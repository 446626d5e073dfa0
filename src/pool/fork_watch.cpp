#include "pool/fork_watch.hpp"

#include "wharf/base/error.hpp"

#include <pthread.h>

#include <string>

namespace wharf::detail {

std::atomic<std::uint64_t> forks{0};

namespace {
[[maybe_unused]] const int watching = ::pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1); });
} // namespace

void require_process(std::uint64_t generation, const char* what) {
    if (generation == process_generation()) return;
    throw usage_error(std::string("this ") + what +
                      " belongs to the process that fork() was called in, and cannot be used here too: make a new pool "
                      "or listener in the child process");
}

} // namespace wharf::detail
