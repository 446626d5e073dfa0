// One step of a sequence: what happens, and two numbers that say to what. A step whose object is not there does
// nothing, so that steps can be left out of a sequence.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace wharf::test::pool_model {

enum class action {
    // borrowers
    acquire,       ///< timeout
    acquire_later, ///< likewise; it has not run when the next step comes
    try_now,
    stopped, ///< an acquire whose token is stopped before it begins
    release,
    begin, ///< a transaction on a lease
    use,
    cancel,
    cancel_later,
    destroy, ///< a waiting acquire
    // the server
    connects, ///< from now on: mood
    pings,
    rolls_back,
    undoes, ///< without a wait, when a connection comes back
    closes,
    dies_idle,
    dies_busy,
    freezes,
    turns_read_only, ///< one connection, or with an odd number all; says so, or refuses to write
    // time, and who runs
    run_one,
    settle,
    time_passes, ///< and everything that is due happens
    stalls,      ///< time passes and nothing happens
    // the pool
    open,
    close,
    drop ///< the pool object is destroyed
};

struct step {
    action what{};
    unsigned to{0};
    unsigned how{0};
};

/// `acquire 3 0; release 1 0`
[[nodiscard]] std::string to_text(const std::vector<step>& steps);
/// Throws std::invalid_argument.
[[nodiscard]] std::vector<step> read_steps(std::string_view text);
/// What happens next is left to chance, each with its weight.
[[nodiscard]] action any_action(unsigned chance);

} // namespace wharf::test::pool_model
