// C++ source as a list of tokens, without comments, literals' contents and preprocessor lines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wharf::checks {

struct token {
    std::string_view text{}; // "" stands for a literal
    int line{};
};

struct include_line {
    std::string path{};
    bool quoted{};
    int line{};
};

/// The views point into `source`. Punctuation: `::` and `->` are one token, everything else one character.
std::vector<token> tokens_of(std::string_view source);

std::vector<include_line> includes_of(std::string_view source);

} // namespace wharf::checks
