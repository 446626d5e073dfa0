// What is known of Unicode's characters, as sorted tables. Source: RFC 3454 (stringprep), Unicode 14.0.0.
// Written by scripts/generate-unicode.
#pragma once

#include <array>
#include <cstdint>

namespace wharf::postgres::protocol::unicode {

struct range {
    char32_t first, last;
};
/// A mark that is written over the letter before it; marks of different order commute.
struct combining {
    char32_t first, last;
    std::uint8_t order;
};
/// `first` and `second` written as one.
struct composition {
    char32_t composed, first, second;
};
/// `count` characters from `first` on stand for those from `target` on.
struct mapping {
    char32_t first, target;
    std::uint32_t count;
};
/// `character` stands for `count` of sequence_characters, from `start` on.
struct sequence {
    char32_t character;
    std::uint16_t start, count;
};

extern const std::array<range, 396> unassigned;
extern const std::array<range, 6> spaces;
extern const std::array<range, 8> nothing;
extern const std::array<range, 34> prohibited;
extern const std::array<range, 34> right_to_left;
extern const std::array<range, 360> left_to_right;
extern const std::array<combining, 163> combining_marks;
extern const std::array<composition, 905> compositions;
extern const std::array<mapping, 1780> singles;
extern const std::array<sequence, 1203> sequences;
extern const std::array<char32_t, 3089> sequence_characters;

} // namespace wharf::postgres::protocol::unicode
