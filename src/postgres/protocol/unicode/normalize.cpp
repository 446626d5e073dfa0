#include "postgres/protocol/unicode/normalize.hpp"

#include "postgres/protocol/unicode/tables.hpp"

#include <algorithm>
#include <cstddef>

namespace wharf::postgres::protocol::unicode {
namespace {

// Hangul syllables are computed. Source: Unicode Standard, 3.12.
constexpr char32_t first_syllable = 0xac00;
constexpr char32_t first_leading = 0x1100;
constexpr char32_t first_vowel = 0x1161;
constexpr char32_t before_trailing = 0x11a7;
constexpr char32_t leadings = 19;
constexpr char32_t vowels = 21;
constexpr char32_t trailings = 28; // the first of them means that there is none
constexpr char32_t syllables = leadings * vowels * trailings;

// The last entry that begins at `character` or before.
template <class Table, class Key>
auto entry_before(const Table& table, char32_t character, Key key) {
    const auto after = std::ranges::upper_bound(table, character, {}, key);
    return after == table.begin() ? table.end() : after - 1;
}

unsigned order_of(char32_t character) {
    const auto found = entry_before(combining_marks, character, &combining::first);
    return found != combining_marks.end() && character <= found->last ? found->order : 0U;
}

void decompose(char32_t character, std::u32string& into) {
    if (const char32_t index = character - first_syllable; character >= first_syllable && index < syllables) {
        into.push_back(first_leading + index / (vowels * trailings));
        into.push_back(first_vowel + index % (vowels * trailings) / trailings);
        if (index % trailings != 0) into.push_back(before_trailing + index % trailings);
        return;
    }
    if (const auto found = entry_before(compositions, character, &composition::composed);
        found != compositions.end() && found->composed == character) {
        decompose(found->first, into);
        into += found->second;
        return;
    }
    if (const auto found = entry_before(singles, character, &mapping::first);
        found != singles.end() && character - found->first < found->count) {
        into.push_back(found->target + (character - found->first));
        return;
    }
    if (const auto found = entry_before(sequences, character, &sequence::character);
        found != sequences.end() && found->character == character) {
        into.append(sequence_characters.data() + found->start, found->count);
        return;
    }
    into += character;
}

// Marks behind a letter, in the order of their kinds.
void sort_marks(std::u32string& text) {
    for (auto at = text.begin(); at != text.end();) {
        const auto is_letter = [](char32_t character) { return order_of(character) == 0; };
        const auto first = std::find_if_not(at, text.end(), is_letter);
        const auto last = std::find_if(first, text.end(), is_letter);
        const auto before = [](char32_t left, char32_t right) { return order_of(left) < order_of(right); };
        for (auto next = first; next != last; ++next) // few: each is put behind those of its order
            std::rotate(std::upper_bound(first, next, *next, before), next, next + 1);
        at = last;
    }
}

// 0: the two are not written as one.
char32_t composed(char32_t first, char32_t second) {
    if (first - first_leading < leadings && second - first_vowel < vowels)
        return first_syllable + ((first - first_leading) * vowels + (second - first_vowel)) * trailings;
    const char32_t index = first - first_syllable;
    if (first >= first_syllable && index < syllables && index % trailings == 0 && second > before_trailing &&
        second - before_trailing < trailings)
        return first + (second - before_trailing);
    const auto found = std::ranges::find_if(
        compositions, [&](const composition& one) { return one.first == first && one.second == second; });
    return found == compositions.end() ? 0 : found->composed;
}

// A mark joins the last letter unless one of its order or more stands between them.
void compose(std::u32string& text) {
    std::u32string result;
    std::size_t letter = std::u32string::npos;
    unsigned last_order = 0;
    for (const char32_t character : text) {
        const unsigned order = order_of(character);
        const bool blocked = letter == std::u32string::npos || (result.size() - letter > 1 && last_order >= order);
        const char32_t joined = blocked ? 0 : composed(result[letter], character);
        if (joined != 0) {
            result[letter] = joined;
            continue;
        }
        if (order == 0) letter = result.size();
        last_order = order;
        result += character;
    }
    text = std::move(result);
}

} // namespace

std::u32string normalize_nfkc(const std::u32string& text) {
    std::u32string result;
    for (const char32_t character : text)
        decompose(character, result);
    sort_marks(result);
    compose(result);
    return result;
}

} // namespace wharf::postgres::protocol::unicode
