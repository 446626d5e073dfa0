#include "pool/growth_rule.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace wharf::detail {
namespace {

constexpr std::size_t cold_connects = 4;

/// So many connections serve `waiting` acquires within the time of a connect, if each is held for `hold`.
std::size_t enough(std::size_t waiting, duration hold, duration connect) noexcept {
    if (hold == duration::zero()) return 0;
    const auto turns = static_cast<double>(waiting) * static_cast<double>(hold.count());
    const auto needed = std::ceil(turns / static_cast<double>(std::max<duration::rep>(connect.count(), 1)));
    constexpr auto most = std::numeric_limits<std::size_t>::max();
    return needed < static_cast<double>(most) ? static_cast<std::size_t>(needed) : most;
}

/// The shortest hold for which `have` connections are not enough.
duration too_long_for(std::size_t have, const demand& seen) noexcept {
    const auto turns = static_cast<double>(have) * static_cast<double>(seen.usual_connect.count());
    return duration(static_cast<duration::rep>(turns / static_cast<double>(seen.waiting))) +
           std::chrono::microseconds(1);
}

} // namespace

growth growth_for(const demand& seen) noexcept {
    growth out;
    if (seen.waiting <= seen.young) return out;
    const auto asked = seen.waiting - seen.young;
    if (seen.out == 0 && !seen.usual_hold) {
        out.count = std::min(asked, cold_connects - std::min(cold_connects, seen.young));
        return out;
    }
    const auto usual = seen.usual_hold.value_or(duration::zero());
    const auto have = seen.out + seen.young;
    // That nobody is served says something about leases only where there are some.
    const auto hold = seen.out == 0 ? usual : std::max(usual, seen.quiet);
    const auto wanted = enough(seen.waiting, hold, seen.usual_connect);
    if (wanted > have) out.count = std::min(asked, wanted - have);
    if (out.count == 0 && seen.young == 0) {
        const auto back_by = std::max<duration>(2 * usual, short_quiet); // not all leases are as long as the mean
        const bool overdue = seen.out == 0 || !seen.usual_hold || seen.quiet >= back_by;
        if (overdue) {
            out.count = 1;
        } else {
            out.ask_again = back_by;
        }
    }
    if (seen.out != 0 && out.count < asked) {
        const auto next = std::max<duration>(too_long_for(have + out.count, seen), short_quiet);
        if (next > seen.quiet) out.ask_again = std::min(out.ask_again, next);
    }
    return out;
}

} // namespace wharf::detail
