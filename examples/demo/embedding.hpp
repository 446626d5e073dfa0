// Demo code: an embedding that needs no model. Words, pairs of words and groups of letters are hashed into 256 numbers,
// so texts that share words or parts of words come out near each other. It knows nothing of meaning; a service would
// ask a language model instead, and store its vectors in the same way.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace demo {

inline constexpr std::size_t embedding_dimensions = 256;

/// A vector of length 1 for a text that has at least one word; all zeros otherwise. `title` counts more than `text`.
[[nodiscard]] std::vector<float> embed(std::string_view title, std::string_view text = {});

} // namespace demo
