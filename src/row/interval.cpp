#include "wharf/row/interval.hpp"

#include "row/conversion.hpp"
#include "row/time_text.hpp"
#include "row/times.hpp"
#include "wharf/base/error.hpp"
#include "wharf/row/bytes.hpp"
#include "wharf/row/time_of_day.hpp"

#include <charconv>

namespace wharf {
namespace {

constexpr std::string_view target = "wharf::interval";
constexpr std::string_view duration_name = "std::chrono::duration";

/// Writes what PostgreSQL's EncodeInterval writes: a sign where it differs from that of the part before.
class interval_text {
public:
    void part(std::int64_t value, std::string_view unit) {
        if (value == 0) return;
        if (!text_.empty()) text_ += ' ';
        if (negative_ && value > 0) text_ += '+';
        text_.append(std::to_string(value)).append(1, ' ').append(unit);
        if (value != 1) text_ += 's';
        negative_ = value < 0;
    }
    void clock(std::int64_t microseconds) {
        if (!text_.empty() && microseconds == 0) return;
        if (!text_.empty()) text_ += ' ';
        if (microseconds < 0)
            text_ += '-';
        else if (negative_)
            text_ += '+';
        const auto magnitude = static_cast<std::uint64_t>(microseconds);
        detail::append_clock(text_, microseconds < 0 ? 0 - magnitude : magnitude);
    }
    [[nodiscard]] std::string take() && { return std::move(text_); }

private:
    std::string text_{};
    bool negative_{false};
};

/// Takes PostgreSQL's style apart.
class interval_parser {
public:
    explicit interval_parser(std::string_view text) noexcept : rest_(text) {}

    [[nodiscard]] std::optional<interval> parse() noexcept {
        do {
            if (!part()) return std::nullopt;
        } while (skip(' '));
        return rest_.empty() ? std::optional(value_) : std::nullopt;
    }

private:
    [[nodiscard]] bool skip(char c) noexcept {
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }
    [[nodiscard]] bool number(std::int64_t& out) noexcept {
        if (rest_.empty() || rest_.front() < '0' || rest_.front() > '9') return false;
        const auto [stop, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), out);
        rest_.remove_prefix(static_cast<std::size_t>(stop - rest_.data()));
        return error == std::errc();
    }
    [[nodiscard]] bool part() noexcept {
        const bool negative = skip('-');
        if (!negative) static_cast<void>(skip('+'));
        std::int64_t count = 0;
        if (!number(count)) return false;
        if (skip(':')) return clock(count, negative);
        if (!skip(' ')) return false;
        if (negative) count = -count;
        const auto unit = rest_.substr(0, rest_.find(' '));
        rest_.remove_prefix(unit.size());
        if (unit == "year" || unit == "years") return add(value_.months, count, 12);
        if (unit == "mon" || unit == "mons") return add(value_.months, count, 1);
        return (unit == "day" || unit == "days") && add(value_.days, count, 1);
    }
    /// Adds in negative numbers, of which there is one more.
    [[nodiscard]] bool clock(std::int64_t hours, bool negative) noexcept {
        std::int64_t minutes = 0;
        std::int64_t seconds = 0;
        if (!number(minutes) || minutes > 59 || !skip(':') || !number(seconds) || seconds > 59) return false;
        std::int64_t fraction = 0;
        if (skip('.')) {
            const auto found = detail::take_fraction(rest_);
            if (!found) return false;
            fraction = *found;
        }
        const std::int64_t below_hours = (minutes * 60 + seconds) * detail::microseconds_per_second + fraction;
        std::int64_t total = 0;
        if (__builtin_mul_overflow(hours, -3600 * detail::microseconds_per_second, &total) ||
            __builtin_sub_overflow(total, below_hours, &total) ||
            (!negative && __builtin_sub_overflow(std::int64_t{0}, total, &total)))
            return false;
        return !__builtin_add_overflow(value_.microseconds, total, &value_.microseconds);
    }
    [[nodiscard]] static bool add(std::int32_t& to, std::int64_t count, std::int64_t factor) noexcept {
        std::int64_t product = 0;
        return !__builtin_mul_overflow(count, factor, &product) && !__builtin_add_overflow(to, product, &to);
    }

    std::string_view rest_;
    interval value_{};
};

} // namespace

std::optional<interval> interval::parse(std::string_view text) noexcept {
    if (text == detail::infinity_text) return infinity();
    if (text == detail::minus_infinity_text) return minus_infinity();
    return interval_parser(text).parse();
}

std::string to_string(const interval& value) {
    if (value == interval::infinity()) return std::string(detail::infinity_text);
    if (value == interval::minus_infinity()) return std::string(detail::minus_infinity_text);
    constexpr int months_per_year = 12;
    interval_text text;
    text.part(value.months / months_per_year, "year");
    text.part(value.months % months_per_year, "mon");
    text.part(value.days, "day");
    text.clock(value.microseconds);
    return std::move(text).take();
}

// Source: PostgreSQL, src/backend/utils/adt/timestamp.c (interval_send).
void codec<interval>::encode(const interval& value, std::string& out) {
    append(out, value.microseconds);
    append(out, value.days);
    append(out, value.months);
}

void codec<interval>::decode(const cell_view& cell, interval& out) {
    if (detail::is_text(cell)) {
        const auto value = interval::parse(cell.bytes);
        if (!value) detail::refuse_text(cell, target);
        out = *value;
        return;
    }
    if (cell.type != type) detail::refuse_type(cell, target);
    detail::expect_size(cell, 16);
    out.microseconds = load<std::int64_t>(cell.bytes.data());
    out.days = load<std::int32_t>(cell.bytes.data() + 8);
    out.months = load<std::int32_t>(cell.bytes.data() + 12);
}

void detail::refuse_interval() {
    throw conversion_error("an interval is out of range");
}

void detail::refuse_duration(const cell_view& cell) {
    refuse_range(cell, duration_name);
}

void detail::encode_duration(std::int64_t count, std::int64_t microseconds_each, std::string& out) {
    interval value;
    if (__builtin_mul_overflow(count, microseconds_each, &value.microseconds))
        refuse_encoding(duration_name, type_oid::interval);
    codec<interval>::encode(value, out);
}

std::int64_t detail::decode_duration(const cell_view& cell, std::int64_t microseconds_each) {
    std::int64_t microseconds = 0;
    if (cell.type == type_oid::time) {
        time_of_day time;
        codec<time_of_day>::decode(cell, time);
        microseconds = time.since_midnight.count();
    } else {
        interval value;
        codec<interval>::decode(cell, value);
        const auto span = value.duration();
        if (!span) refuse_duration(cell);
        microseconds = span->count();
    }
    if (microseconds % microseconds_each != 0) refuse_duration(cell);
    return microseconds / microseconds_each;
}

} // namespace wharf
