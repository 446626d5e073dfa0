// Random conditions and orders against a plain model: the same rows on both backends.
#include "support/backends.hpp"
#include "wharf/orm/session.hpp"
#include "wharf/row/decimal.hpp"
#include "wharf/schema/create_tables.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <compare>
#include <cstddef>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace compared {

struct Item {
    std::int64_t id{};
    std::optional<std::string> name{};
    std::optional<wharf::decimal> price{};
    std::optional<double> weight{};
    std::optional<std::int64_t> number{};
    std::optional<std::vector<std::byte>> data{};
};
constexpr auto wharf_mapping(wharf::type<Item>) {
    return wharf::table<Item>("items", wharf::primary_key<&Item::id>(),
                              wharf::columns<&Item::name, &Item::price, &Item::weight, &Item::number, &Item::data>());
}

} // namespace compared

namespace {

using compared::Item;
using wharf::col;
using wharf::decimal;

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Of characters: those beyond ASCII are two bytes here.
std::size_t size_of_first(std::string_view text) {
    return static_cast<unsigned char>(text.front()) >= 0xC0 ? 2 : 1;
}

bool matches(std::string_view text, std::string_view pattern, bool any_case) {
    if (pattern.empty()) return text.empty();
    if (pattern.front() == '%')
        return matches(text, pattern.substr(1), any_case) ||
               (!text.empty() && matches(text.substr(size_of_first(text)), pattern, any_case));
    if (text.empty()) return false;
    if (pattern.front() == '_') return matches(text.substr(size_of_first(text)), pattern.substr(1), any_case);
    if (pattern.front() == '\\') pattern.remove_prefix(1);
    const bool same = text.front() == pattern.front() || (any_case && lower(text.front()) == lower(pattern.front()));
    return same && matches(text.substr(1), pattern.substr(1), any_case);
}

template <class Backend>
class comparison : public testing::Test {
protected:
    comparison() {
        wharf::create_tables<Item>(engine_);
        for (int i = 0; i < 60; ++i)
            items_.push_back(any_item(i));
        wharf::session session(engine_);
        for (const auto& item : items_)
            session.add(Item(item));
        session.commit();
    }

    std::size_t below(std::size_t count) { return random_() % count; }
    std::string any_text(std::string_view letters, std::size_t most) {
        std::string made;
        for (auto length = below(most + 1); length > 0; --length) {
            const char letter = letters[below(letters.size())];
            made += letter == 'e' ? "\u00e9" : letter == 'E' ? "\u00c9" : std::string(1, letter);
        }
        return made;
    }
    std::string any_pattern() {
        auto made = any_text("aAb%%__eE", 5);
        if (below(4) == 0) made.insert(0, "\\%");
        return made;
    }
    decimal any_decimal() {
        static constexpr std::string_view texts[] = {
            "9",     "10", "-1.5", "1.5", "1.50", "100.25", "0", "12345678901234567890.25", "12345678901234567890.26",
            "-0.001"};
        return decimal::parse(texts[below(std::size(texts))]).value();
    }
    double any_double() { return std::vector{0.1, -2.5, 1e300, 3.0, 1.0 / 3}[below(5)]; }
    std::int64_t any_integer() { return static_cast<std::int64_t>(below(8)) - 3; }
    std::vector<std::byte> any_bytes() { return std::vector<std::byte>(below(3), std::byte(below(2) * 255)); }

    Item any_item(std::int64_t id) {
        Item made{.id = id};
        if (below(5) != 0) made.name = any_text("aAbB%_\\eE", 4);
        if (below(5) != 0) made.price = any_decimal();
        if (below(5) != 0) made.weight = any_double();
        if (below(5) != 0) made.number = any_integer();
        if (below(5) != 0) made.data = any_bytes();
        return made;
    }

    template <class Test>
    void expect_found(const wharf::predicate& asked, const Test& expected, const std::string& what) {
        std::vector<std::int64_t> found;
        wharf::session session(engine_);
        for (const auto& item : session.template select<const Item>().where(asked).order_by(col<&Item::id>).all())
            found.push_back(item->id);
        std::vector<std::int64_t> wanted;
        for (const auto& item : items_)
            if (expected(item)) wanted.push_back(item.id);
        ASSERT_EQ(found, wanted) << what;
    }

    /// `Member` is one of `values`.
    template <auto Member, class T>
    void expect_in(const std::vector<T>& values, const std::string& what) {
        expect_found(
            col<Member>.in(values),
            [&](const Item& item) {
                const auto& held = item.*Member;
                return held && std::ranges::find(values, *held) != values.end();
            },
            what);
    }

