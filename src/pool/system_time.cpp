#include "wharf/pool/time_source.hpp"

#include <ctime>
#include <random>

namespace wharf {
namespace {

class monotonic final : public time_source {
public:
    [[nodiscard]] time_point now() const noexcept override { return clock::now(); }
    [[nodiscard]] time_point coarse() const noexcept override {
        timespec moment{};
        ::clock_gettime(CLOCK_MONOTONIC_COARSE, &moment); // steady_clock is CLOCK_MONOTONIC
        return time_point(std::chrono::seconds(moment.tv_sec) + std::chrono::nanoseconds(moment.tv_nsec));
    }
};

} // namespace

std::uint32_t time_source::seed() const {
    return std::random_device()();
}

const time_source& system_time() noexcept {
    static const monotonic only;
    return only;
}

} // namespace wharf
