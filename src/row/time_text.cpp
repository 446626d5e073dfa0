#include "row/time_text.hpp"

#include "row/times.hpp"

#include <array>

namespace wharf::detail {
namespace {

constexpr std::int64_t first_year = -4'713; // 4714 BC
constexpr std::int64_t last_year = 5'874'897;
constexpr std::int64_t seconds_per_hour = 3'600;

struct civil_date {
    std::int64_t year; ///< 0 is 1 BC
    unsigned month;
    unsigned day;
};

struct civil_moment {
    std::int64_t days;
    std::uint64_t microseconds; // of the day
};

// Of the proleptic Gregorian calendar, whose year begins in March here so that the leap day comes last.
// Source: Howard Hinnant, chrono-Compatible Low-Level Date Algorithms.
constexpr std::int64_t days_per_era = 146'097; // of 400 years
constexpr std::int64_t days_from_march_0_to_1970 = 719'468;

constexpr std::int64_t floor_divide(std::int64_t value, std::int64_t by) noexcept {
    return value / by - (value % by < 0 ? 1 : 0);
}

constexpr std::int64_t to_days(const civil_date& date) noexcept {
    const auto year = date.year - (date.month <= 2 ? 1 : 0);
    const auto era = floor_divide(year, 400);
    const auto year_of_era = year - era * 400;
    const auto month = std::int64_t{date.month} + (date.month > 2 ? -3 : 9);
    const auto day_of_year = (153 * month + 2) / 5 + date.day - 1;
    const auto day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * days_per_era + day_of_era - days_from_march_0_to_1970;
}

constexpr civil_date to_date(std::int64_t days_since_1970) noexcept {
    const auto days = days_since_1970 + days_from_march_0_to_1970;
    const auto era = floor_divide(days, days_per_era);
    const auto day_of_era = days - era * days_per_era;
    const auto year_of_era =
        (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / (days_per_era - 1)) / 365;
    const auto day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const auto month = (5 * day_of_year + 2) / 153;
    const auto calendar_month = month < 10 ? month + 3 : month - 9;
    return {year_of_era + era * 400 + (calendar_month <= 2 ? 1 : 0), static_cast<unsigned>(calendar_month),
            static_cast<unsigned>(day_of_year - (153 * month + 2) / 5 + 1)};
}

constexpr unsigned days_of(std::int64_t year, unsigned month) noexcept {
    constexpr std::array<unsigned, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : days[month - 1];
}

constexpr civil_moment split(std::int64_t microseconds) noexcept {
    const auto days = floor_divide(microseconds, microseconds_per_day);
    // In unsigned numbers: days * microseconds_per_day may lie below the smallest int64.
    return {days, static_cast<std::uint64_t>(microseconds) -
                      static_cast<std::uint64_t>(days) * static_cast<std::uint64_t>(microseconds_per_day)};
}

void append_digits(std::string& out, std::uint64_t value, std::size_t width) {
    const auto digits = std::to_string(value);
    if (digits.size() < width) out.append(width - digits.size(), '0');
    out += digits;
}

void append_month_and_day(std::string& out, const civil_date& date) {
    out += '-';
    append_digits(out, date.month, 2);
    out += '-';
    append_digits(out, date.day, 2);
}

void append_civil(std::string& out, const civil_date& date) {
    append_digits(out, static_cast<std::uint64_t>(date.year > 0 ? date.year : 1 - date.year), 4);
    append_month_and_day(out, date);
}

void append_hours_to_seconds(std::string& out, std::uint64_t seconds) {
    append_digits(out, seconds / 3'600, 2);
    out += ':';
    append_digits(out, seconds / 60 % 60, 2);
    out += ':';
    append_digits(out, seconds % 60, 2);
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
    /// From `least` to `most` digits, at most nine; -1 where there are fewer.
    [[nodiscard]] int digits(int least, int most) noexcept {
        int value = 0;
        for (int i = 0; i < most; ++i) {
            if (!at_digit()) return i < least ? -1 : value;
            value = value * 10 + (rest_.front() - '0');
            rest_.remove_prefix(1);
        }
        return value;
    }
    [[nodiscard]] int digits(int width) noexcept { return digits(width, width); }
    [[nodiscard]] std::string_view& rest() noexcept { return rest_; }
    /// Takes " BC" off the end of the text.
    [[nodiscard]] bool before_christ() noexcept {
        constexpr std::string_view mark = " BC";
        if (!rest_.ends_with(mark)) return false;
        rest_.remove_suffix(mark.size());
        return true;
    }

private:
    std::string_view rest_;
};

/// Days since 1970. Years have four digits or more.
std::optional<std::int64_t> take_date(cursor& text, bool before_christ) noexcept {
    constexpr int most_digits = 7;
    civil_date date{text.digits(4, most_digits), 0, 0};
    if (date.year < 0 || !text.skip('-')) return std::nullopt;
    const int month = text.digits(2);
    if (month < 1 || month > 12 || !text.skip('-')) return std::nullopt;
    if (before_christ) date.year = 1 - date.year;
    date.month = static_cast<unsigned>(month);
    const int day = text.digits(2);
    if (date.year < first_year || date.year > last_year || day < 1 ||
        static_cast<unsigned>(day) > days_of(date.year, date.month))
        return std::nullopt;
    date.day = static_cast<unsigned>(day);
    return to_days(date);
}

/// Microseconds of the day.
std::optional<std::int64_t> take_time(cursor& text) noexcept {
    const int hour = text.digits(2);
    if (hour < 0 || hour > 24 || !text.skip(':')) return std::nullopt;
    const int minute = text.digits(2);
    if (minute < 0 || minute > 59) return std::nullopt;
    std::int64_t microseconds = std::int64_t{hour * 60 + minute} * 60 * microseconds_per_second;
    if (text.skip(':')) {
        const int second = text.digits(2);
        if (second < 0 || second > 59) return std::nullopt;
        microseconds += second * microseconds_per_second;
        if (text.skip('.')) {
            const auto fraction = take_fraction(text.rest());
            if (!fraction) return std::nullopt;
            microseconds += *fraction;
        }
    }
    if (microseconds > microseconds_per_day) return std::nullopt;
    return microseconds;
}

/// Seconds by which the time is ahead of UTC.
std::optional<std::int32_t> take_zone(cursor& text) noexcept {
    if (text.skip('Z')) return 0;
    const bool behind = text.skip('-');
    if (!behind && !text.skip('+')) return std::nullopt;
    const int hours = text.digits(2);
    if (hours < 0 || hours > 15) return std::nullopt;
    int minutes = 0;
    int seconds = 0;
    if (text.skip(':') || text.at_digit()) minutes = text.digits(2);
    if (text.skip(':')) seconds = text.digits(2);
    if (minutes < 0 || minutes > 59 || seconds < 0 || seconds > 59) return std::nullopt;
    const auto ahead = (hours * 60 + minutes) * 60 + seconds;
    return behind ? -ahead : ahead;
}

} // namespace

std::optional<std::int64_t> take_fraction(std::string_view& text) noexcept {
    cursor rest(text);
    if (!rest.at_digit()) return std::nullopt;
    std::int64_t value = 0;
    int width = 0;
    for (; rest.at_digit(); ++width) {
        const int digit = rest.digits(1);
        if (width < 6) value = value * 10 + digit;
        if (width >= 6 && digit != 0) return std::nullopt;
    }
    for (; width < 6; ++width)
        value *= 10;
    text = rest.rest();
    return value;
}

bool append_date(std::string& out, std::int64_t days_since_1970) {
    constexpr std::int64_t first = to_days({0, 1, 1});
    constexpr std::int64_t last = to_days({9'999, 12, 31});
    if (days_since_1970 < first || days_since_1970 > last) return false;
    const auto date = to_date(days_since_1970);
    append_digits(out, static_cast<std::uint64_t>(date.year), 4);
    append_month_and_day(out, date);
    return true;
}

bool append_timestamp(std::string& out, std::int64_t microseconds_since_1970) {
    const auto [days, microseconds] = split(microseconds_since_1970);
    if (!append_date(out, days)) return false;
    out += ' ';
    append_hours_to_seconds(out, microseconds / microseconds_per_second);
    out += '.';
    append_digits(out, microseconds % microseconds_per_second, 6);
    return true;
}

void append_clock(std::string& out, std::uint64_t microseconds) {
    append_hours_to_seconds(out, microseconds / microseconds_per_second);
    const auto fraction = microseconds % microseconds_per_second;
    if (fraction == 0) return;
    out += '.';
    append_digits(out, fraction, 6);
    out.erase(out.find_last_not_of('0') + 1);
}

void append_offset(std::string& out, std::int32_t seconds_east) {
    const auto seconds = static_cast<std::uint64_t>(seconds_east < 0 ? -std::int64_t{seconds_east} : seconds_east);
    out += seconds_east < 0 ? '-' : '+';
    append_digits(out, seconds / seconds_per_hour, 2);
    if (seconds % seconds_per_hour == 0) return;
    out += ':';
    append_digits(out, seconds / 60 % 60, 2);
    if (seconds % 60 == 0) return;
    out += ':';
    append_digits(out, seconds % 60, 2);
}

void append_date_literal(std::string& out, std::int64_t days_since_2000) {
    const auto date = to_date(days_since_2000 + days_from_1970_to_2000);
    append_civil(out, date);
    if (date.year <= 0) out += " BC";
}

void append_timestamp_literal(std::string& out, std::int64_t microseconds_since_2000, bool zoned) {
    const auto [days, microseconds] = split(microseconds_since_2000);
    const auto date = to_date(days + days_from_1970_to_2000);
    append_civil(out, date);
    out += ' ';
    append_clock(out, microseconds);
    if (zoned) out += "+00";
    if (date.year <= 0) out += " BC";
}

std::optional<std::int32_t> parse_date(std::string_view text) noexcept {
    cursor rest(text);
    const bool before_christ = rest.before_christ();
    const auto date = take_date(rest, before_christ);
    if (!date || !rest.done()) return std::nullopt;
    return static_cast<std::int32_t>(*date);
}

std::optional<std::int64_t> parse_timestamp(std::string_view text, bool zoned) noexcept {
    cursor rest(text);
    const bool before_christ = rest.before_christ();
    const auto date = take_date(rest, before_christ);
    if (!date) return std::nullopt;
    std::int64_t time = 0;
    if (!rest.done()) {
        if (!rest.skip(' ') && !rest.skip('T')) return std::nullopt;
        const auto clock = take_time(rest);
        if (!clock || *clock == microseconds_per_day) return std::nullopt;
        time = *clock;
    }
    if (!rest.done()) {
        const auto ahead = zoned ? take_zone(rest) : std::nullopt;
        if (!ahead || !rest.done()) return std::nullopt;
        time -= *ahead * microseconds_per_second;
    }
    std::int64_t microseconds = 0;
    if (__builtin_mul_overflow(*date, microseconds_per_day, &microseconds) ||
        __builtin_add_overflow(microseconds, time, &microseconds))
        return std::nullopt;
    return microseconds;
}

std::optional<clock_text> parse_clock(std::string_view text, bool zoned) noexcept {
    cursor rest(text);
    const auto time = take_time(rest);
    if (!time) return std::nullopt;
    clock_text clock{*time, 0};
    if (zoned) {
        const auto ahead = take_zone(rest);
        if (!ahead) return std::nullopt;
        clock.seconds_east = *ahead;
    }
    if (!rest.done()) return std::nullopt;
    return clock;
}

} // namespace wharf::detail
