#include "sqlite/inherited_files.hpp"

#include "wharf/base/error.hpp"

#include <pthread.h>

#include <atomic>
#include <string>

namespace wharf::sqlite {
namespace {

std::atomic<int> open_handles{0};
std::atomic<bool> has_inherited{false};

[[maybe_unused]] const int watching = ::pthread_atfork(nullptr, nullptr, [] {
    if (open_handles > 0) has_inherited = true;
});

} // namespace

open_handle_count::open_handle_count(const char* description) {
    if (has_inherited) {
        throw connect_failed("cannot open " + std::string(description) +
                                 ": fork() made this process while its parent had SQLite databases open, and SQLite "
                                 "would lose what is written here; fork before the first is opened or after all are "
                                 "closed, or start a program of its own by exec()",
                             false);
    }
    ++open_handles;
}

open_handle_count::~open_handle_count() {
    --open_handles;
}

} // namespace wharf::sqlite
