// One step of a sequence: an operation by its name, and numbers that say on what. A step whose objects are not there
// does nothing, so that steps can be left out of a sequence.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace orm_model {

struct operation;

struct step {
    const operation* what{nullptr};
    std::array<int, 6> on{};
};

/// `add 3 0 1 2; flush; commit`
[[nodiscard]] std::string to_text(const std::vector<step>& steps);
/// Throws std::invalid_argument.
[[nodiscard]] std::vector<step> read_steps(std::string_view text);

} // namespace orm_model
