// The names that may stand in a connection string.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace wharf::detail {

/// Those of libpq 18, without the two that it translates ("requiressl", and "ssl" in URLs).
[[nodiscard]] std::span<const std::string_view> postgres_parameters() noexcept;
[[nodiscard]] std::span<const std::string_view> sqlite_parameters() noexcept;

/// For messages: 'the unknown parameter "naem"', or without the name where that may be a part of a password.
[[nodiscard]] std::string unknown_parameter(std::string_view name, bool may_be_secret,
                                            std::span<const std::string_view> known);

} // namespace wharf::detail
