// The bytes of one run of a fuzz target, taken from the front.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>
#include <vector>

namespace wharf::fuzz {

class input {
public:
    input(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

    /// 0 at the end.
    [[nodiscard]] std::uint8_t byte() {
        if (rest_.empty()) return 0;
        const auto first = static_cast<std::uint8_t>(rest_.front());
        rest_.remove_prefix(1);
        return first;
    }
    /// Up to `end` and without it, or all that is left.
    [[nodiscard]] std::string_view until(char end) {
        const auto found = rest_.substr(0, rest_.find(end));
        rest_.remove_prefix(std::min(found.size() + 1, rest_.size()));
        return found;
    }
    [[nodiscard]] std::string_view rest() const { return rest_; }

private:
    std::string_view rest_;
};

/// A copy in memory that ends where it ends, so that a read beyond it is noticed.
class exact {
public:
    explicit exact(std::string_view bytes) : bytes_(bytes.begin(), bytes.end()) { bytes_.shrink_to_fit(); }
    [[nodiscard]] std::string_view text() const { return {bytes_.data(), bytes_.size()}; }
    [[nodiscard]] std::span<const std::byte> bytes() const { return std::as_bytes(std::span(bytes_)); }

private:
    std::vector<char> bytes_;
};

/// What a target holds besides not crashing.
inline void require(bool holds) {
    if (!holds) std::abort();
}

} // namespace wharf::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
