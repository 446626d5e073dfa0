#include "base/words.hpp"

#include <array>
#include <cstdio>

namespace wharf::detail {

std::string in_words(duration span) {
    using namespace std::chrono;
    std::array<char, 32> text{};
    if (span < seconds(1) && span > seconds(-1)) {
        std::snprintf(text.data(), text.size(), "%lld ms", static_cast<long long>(floor<milliseconds>(span).count()));
    } else {
        std::snprintf(text.data(), text.size(), "%.4g s", std::chrono::duration<double>(span).count());
    }
    return text.data();
}

std::string start_of(std::string_view text) {
    constexpr std::size_t most = 200;
    if (text.size() <= most) return std::string(text);
    auto end = most;
    while (end != 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80) // within a character of UTF-8
        --end;
    return std::string(text.substr(0, end)) + "...";
}

} // namespace wharf::detail
