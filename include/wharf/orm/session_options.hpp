// Settings of sessions and engines, and of single calls of a session.
#pragma once

#include "wharf/base/time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace wharf {

/// What an UPDATE does when others have changed the columns that it writes since they were read.
enum class lost_update : std::uint8_t {
    refuse,    ///< stale_data
    overwrite, ///< it writes
};

struct session_options {
    /// After a commit, the next access to an object reads its row again (async: throws `expired` until refresh()).
    bool expire_on_commit{false};
    /// Queries first write the changes of the tables that they name.
    bool autoflush{true};
    /// For every call of the session, waiting for a connection included; 0: no limit.
    std::chrono::milliseconds timeout{0};
    wharf::lost_update lost_update{wharf::lost_update::refuse};
};

/// A row lock taken by a read.
enum class lock : std::uint8_t { none, update, no_key_update, share };

struct get_options {
    /// A lock reads the row again even when the object is there: a lock without fresh values is a trap. An object with
    /// changes that are not written yet is refused.
    wharf::lock lock{wharf::lock::none};
    /// Overwrites what the object holds with what the database holds.
    bool populate_existing{false};
};

/// How often run_transaction and async_retry try, and how long they wait between.
struct retry_options {
    int attempts{5};
    std::chrono::milliseconds first_delay{10}; ///< doubled each time, with jitter, up to a second
};

} // namespace wharf
