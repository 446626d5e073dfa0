#include "wharf/row/decimal.hpp"

#include "wharf/base/error.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace wharf {
namespace {

constexpr int group_digits = 4;
constexpr std::uint64_t group_base = 10'000;

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

/// Whether `text` is `word`, which is in lower case.
bool spells(std::string_view text, std::string_view word) noexcept {
    return std::ranges::equal(text, word, [](char a, char b) { return (a | 0x20) == b; });
}

std::string shortest(auto value) {
    std::array<char, 64> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    return {digits.data(), end};
}

std::int64_t floor_groups(std::int64_t digits) noexcept {
    return digits >= 0 ? digits / group_digits : -((-digits + group_digits - 1) / group_digits);
}

} // namespace

decimal::decimal(double value) : decimal(*parse(shortest(value))) {}

decimal::decimal(float value) : decimal(*parse(shortest(value))) {}

void decimal::assign(std::uint64_t magnitude, bool negative) {
    for (auto rest = magnitude; rest > 0; rest /= group_base)
        groups_.insert(groups_.begin(), static_cast<char16_t>(rest % group_base));
    weight_ = static_cast<std::int32_t>(groups_.size()) - 1;
    kind_ = negative ? kind::negative : kind::positive;
    strip();
}

/// `digits` are those of the number, of which `whole` stand before the point: more than there are where zeros follow,
/// less than none where zeros come first.
void decimal::assign_digits(std::string_view digits, std::int64_t whole, bool negative) {
    const auto first_group = floor_groups(whole - 1); // which the first digit belongs to
    auto in_group = (first_group + 1) * group_digits - whole;
    groups_.reserve(digits.size() / group_digits + 2);
    unsigned group = 0;
    for (const char digit : digits) {
        group = group * 10 + static_cast<unsigned>(digit - '0');
        if (++in_group == group_digits) {
            groups_.push_back(static_cast<char16_t>(group));
            group = 0;
            in_group = 0;
        }
    }
    if (in_group > 0) {
        for (; in_group < group_digits; ++in_group)
            group *= 10;
        groups_.push_back(static_cast<char16_t>(group));
    }
    weight_ = static_cast<std::int32_t>(first_group);
    kind_ = negative ? kind::negative : kind::positive;
    strip();
}

void decimal::strip() noexcept {
    const auto first = groups_.find_first_not_of(u'\0');
    if (first == std::u16string::npos) {
        groups_.clear();
        weight_ = 0;
        kind_ = kind::positive; // there is one zero only
        return;
    }
    groups_.erase(groups_.find_last_not_of(u'\0') + 1);
    groups_.erase(0, first);
    weight_ -= static_cast<std::int32_t>(first);
}

std::optional<decimal> decimal::parse(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    if (spells(text, "nan")) return nan();
    if (spells(text, "infinity") || spells(text, "inf")) return negative ? minus_infinity() : infinity();

    std::string digits;
    std::int64_t whole = 0;
    bool point = false;
    std::size_t at = 0;
    for (; at < text.size() && (is_digit(text[at]) || (text[at] == '.' && !point)); ++at) {
        if (text[at] == '.') {
            point = true;
            continue;
        }
        digits += text[at];
        if (!point) ++whole;
    }
    if (digits.empty()) return std::nullopt;
    text.remove_prefix(at);
    if (!text.empty()) {
        if ((text.front() | 0x20) != 'e') return std::nullopt;
        text.remove_prefix(1);
        if (text.starts_with('+') && text.size() > 1 && is_digit(text[1])) text.remove_prefix(1);
        std::int32_t exponent = 0;
        const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), exponent);
        if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
        whole += exponent;
    }
    const auto scale = std::max<std::int64_t>(static_cast<std::int64_t>(digits.size()) - whole, 0);
    const auto zeros = std::min(digits.find_first_not_of('0'), digits.size());
    digits.erase(0, zeros);
    whole -= static_cast<std::int64_t>(zeros);
    if (scale > most_scale || (!digits.empty() && whole > most_whole_digits)) return std::nullopt;
    decimal made;
    if (!digits.empty()) made.assign_digits(digits, whole, negative);
    made.scale_ = static_cast<std::int32_t>(scale);
    return made;
}

decimal decimal::operator-() const {
    decimal negated = *this;
    switch (kind_) {
    case kind::positive:
        if (!groups_.empty()) negated.kind_ = kind::negative;
        break;
    case kind::negative:
        negated.kind_ = kind::positive;
        break;
    case kind::infinity:
        negated.kind_ = kind::minus_infinity;
        break;
    case kind::minus_infinity:
        negated.kind_ = kind::infinity;
        break;
    case kind::nan:
        break;
    }
    return negated;
}

