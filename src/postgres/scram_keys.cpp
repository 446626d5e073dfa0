#include "postgres/scram_keys.hpp"

#include <openssl/crypto.h>

namespace wharf::postgres {
namespace {

constexpr std::size_t capacity = 8;

bool same(const protocol::scram_challenge& one, const protocol::scram_challenge& other) {
    return one.iterations == other.iterations && one.salt == other.salt;
}

} // namespace

scram_keys::~scram_keys() {
    for (entry& each : entries_)
        OPENSSL_cleanse(each.key.data(), each.key.size());
}

std::optional<protocol::sha256_hash> scram_keys::find(const protocol::scram_challenge& challenge) const {
    const std::scoped_lock lock(mutex_);
    for (const entry& each : entries_)
        if (same(each.challenge, challenge)) return each.key;
    return std::nullopt;
}

void scram_keys::keep(const protocol::scram_challenge& challenge, const protocol::sha256_hash& key) {
    const std::scoped_lock lock(mutex_);
    for (const entry& each : entries_)
        if (same(each.challenge, challenge)) return;
    entries_.reserve(capacity); // so that no key is left behind in memory that was given back
    if (entries_.size() < capacity)
        entries_.push_back({challenge, key});
    else
        entries_[next_++ % capacity] = {challenge, key};
}

} // namespace wharf::postgres
