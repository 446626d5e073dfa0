// The keys that SCRAM derived from the password, kept so that each further connection need not derive them again.
#pragma once

#include "postgres/protocol/scram.hpp"

#include <cstddef>
#include <mutex>
#include <optional>
#include <vector>

namespace wharf::postgres {

/// For one password: of a connector at one server. A key stands for it where salt and iterations are the same; the
/// password itself lies in the same memory, so nothing is given away that was not there. Any thread.
class scram_keys {
public:
    scram_keys() = default;
    scram_keys(const scram_keys&) = delete;
    scram_keys& operator=(const scram_keys&) = delete;
    ~scram_keys();

    [[nodiscard]] std::optional<protocol::sha256_hash> find(const protocol::scram_challenge& challenge) const;
    /// Only for a challenge of a server that has proved that it knows the password. The oldest of eight makes room.
    void keep(const protocol::scram_challenge& challenge, const protocol::sha256_hash& key);

private:
    struct entry {
        protocol::scram_challenge challenge{};
        protocol::sha256_hash key{};
    };

    mutable std::mutex mutex_;
    std::vector<entry> entries_;
    std::size_t next_{0};
};

} // namespace wharf::postgres
