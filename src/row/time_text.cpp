#include "row/time_text.hpp"

#include <chrono>

namespace wharf::detail {
namespace {

constexpr std::int64_t microseconds_per_second = 1'000'000;
constexpr std::int64_t microseconds_per_day = 86'400 * microseconds_per_second;

void append_digits(std::string& out, std::uint64_t value, int width) {
    const auto at = out.size();
    out.resize(at + static_cast<std::size_t>(width));
    for (int i = width; i-- > 0; value /= 10)
        out[at + static_cast<std::size_t>(i)] = static_cast<char>('0' + value % 10);
}

/// Takes text from its front.
class cursor {
public:
    explicit cursor(std::string_view text) noexcept : rest_(text) {}
    [[nodiscard]] bool done() const noexcept { return rest_.empty(); }
    [[nodiscard]] bool skip(char c) noexcept {
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }
    [[nodiscard]] bool at_digit() const noexcept {
        return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9';
    }
    /// Exactly `width` digits; -1 where there are fewer.
    [[nodiscard]] int digits(int width) noexcept {
        int value = 0;
        for (int i = 0; i < width; ++i) {
            if (!at_digit()) return -1;
            value = value * 10 + (rest_.front() - '0');
            rest_.remove_prefix(1);
        }
        return value;
    }

private:
    std::string_view rest_;
};

std::optional<std::int32_t> take_date(cursor& text) noexcept {
    const int year = text.digits(4);
    if (year < 0 || !text.skip('-')) return std::nullopt;
    const int month = text.digits(2);
    if (month < 0 || !text.skip('-')) return std::nullopt;
    const int day = text.digits(2);
    if (day < 0) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    if (!date.ok()) return std::nullopt;
    return static_cast<std::int32_t>(std::chrono::sys_days{date}.time_since_epoch().count());
}

std::optional<std::int64_t> take_fraction(cursor& text) noexcept {
    if (!text.at_digit()) return std::nullopt;
    std::int64_t value = 0;
    int width = 0;
    for (; text.at_digit(); ++width) {
        const int digit = text.digits(1);
        if (width < 6) value = value * 10 + digit;
        if (width >= 6 && digit != 0) return std::nullopt;
    }
    for (; width < 6; ++width)
        value *= 10;
    return value;
}

/// Microseconds of the day.
std::optional<std::int64_t> take_time(cursor& text) noexcept {
    const int hour = text.digits(2);
    if (hour < 0 || hour > 23 || !text.skip(':')) return std::nullopt;
    const int minute = text.digits(2);
    if (minute < 0 || minute > 59) return std::nullopt;
    std::int64_t microseconds = std::int64_t{hour * 60 + minute} * 60 * microseconds_per_second;
    if (!text.skip(':')) return microseconds;
    const int second = text.digits(2);
    if (second < 0 || second > 59) return std::nullopt;
    microseconds += second * microseconds_per_second;
    if (!text.skip('.')) return microseconds;
    const auto fraction = take_fraction(text);
    if (!fraction) return std::nullopt;
    return microseconds + *fraction;
}

/// Microseconds by which the time is ahead of UTC.
std::optional<std::int64_t> take_zone(cursor& text) noexcept {
    if (text.skip('Z')) return 0;
    const bool behind = text.skip('-');
    if (!behind && !text.skip('+')) return std::nullopt;
    const int hours = text.digits(2);
    if (hours < 0 || hours > 15) return std::nullopt;
    int minutes = 0;
    if (text.skip(':') || text.at_digit()) minutes = text.digits(2);
    if (minutes < 0 || minutes > 59) return std::nullopt;
    const auto ahead = std::int64_t{hours * 60 + minutes} * 60 * microseconds_per_second;
    return behind ? -ahead : ahead;
}

} // namespace

bool append_date(std::string& out, std::int64_t days_since_1970) {
    constexpr std::int64_t first = -719'528; // 0000-01-01
    constexpr std::int64_t last = 2'932'896; // 9999-12-31
    if (days_since_1970 < first || days_since_1970 > last) return false;
    const std::chrono::year_month_day date{
        std::chrono::sys_days{std::chrono::days{static_cast<std::int32_t>(days_since_1970)}}};
    append_digits(out, static_cast<std::uint64_t>(static_cast<int>(date.year())), 4);
    out.push_back('-');
    append_digits(out, static_cast<unsigned>(date.month()), 2);
    out.push_back('-');
    append_digits(out, static_cast<unsigned>(date.day()), 2);
    return true;
}

bool append_timestamp(std::string& out, std::int64_t microseconds_since_1970) {
    auto days = microseconds_since_1970 / microseconds_per_day;
    auto rest = microseconds_since_1970 % microseconds_per_day;
    if (rest < 0) {
        --days;
        rest += microseconds_per_day;
    }
    if (!append_date(out, days)) return false;
    const auto seconds = static_cast<std::uint64_t>(rest / microseconds_per_second);
    out.push_back(' ');
    append_digits(out, seconds / 3600, 2);
    out.push_back(':');
    append_digits(out, seconds / 60 % 60, 2);
    out.push_back(':');
    append_digits(out, seconds % 60, 2);
    out.push_back('.');
    append_digits(out, static_cast<std::uint64_t>(rest % microseconds_per_second), 6);
    return true;
}

std::optional<std::int32_t> parse_date(std::string_view text) noexcept {
    cursor rest(text);
    const auto date = take_date(rest);
    return rest.done() ? date : std::nullopt;
}

std::optional<std::int64_t> parse_timestamp(std::string_view text, bool zoned) noexcept {
    cursor rest(text);
    const auto date = take_date(rest);
    if (!date) return std::nullopt;
    std::int64_t microseconds = *date * microseconds_per_day;
    if (rest.done()) return microseconds;
    if (!rest.skip(' ') && !rest.skip('T')) return std::nullopt;
    const auto time = take_time(rest);
    if (!time) return std::nullopt;
    microseconds += *time;
    if (rest.done()) return microseconds;
    if (!zoned) return std::nullopt;
    const auto ahead = take_zone(rest);
    if (!ahead || !rest.done()) return std::nullopt;
    return microseconds - *ahead;
}

} // namespace wharf::detail
