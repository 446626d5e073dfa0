// Names of columns as arguments.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <span>
#include <string_view>

namespace wharf {

/// Names of columns, in braces: {"id", "name"}; or a span of any number of them. Views. It has no constructor from an
/// initializer_list, which GCC 12 cannot compile in a co_await expression.
class column_list {
public:
    static constexpr std::size_t most_in_braces = 32;

    column_list() = default;
    template <std::convertible_to<std::string_view>... Name>
        requires(sizeof...(Name) > 0 && sizeof...(Name) <= most_in_braces)
    explicit(false) column_list(const Name&... names)
        : in_braces_{std::string_view(names)...}, count_(sizeof...(Name)) {}
    explicit(false) column_list(std::span<const std::string_view> names) : given_(names) {}

    [[nodiscard]] std::span<const std::string_view> names() const noexcept {
        return count_ != 0 ? std::span(in_braces_).first(count_) : given_;
    }
    [[nodiscard]] bool empty() const noexcept { return names().empty(); }

private:
    std::array<std::string_view, most_in_braces> in_braces_{};
    std::size_t count_{0};
    std::span<const std::string_view> given_{};
};

} // namespace wharf
