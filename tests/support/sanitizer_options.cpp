// What the sanitizers of a test are told, however the test is started.

#ifdef __SANITIZE_ADDRESS__
#include <cstdint>

// A thread that nobody waits for may end with the process. Once OpenSSL has cleaned up at exit it frees nothing of such
// a thread, which would be a leak: so it does not clean up. Null in tests that do not link it.
extern "C" [[gnu::weak]] int OPENSSL_init_crypto(std::uint64_t options, const void* settings);
namespace {
constexpr std::uint64_t no_exit_handler = 0x00080000; // OPENSSL_INIT_NO_ATEXIT
[[maybe_unused]] const int openssl = OPENSSL_init_crypto != nullptr ? OPENSSL_init_crypto(no_exit_handler, nullptr) : 0;
} // namespace

extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
    return "detect_stack_use_after_return=1:strict_string_checks=1";
}
extern "C" const char* __ubsan_default_options();
extern "C" const char* __ubsan_default_options() {
    return "print_stacktrace=1";
}
#endif

#ifdef __SANITIZE_THREAD__
extern "C" const char* __tsan_default_options();
extern "C" const char* __tsan_default_options() {
    return "halt_on_error=1:second_deadlock_stack=1";
}
#endif
