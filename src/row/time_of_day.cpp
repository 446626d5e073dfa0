#include "wharf/row/time_of_day.hpp"

#include "row/conversion.hpp"
#include "row/time_text.hpp"
#include "wharf/row/bytes.hpp"

#include <cstdint>

namespace wharf {
namespace {

constexpr std::string_view time_name = "wharf::time_of_day";
constexpr std::string_view timetz_name = "wharf::timetz";
constexpr std::int64_t first_offset_too_large = std::int64_t{16} * 3600;

bool is_time(std::int64_t microseconds) noexcept {
    return microseconds >= 0 && microseconds <= detail::microseconds_per_day;
}

bool is_offset(std::int64_t seconds) noexcept {
    return seconds > -first_offset_too_large && seconds < first_offset_too_large;
}

std::int64_t load_time(const cell_view& cell) {
    const auto value = load<std::int64_t>(cell.bytes.data());
    if (!is_time(value)) detail::refuse_bytes(cell);
    return value;
}

} // namespace

std::optional<time_of_day> time_of_day::parse(std::string_view text) noexcept {
    const auto clock = detail::parse_clock(text, false);
    if (!clock) return std::nullopt;
    return time_of_day{std::chrono::microseconds{clock->microseconds}};
}

std::optional<timetz> timetz::parse(std::string_view text) noexcept {
    const auto clock = detail::parse_clock(text, true);
    if (!clock) return std::nullopt;
    return timetz{std::chrono::microseconds{clock->microseconds}, std::chrono::seconds{clock->seconds_east}};
}

std::string to_string(const time_of_day& value) {
    std::string text;
    detail::append_clock(text, static_cast<std::uint64_t>(value.since_midnight.count()));
    return text;
}

std::string to_string(const timetz& value) {
    std::string text;
    detail::append_clock(text, static_cast<std::uint64_t>(value.since_midnight.count()));
    detail::append_offset(text, static_cast<std::int32_t>(value.offset.count()));
    return text;
}

void codec<time_of_day>::encode(const time_of_day& value, std::string& out) {
    const std::int64_t time = value.since_midnight.count();
    if (!is_time(time)) detail::refuse_encoding(time_name, type);
    append(out, time);
}

void codec<time_of_day>::decode(const cell_view& cell, time_of_day& out) {
    if (detail::is_text(cell)) {
        const auto value = time_of_day::parse(cell.bytes);
        if (!value) detail::refuse_text(cell, time_name);
        out = *value;
        return;
    }
    if (cell.type != type) detail::refuse_type(cell, time_name);
    detail::expect_size(cell, sizeof(std::int64_t));
    out.since_midnight = std::chrono::microseconds{load_time(cell)};
}

// Source: PostgreSQL, src/backend/utils/adt/date.c (timetz_send): the offset counts towards the west.
void codec<timetz>::encode(const timetz& value, std::string& out) {
    const std::int64_t time = value.since_midnight.count();
    const std::int64_t offset = value.offset.count();
    if (!is_time(time) || !is_offset(offset)) detail::refuse_encoding(timetz_name, type);
    append(out, time);
    append(out, static_cast<std::int32_t>(-offset));
}

void codec<timetz>::decode(const cell_view& cell, timetz& out) {
    if (detail::is_text(cell)) {
        const auto value = timetz::parse(cell.bytes);
        if (!value) detail::refuse_text(cell, timetz_name);
        out = *value;
        return;
    }
    if (cell.type != type) detail::refuse_type(cell, timetz_name);
    detail::expect_size(cell, sizeof(std::int64_t) + sizeof(std::int32_t));
    const std::int64_t west = load<std::int32_t>(cell.bytes.data() + sizeof(std::int64_t));
    if (!is_offset(west)) detail::refuse_bytes(cell);
    out.since_midnight = std::chrono::microseconds{load_time(cell)};
    out.offset = std::chrono::seconds{-west};
}

} // namespace wharf
