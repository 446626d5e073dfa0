// Delta debugging: the steps of a sequence that are needed to make it fail.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace orm_model {

/// Leaves out parts of `steps`, from halves to single ones, as long as `fails` says so, and until nothing more can be
/// left out or `fails` was asked `most` times.
template <class Step, class Fails>
std::vector<Step> shrink(std::vector<Step> steps, const Fails& fails, int most) {
    for (std::size_t part = std::max<std::size_t>(steps.size() / 2, 1);;) {
        bool shorter = false;
        for (std::size_t from = 0; from < steps.size() && most > 0;) {
            const auto to = std::min(from + part, steps.size());
            std::vector<Step> rest(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(from));
            rest.insert(rest.end(), steps.begin() + static_cast<std::ptrdiff_t>(to), steps.end());
            --most;
            if (fails(rest)) {
                steps = std::move(rest);
                shorter = true;
            } else {
                from = to;
            }
        }
        if (most <= 0 || (part == 1 && !shorter)) return steps;
        if (!shorter || part > steps.size()) part = std::max<std::size_t>(part / 2, 1);
    }
}

} // namespace orm_model