    template <class Make>
    auto several(const Make& make) {
        std::vector<decltype(make())> made;
        for (auto count = below(6); count > 0; --count)
            made.push_back(make());
        return made;
    }

    template <auto Member>
    void expect_order(bool descending) {
        auto wanted = items_;
        // As PostgreSQL has it: NULL is greater than all else.
        std::ranges::sort(wanted, [&](const Item& left, const Item& right) {
            const auto& a = descending ? right.*Member : left.*Member;
            const auto& b = descending ? left.*Member : right.*Member;
            if (a.has_value() != b.has_value()) return a.has_value();
            if (a != b) return *a < *b;
            return left.id < right.id;
        });
        wharf::session session(engine_);
        const auto by = descending ? col<Member>.desc() : col<Member>.asc();
        std::vector<std::int64_t> found;
        for (const auto& item : session.template select<const Item>().order_by(by, col<&Item::id>).all())
            found.push_back(item->id);
        std::vector<std::int64_t> ids;
        for (const auto& item : wanted)
            ids.push_back(item.id);
        EXPECT_EQ(found, ids) << (descending ? "descending" : "ascending");
    }

    Backend database_;
    wharf::engine engine_{database_.url()};
    unsigned seed_{std::random_device()()};
    std::mt19937 random_{seed_};
    std::vector<Item> items_{};
};
TYPED_TEST_SUITE(comparison, wharf::test::backends);

TYPED_TEST(comparison, patterns_find_what_the_model_finds) {
    SCOPED_TRACE("seed " + std::to_string(this->seed_));
    for (int i = 0; i < 150; ++i) {
        const auto pattern = this->any_pattern();
        for (const bool any_case : {false, true}) {
            const auto asked = any_case ? col<&Item::name>.ilike(pattern) : col<&Item::name>.like(pattern);
            this->expect_found(
                asked, [&](const Item& item) { return item.name && matches(*item.name, pattern, any_case); },
                (any_case ? "ilike " : "like ") + pattern);
            if (this->HasFatalFailure()) return;
        }
    }
}

TYPED_TEST(comparison, lists_find_what_the_model_finds) {
    SCOPED_TRACE("seed " + std::to_string(this->seed_));
    for (int i = 0; i < 40; ++i) {
        this->template expect_in<&Item::name>(this->several([&] { return this->any_text("aAbe%\\", 3); }), "names");
        this->template expect_in<&Item::price>(this->several([&] { return this->any_decimal(); }), "prices");
        this->template expect_in<&Item::weight>(this->several([&] { return this->any_double(); }), "weights");
        this->template expect_in<&Item::number>(this->several([&] { return this->any_integer(); }), "numbers");
        this->template expect_in<&Item::data>(this->several([&] { return this->any_bytes(); }), "data");
        if (this->HasFatalFailure()) return;
    }
}

TYPED_TEST(comparison, decimals_compare_as_numbers) {
    SCOPED_TRACE("seed " + std::to_string(this->seed_));
    for (int i = 0; i < 40; ++i) {
        const auto limit = this->any_decimal();
        this->expect_found(
            col<&Item::price> < limit, [&](const Item& item) { return item.price && *item.price < limit; },
            "below " + to_string(limit));
        this->expect_found(
            col<&Item::price> == limit, [&](const Item& item) { return item.price && *item.price == limit; },
            "equal to " + to_string(limit));
        if (this->HasFatalFailure()) return;
    }
}

TYPED_TEST(comparison, nulls_have_one_place_in_an_order) {
    SCOPED_TRACE("seed " + std::to_string(this->seed_));
    for (const bool descending : {false, true}) {
        this->template expect_order<&Item::price>(descending);
        this->template expect_order<&Item::weight>(descending);
        this->template expect_order<&Item::number>(descending);
    }
}

TYPED_TEST(comparison, pattern_that_escapes_nothing_is_refused) {
    EXPECT_THROW(static_cast<void>(col<&Item::name>.like("a\\")), wharf::usage_error);
    EXPECT_THROW(static_cast<void>(col<&Item::name>.ilike("\\\\\\")), wharf::usage_error);
}

TYPED_TEST(comparison, ten_thousand_values_are_one_parameter) {
    std::vector<std::int64_t> numbers;
    for (std::int64_t i = 0; i < 10'000; ++i)
        numbers.push_back(i - 2);
    this->template expect_in<&Item::number>(numbers, "many");
    const auto few = wharf::session(this->engine_).template select<Item>().where(col<&Item::number>.in(1)).text();
    const auto many =
        wharf::session(this->engine_).template select<Item>().where(col<&Item::number>.in(numbers)).text();
    EXPECT_EQ(few, many) << "one text for every number of values";
}

} // namespace
