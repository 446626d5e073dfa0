// How long something usually takes, learned from counters that are kept anyway.
#pragma once

#include "wharf/base/time.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace wharf::detail {

/// The mean of what was lately added to a sum and its count. Costs nothing where the counters are raised.
class recent_mean {
public:
    /// Empty while nothing was counted.
    [[nodiscard]] std::optional<duration> of(duration sum, std::uint64_t count) noexcept {
        const auto fresh = count - count_;
        if (fresh >= window || (count_ == 0 && fresh != 0)) {
            mean_ = std::max(duration::zero(), (sum - sum_) / static_cast<duration::rep>(fresh));
        }
        if (fresh >= window) {
            sum_ = sum;
            count_ = count;
        }
        return mean_;
    }

private:
    static constexpr std::uint64_t window = 16;

    std::optional<duration> mean_{};
    duration sum_{};
    std::uint64_t count_{0};
};

} // namespace wharf::detail
