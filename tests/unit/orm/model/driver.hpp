// Draws sequences of steps from a seed, plays them, and shortens the first one that fails.
//
//   WHARF_TEST_MODEL        how many sequences
//   WHARF_TEST_MODEL_SEED   only this one
//   WHARF_TEST_MODEL_STEPS  these steps instead, as a failure prints them
//   WHARF_TEST_MODEL_GOES_ON  does not stop at the first failure, and shows one of each kind
//   WHARF_TEST_MODEL_ONLY   families of steps, separated by commas; with a `-` in front: all but these
#pragma once

#include "unit/orm/model/play.hpp"

#include <set>
#include <string>
#include <vector>

namespace orm_model {

/// What a run consists of.
struct run_options {
    int first_seed{1};
    int sequences{0};
    int steps{80};
    std::set<std::string, std::less<>> families{};
};

/// The families of steps that are tried; see driver.cpp.
[[nodiscard]] std::set<std::string, std::less<>> families(bool postgres);

/// Empty when all is well; else what is different, the seed and the steps.
[[nodiscard]] std::string run_model(stage& on, const run_options& options);

} // namespace orm_model
