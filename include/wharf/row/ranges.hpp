// Ranges and multiranges: int4range, int8range, numrange, tsrange, tstzrange, daterange and those of many ranges.
//
//   wharf::range<std::int32_t>(1, 5)                             [1,5)
//   wharf::range<wharf::date>(monday, std::nullopt)              [2024-02-26,)
//   wharf::range<wharf::decimal>::inclusive(low, high)           [1.5,2.5]
//
// The bounds are of any type that is int4, int8, numeric, timestamp, timestamptz or date to the database,
// wharf::unbounded of times among them.
#pragma once

#include "wharf/row/codec.hpp"
#include "wharf/row/range_reader.hpp"
#include "wharf/row/range_types.hpp"

#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wharf {

/// What lies between two bounds, or nothing. A default one is empty. Equality is that of the bounds as they are
/// written: PostgreSQL gives back ranges of integers and dates as [lower, upper), whatever they were written as.
template <class T>
class range {
public:
    range() = default;
    /// From `lower`, which belongs to it, up to `upper`, which does not; nothing is no bound. A lower bound above the
    /// upper one is refused by the server.
    range(std::optional<T> lower, std::optional<T> upper, bool lower_inclusive = true, bool upper_inclusive = false)
        : lower_(std::move(lower)), upper_(std::move(upper)), empty_(false),
          lower_inclusive_(lower_inclusive && lower_.has_value()),
          upper_inclusive_(upper_inclusive && upper_.has_value()) {}
    [[nodiscard]] static range inclusive(T lower, T upper) { return {std::move(lower), std::move(upper), true, true}; }
    /// Without bounds: everything.
    [[nodiscard]] static range all() { return {std::nullopt, std::nullopt}; }

    [[nodiscard]] bool empty() const noexcept { return empty_; }
    /// Nothing where there is no bound, and in an empty range.
    [[nodiscard]] const std::optional<T>& lower() const noexcept { return lower_; }
    [[nodiscard]] const std::optional<T>& upper() const noexcept { return upper_; }
    [[nodiscard]] bool lower_inclusive() const noexcept { return lower_inclusive_; }
    [[nodiscard]] bool upper_inclusive() const noexcept { return upper_inclusive_; }
    [[nodiscard]] bool contains(const T& value) const {
        if (empty_) return false;
        const bool above = !lower_ || (lower_inclusive_ ? !(value < *lower_) : *lower_ < value);
        const bool below = !upper_ || (upper_inclusive_ ? !(*upper_ < value) : value < *upper_);
        return above && below;
    }

    bool operator==(const range&) const = default;

private:
    std::optional<T> lower_{};
    std::optional<T> upper_{};
    bool empty_{true};
    bool lower_inclusive_{false};
    bool upper_inclusive_{false};
};

/// Ranges in order that neither overlap nor touch: PostgreSQL sees to it when it gets others.
template <class T>
class multirange {
public:
    multirange() = default;
    multirange(std::initializer_list<range<T>> parts) : ranges(parts) {}
    explicit multirange(std::vector<range<T>> parts) : ranges(std::move(parts)) {}

    [[nodiscard]] bool contains(const T& value) const {
        for (const auto& part : ranges)
            if (part.contains(value)) return true;
        return false;
    }

    bool operator==(const multirange&) const = default;

    std::vector<range<T>> ranges{};
};

namespace detail {

template <class T>
constexpr type_oid range_type_of() noexcept {
    if constexpr (requires { codec<T>::range_type; })
        return codec<T>::range_type;
    else
        return range_of(codec<T>::type);
}

template <class T>
constexpr type_oid multirange_type_of() noexcept {
    if constexpr (requires { codec<T>::multirange_type; })
        return codec<T>::multirange_type;
    else
        return multirange_of(codec<T>::type);
}

} // namespace detail

/// On SQLite text.
template <class T>
    requires encodable<T> && decodable<T>
struct codec<range<T>> {
    static constexpr type_oid type = detail::range_type_of<T>();

    static void encode(const range<T>& value, std::string& out) {
        if (value.empty()) return detail::range_writer::write_empty(out);
        detail::range_writer writer(out, value.lower().has_value(), value.lower_inclusive(), value.upper().has_value(),
                                    value.upper_inclusive());
        for (const auto* bound : {&value.lower(), &value.upper()})
            if (*bound) writer.add([bound](std::string& bytes) { codec<T>::encode(**bound, bytes); });
    }

    static void decode(const cell_view& cell, range<T>& out) {
        detail::range_parts parts;
        detail::read_range(cell, parts);
        if (parts.empty) return void(out = range<T>());
        const auto bound = [](cell_view from) {
            std::optional<T> to;
            // Text does not say what it is the text of.
            if (from.type == type_oid::unspecified) from.type = codec<T>::type;
            if (!from.null) codec<T>::decode(from, to.emplace());
            return to;
        };
        out = range<T>(bound(parts.lower), bound(parts.upper), parts.lower_inclusive, parts.upper_inclusive);
    }
};

/// On SQLite text.
template <class T>
    requires encodable<T> && decodable<T>
struct codec<multirange<T>> {
    static constexpr type_oid type = detail::multirange_type_of<T>();

    static void encode(const multirange<T>& value, std::string& out) {
        detail::begin_multirange(out, value.ranges.size());
        for (const auto& part : value.ranges) {
            const auto start = detail::range_writer::open(out);
            codec<range<T>>::encode(part, out);
            detail::range_writer::close(out, start);
        }
    }

    static void decode(const cell_view& cell, multirange<T>& out) {
        const auto parts = detail::read_multirange(cell);
        out.ranges.resize(parts.size());
        for (std::size_t index = 0; index < parts.size(); ++index)
            codec<range<T>>::decode(parts[index], out.ranges[index]);
    }
};

} // namespace wharf
