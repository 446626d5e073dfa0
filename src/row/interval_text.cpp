#include "row/interval_text.hpp"

#include "row/time_text.hpp"

#include <array>
#include <charconv>
#include <cstdint>

namespace wharf::detail {
namespace {

constexpr std::int64_t microseconds_per_minute = 60 * microseconds_per_second;
constexpr std::int64_t microseconds_per_hour = 60 * microseconds_per_minute;

enum class field : std::uint8_t { months, days, microseconds };

struct unit {
    std::string_view name; // of one; many have an s behind it
    char letter;           // in the style of ISO 8601
    bool of_time;          // there, behind the T
    field what;
    std::int64_t factor;
};

constexpr std::array<unit, 6> units{{{"year", 'Y', false, field::months, 12},
                                     {"mon", 'M', false, field::months, 1},
                                     {"day", 'D', false, field::days, 1},
                                     {"hour", 'H', true, field::microseconds, microseconds_per_hour},
                                     {"min", 'M', true, field::microseconds, microseconds_per_minute},
                                     {"sec", 'S', true, field::microseconds, microseconds_per_second}}};

/// Source: PostgreSQL, src/backend/utils/adt/datetime.c (EncodeInterval).
class interval_parser {
public:
    explicit interval_parser(std::string_view text) noexcept : rest_(text) {}

    [[nodiscard]] std::optional<interval> parse() noexcept {
        bool understood = false;
        if (skip('P'))
            understood = iso_8601();
        else if (skip('@'))
            understood = verbose();
        else
            understood = plain();
        return understood && rest_.empty() ? std::optional(value_) : std::nullopt;
    }

private:
    struct number {
        bool has_sign{false};
        bool negative{false};
        std::int64_t whole{0};
        std::int64_t fraction{0}; // in millionths
    };

    [[nodiscard]] bool next_is(char c) const noexcept { return !rest_.empty() && rest_.front() == c; }
    [[nodiscard]] bool skip(char c) noexcept {
        if (!next_is(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    [[nodiscard]] bool digits(std::int64_t& out) noexcept {
        if (rest_.empty() || rest_.front() < '0' || rest_.front() > '9') return false;
        const auto [stop, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), out);
        rest_.remove_prefix(static_cast<std::size_t>(stop - rest_.data()));
        return error == std::errc();
    }
    [[nodiscard]] bool take(number& out) noexcept {
        out = {};
        out.negative = skip('-');
        out.has_sign = out.negative || skip('+');
        if (!digits(out.whole)) return false;
        return !skip('.') || take_fraction(out.fraction);
    }
    [[nodiscard]] bool take_fraction(std::int64_t& out) noexcept {
        const auto found = detail::take_fraction(rest_);
        out = found.value_or(0);
        return found.has_value();
    }

    /// The style of PostgreSQL, and that of the standard: "1-2", "3 4:05:06", where a sign goes for all of it.
    [[nodiscard]] bool plain() noexcept {
        bool all_negative = false;
        if (rest_ == "0") {
            rest_ = {};
            return true;
        }
        do {
            number given;
            if (!take(given) || given.fraction != 0) return false;
            if (skip(':')) {
                const bool negative = given.has_sign ? given.negative : all_negative;
                if (!clock(given.whole, negative)) return false;
            } else if (skip('-')) {
                number months;
                months.negative = given.negative;
                if (!add(given, units[0]) || !digits(months.whole) || !add(months, units[1])) return false;
            } else if (!skip(' ')) {
                return false;
            } else if (const auto* known = named_unit(); known != nullptr && !known->of_time) {
                if (!add(given, *known)) return false;
            } else if (known == nullptr && rest_.find(':') != std::string_view::npos) {
                all_negative = given.negative;
                if (!add(given, units[2])) return false;
                continue; // the space has been taken
            } else {
                return false;
            }
            if (!skip(' ')) return true;
        } while (true);
    }

    [[nodiscard]] bool verbose() noexcept {
        constexpr std::string_view ago = " ago";
        const bool turned = rest_.ends_with(ago);
        if (turned) rest_.remove_suffix(ago.size());
        if (rest_ == " 0") {
            rest_ = {};
            return true;
        }
        bool any = false;
        while (skip(' ')) {
            number given;
            if (!take(given) || !skip(' ')) return false;
            given.negative = given.negative != turned;
            const auto* known = named_unit();
            if (known == nullptr || !add(given, *known)) return false;
            any = true;
        }
        return any;
    }

    [[nodiscard]] bool iso_8601() noexcept {
        bool of_time = false;
        bool any = false;
        while (!rest_.empty()) {
            if (!of_time && skip('T')) of_time = true;
            number given;
            if (!take(given) || rest_.empty()) return false;
            const auto* known = units.begin();
            while (known != units.end() && (known->letter != rest_.front() || known->of_time != of_time))
                ++known;
            if (known == units.end() || !add(given, *known)) return false;
            rest_.remove_prefix(1);
            any = true;
        }
        return any;
    }

    /// Takes a word that is a unit; null, and nothing taken: it is none.
    [[nodiscard]] const unit* named_unit() noexcept {
        const auto word = rest_.substr(0, rest_.find(' '));
        for (const unit& known : units) {
            if (!word.starts_with(known.name)) continue;
            const auto ending = word.substr(known.name.size());
            if (!ending.empty() && ending != "s") continue;
            rest_.remove_prefix(word.size());
            return &known;
        }
        return nullptr;
    }

    /// Behind the hours.
    [[nodiscard]] bool clock(std::int64_t hours, bool negative) noexcept {
        number of_hours;
        number minutes;
        number seconds;
        of_hours.whole = hours;
        of_hours.negative = minutes.negative = seconds.negative = negative;
        if (!digits(minutes.whole) || minutes.whole > 59 || !skip(':')) return false;
        if (!digits(seconds.whole) || seconds.whole > 59) return false;
        if (skip('.') && !take_fraction(seconds.fraction)) return false;
        return add(of_hours, units[3]) && add(minutes, units[4]) && add(seconds, units[5]);
    }

    [[nodiscard]] bool add(const number& given, const unit& of) noexcept {
        if (given.fraction != 0 && of.factor != microseconds_per_second) return false;
        const std::int64_t sign = given.negative ? -1 : 1;
        std::int64_t amount = 0;
        if (__builtin_mul_overflow(given.whole, sign * of.factor, &amount) ||
            __builtin_add_overflow(amount, sign * given.fraction, &amount))
            return false;
        switch (of.what) {
        case field::months:
            return !__builtin_add_overflow(value_.months, amount, &value_.months);
        case field::days:
            return !__builtin_add_overflow(value_.days, amount, &value_.days);
        case field::microseconds:
            break;
        }
        return !__builtin_add_overflow(value_.microseconds, amount, &value_.microseconds);
    }

    std::string_view rest_;
    interval value_{};
};

} // namespace

std::optional<interval> parse_interval(std::string_view text) noexcept {
    return interval_parser(text).parse();
}

} // namespace wharf::detail
