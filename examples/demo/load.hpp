// The first half of the main job: packages become documents, written by many coroutines through one small pool.
#pragma once

#include "packages.hpp"

#include <wharf/wharf.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace demo {

struct load_settings {
    std::size_t tasks{8};      ///< coroutines that write at the same time
    std::size_t pool_size{4};  ///< connections they share
    std::size_t batch_size{8}; ///< documents a transaction
};

/// Creates the tables anew, embeds and writes all packages, showing the progress on standard output. Returns what the
/// pool has done.
wharf::pool_stats load(const std::string& url, const std::vector<package>& packages, const load_settings& settings);

/// Drops the demo's tables, if they are there.
void drop(const std::string& url);

} // namespace demo
