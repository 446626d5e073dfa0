// How long to wait after connections failed to open.
#pragma once

#include "wharf/base/time.hpp"

#include <algorithm>
#include <cstdint>
#include <random>

namespace wharf::detail {

/// From 10 ms, doubling up to 5 s, each time shortened by up to half at random, so that many pools do not come back to
/// a server in step. Failures of attempts that were under way together count once.
class backoff {
public:
    explicit backoff(std::uint32_t seed) : random_(seed) {}

    [[nodiscard]] bool failing() const noexcept { return failures_ != 0; }
    /// No attempt before this moment.
    [[nodiscard]] time_point until() const noexcept { return until_; }
    /// What an attempt that starts now gives to failed() later.
    [[nodiscard]] std::uint64_t round() const noexcept { return round_; }

    void succeeded() noexcept {
        failures_ = 0;
        until_ = {};
    }
    void failed(std::uint64_t round, time_point now) {
        if (round != round_) return;
        ++round_;
        const auto span = std::min<duration>(shortest * (1 << std::min(failures_, 10U)), longest);
        ++failures_;
        until_ = now + std::chrono::duration_cast<duration>(span * (1 - fraction() / 2));
    }

    /// From 0 to 1.
    [[nodiscard]] double fraction() { return std::uniform_real_distribution<double>(0, 1)(random_); }

    static constexpr std::chrono::milliseconds shortest{10};
    static constexpr std::chrono::seconds longest{5};

private:
    std::minstd_rand random_;
    std::uint64_t round_{0};
    unsigned failures_{0};
    time_point until_{};
};

} // namespace wharf::detail