decimal decimal::rounded(int scale) const {
    if (scale < 0 || scale > most_scale)
        throw conversion_error("a decimal has from 0 to 16383 digits behind the point");
    if (!is_finite()) return *this;
    auto text = to_string(*this);
    if (scale_ == 0 && scale > 0) text += '.';
    if (scale >= scale_) {
        text.append(static_cast<std::size_t>(scale - scale_), '0');
        return *parse(text);
    }
    const auto cut = text.size() - static_cast<std::size_t>(scale_ - scale);
    const bool up = text[cut] >= '5';
    text.resize(scale == 0 ? cut - 1 : cut);
    if (up) {
        auto at = text.size();
        const std::size_t first = is_negative() ? 1 : 0;
        for (; at > first; --at) {
            auto& digit = text[at - 1];
            if (digit == '.') continue;
            if (digit != '9') {
                ++digit;
                break;
            }
            digit = '0';
        }
        if (at == first) text.insert(first, 1, '1');
    }
    auto made = parse(text);
    if (!made) throw conversion_error("a decimal would have more than 131072 digits before the point");
    return *std::move(made);
}

std::int64_t decimal::to_int64() const {
    const auto refuse = [] { throw conversion_error("a decimal is not one that std::int64_t can hold exactly"); };
    const auto groups = static_cast<std::int32_t>(groups_.size());
    if (!is_finite() || weight_ > 4 || (groups > 0 && groups > weight_ + 1)) refuse();
    std::uint64_t magnitude = 0;
    for (std::int32_t at = 0; !groups_.empty() && at <= weight_; ++at) {
        const auto index = static_cast<std::size_t>(at);
        const std::uint64_t group = index < groups_.size() ? groups_[index] : 0;
        if (magnitude > (std::numeric_limits<std::uint64_t>::max() - group) / group_base) refuse();
        magnitude = magnitude * group_base + group;
    }
    constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (magnitude > largest + (is_negative() ? 1 : 0)) refuse();
    return static_cast<std::int64_t>(is_negative() ? 0 - magnitude : magnitude);
}

double decimal::to_double() const {
    const auto text = to_string(*this);
    double value = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    // Numbers too small for a double are out of range to from_chars too; the nearest double to them is 0.
    if (result.ec == std::errc::result_out_of_range && weight_ < 0) return is_negative() ? -0.0 : 0.0;
    if (result.ec != std::errc()) throw conversion_error("a decimal is larger than a double can be");
    return value;
}

std::weak_ordering decimal::operator<=>(const decimal& other) const noexcept {
    const auto rank = [](const decimal& value) {
        switch (value.kind_) {
        case kind::minus_infinity:
            return -2;
        case kind::negative:
            return -1;
        case kind::positive:
            return value.groups_.empty() ? 0 : 1;
        case kind::infinity:
            return 2;
        case kind::nan:
            break;
        }
        return 3;
    };
    const int left = rank(*this);
    if (const int right = rank(other); left != right || left == 0 || left > 1 || left < -1) return left <=> right;
    std::weak_ordering magnitude = weight_ <=> other.weight_;
    if (magnitude == 0) magnitude = groups_.compare(other.groups_) <=> 0;
    return left > 0 ? magnitude : 0 <=> magnitude;
}

std::string to_string(const decimal& value) {
    switch (value.kind_) {
    case decimal::kind::nan:
        return "NaN";
    case decimal::kind::infinity:
        return "Infinity";
    case decimal::kind::minus_infinity:
        return "-Infinity";
    case decimal::kind::positive:
    case decimal::kind::negative:
        break;
    }
    std::string text;
    const auto append_group = [&](std::int32_t weight) {
        const auto index = value.weight_ - weight;
        const bool there = index >= 0 && static_cast<std::size_t>(index) < value.groups_.size();
        const unsigned group = there ? value.groups_[static_cast<std::size_t>(index)] : 0;
        const std::array<char, group_digits> digits{
            static_cast<char>('0' + group / 1000), static_cast<char>('0' + group / 100 % 10),
            static_cast<char>('0' + group / 10 % 10), static_cast<char>('0' + group % 10)};
        text.append(digits.data(), digits.size());
    };
    const bool negative = value.kind_ == decimal::kind::negative;
    const std::size_t first = negative ? 1 : 0;
    if (negative) text += '-';
    for (auto weight = std::max(value.weight_, 0); weight >= 0; --weight)
        append_group(weight);
    text.erase(first, std::min(text.find_first_not_of('0', first), text.size() - 1) - first);
    if (value.scale_ == 0) return text;
    text += '.';
    const auto end = text.size() + static_cast<std::size_t>(value.scale_);
    for (std::int32_t weight = -1; text.size() < end; --weight)
        append_group(weight);
    text.resize(end);
    return text;
}

} // namespace wharf

std::size_t std::hash<wharf::decimal>::operator()(const wharf::decimal& value) const noexcept {
    const auto groups = std::hash<std::u16string>()(value.groups_);
    return groups ^ (static_cast<std::size_t>(value.weight_) * 31 + static_cast<std::size_t>(value.kind_));
}
