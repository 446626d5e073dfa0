#include "wharf/row/interval.hpp"

#include "row/conversion.hpp"
#include "row/interval_text.hpp"
#include "row/time_text.hpp"
#include "row/times.hpp"
#include "wharf/base/error.hpp"
#include "wharf/row/bytes.hpp"
#include "wharf/row/time_of_day.hpp"

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

} // namespace

std::optional<interval> interval::parse(std::string_view text) noexcept {
    if (text == detail::infinity_text) return infinity();
    if (text == detail::minus_infinity_text) return minus_infinity();
    return detail::parse_interval(text);
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
