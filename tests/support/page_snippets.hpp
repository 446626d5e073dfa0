// The C++ of a page of docs/: that all of it stands in the source of the test that runs it.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

namespace wharf::test {

inline std::string contents_of(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// Indentation and line breaks are the formatter's.
inline std::string without_white_space(std::string_view text) {
    std::string out;
    for (const char c : text)
        if (c != ' ' && c != '\n') out += c;
    return out;
}

/// Looks for each snippet of the page in the source, white space apart; returns how many there are.
inline std::size_t find_snippets(const std::string& page_path, const std::string& source_path) {
    const auto page = contents_of(page_path);
    const auto source = without_white_space(contents_of(source_path));
    constexpr std::string_view opening = "```cpp\n";
    std::size_t snippets = 0;
    for (auto at = page.find(opening); at != std::string::npos; at = page.find(opening, at), ++snippets) {
        at += opening.size();
        const auto snippet = page.substr(at, page.find("```", at) - at);
        EXPECT_NE(source.find(without_white_space(snippet)), std::string::npos) << page_path << ":\n" << snippet;
    }
    return snippets;
}

} // namespace wharf::test
