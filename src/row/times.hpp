// The origin of PostgreSQL's times, and the spelling of infinities in text.
#pragma once

#include <cstdint>
#include <string_view>

namespace wharf::detail {

constexpr std::int64_t days_from_1970_to_2000 = 10'957;
constexpr std::int64_t microseconds_from_1970_to_2000 = days_from_1970_to_2000 * 86'400 * 1'000'000;
constexpr std::string_view infinity_text = "infinity"; // sorts after every date, "-infinity" before
constexpr std::string_view minus_infinity_text = "-infinity";

} // namespace wharf::detail
