// Taking secrets out of memory.
#pragma once

#include <openssl/crypto.h>

#include <string>

namespace wharf::io {

/// Empties `secret` and overwrites its memory, also what a move has left behind in it.
inline void wipe(std::string& secret) noexcept {
    secret.resize(secret.capacity());
    OPENSSL_cleanse(secret.data(), secret.size());
    secret.clear();
}

} // namespace wharf::io
