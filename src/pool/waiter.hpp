// An acquire that waits in line.
#pragma once

#include "pool/linked_list.hpp"
#include "wharf/base/time.hpp"
#include "wharf/io/request.hpp"

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <utility>

namespace wharf::detail {

struct pool_slot;

enum class waiter_state : std::uint8_t { waiting, assigned, cancelled, failed };

/// Lives in the frame of its op. The state leaves `waiting` once, under the pool's mutex and together with leaving the
/// line; whoever changes it does not touch the waiter afterwards.
struct waiter : linked<waiter> {
    explicit waiter(std::shared_ptr<io::parking_spot> where) noexcept : spot(std::move(where)) {}

    std::shared_ptr<io::parking_spot> spot; // shared with whoever wakes it
    std::atomic<waiter_state> state{waiter_state::waiting};
    pool_slot* slot{nullptr};   // assigned
    std::exception_ptr error{}; // failed
    time_point since{};
    std::int64_t place{0}; // in the line: grows from the oldest to the youngest
    bool woken{false};     // to look for an idle connection, and has not done so yet
};

/// Somebody who waits for the pool itself to get somewhere: open() and close(). Woken at every change that may matter.
struct watcher : linked<watcher> {
    std::shared_ptr<io::parking_spot> spot{}; // shared with whoever changes something
    bool listed{false};
};

} // namespace wharf::detail
