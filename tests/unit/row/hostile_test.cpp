// Random and truncated bytes to every decoder: a value or conversion_error, and nothing else. Meant for the sanitizers.
#include "row/cell_text.hpp"
#include "unit/row/cells.hpp"
#include "wharf/row/codecs.hpp"
#include "wharf/row/type_table.hpp"

#include <gtest/gtest.h>

#include <array>
#include <iterator>
#include <random>

namespace wharf::testing {
namespace {

/// Every type that there is and its array, and two that are none of PostgreSQL's.
type_oid random_type(std::mt19937& random) {
    const auto index = random() % (std::size(detail::type_table) + 1);
    if (index == std::size(detail::type_table)) return random() % 2 == 0 ? type_oid{0} : type_oid{50'000};
    const auto& known = detail::type_table[index];
    return random() % 3 == 0 ? known.array : known.type;
}

template <class T>
class every_decoder : public ::testing::Test {};
using decoders =
    ::testing::Types<bool, char, std::int16_t, std::uint64_t, float, double, decimal, std::string, std::string_view,
                     std::vector<std::byte>, json, uuid, timestamptz, timestamp, date, unbounded<timestamptz>,
                     time_of_day, timetz, interval, std::chrono::seconds, inet, cidr, macaddr, macaddr8, bit_string,
                     money, tid, pg_lsn, geometry::point, geometry::line, geometry::segment, geometry::box,
                     geometry::path, geometry::polygon, geometry::circle, range<std::int32_t>, range<decimal>,
                     range<unbounded<timestamptz>>, multirange<std::int64_t>, multirange<date>>;
TYPED_TEST_SUITE(every_decoder, decoders);

template <class T>
class every_array_decoder : public ::testing::Test {};
using array_decoders =
    ::testing::Types<std::vector<bool>, std::vector<std::int32_t>, std::vector<float>, std::vector<double>,
                     std::vector<std::string>, std::vector<uuid>, std::vector<std::optional<decimal>>,
                     std::vector<std::vector<std::int16_t>>, std::array<std::int64_t, 2>,
                     array<std::optional<std::string>>, array<interval>, array<geometry::box>,
                     array<range<std::int32_t>>, std::vector<multirange<decimal>>, std::optional<std::int64_t>>;
TYPED_TEST_SUITE(every_array_decoder, array_decoders);

/// Small numbers more often than others, so that counts and lengths are sometimes right; sometimes valid text.
std::string random_bytes(std::mt19937& random) {
    static constexpr std::array<std::string_view, 29> texts{"[1,2]",
                                                            "[\"a\\u00e9\"]",
                                                            "2024-02-29 12:00:00.5Z",
                                                            "[true",
                                                            "infinity",
                                                            "[1e5,-2.5]",
                                                            "{",
                                                            "[\"\\ud800\"]",
                                                            "[1,5)",
                                                            "(,\"a\"\"b\"]",
                                                            "empty",
                                                            "{[1,2),[3,4]}",
                                                            "{[",
                                                            "{1,NULL,\"x\\\"\"}",
                                                            "[0:1]={{1},{2}}",
                                                            "[[1],[2]]",
                                                            "1 year -2 mons +3 days -04:05:06.7",
                                                            "99999999999 days",
                                                            "10.0.0.1/8",
                                                            "::ffff:1.2.3.4/96",
                                                            "(1,2)",
                                                            "<(1,2),3>",
                                                            "((1,2),(3,4))",
                                                            "{1,2,3}",
                                                            "1e400",
                                                            "-0.5e-3",
                                                            "12:30:00+05:30:15",
                                                            "0044-03-15 BC",
                                                            "16/FF"};
    if (random() % 6 == 0) {
        std::string text(texts[random() % texts.size()]);
        if (random() % 3 == 0) text.resize(random() % (text.size() + 1));
        if (random() % 3 == 0 && !text.empty()) text[random() % text.size()] = static_cast<char>(random());
        return text;
    }
    std::string out(random() % 64, '\0');
    for (char& c : out) {
        const auto kind = random() % 4;
        c = static_cast<char>(kind < 2 ? 0 : kind == 2 ? random() % 5 : random());
    }
    return out;
}

/// What is accepted can be written, unless the database could not hold it, and read again.
template <class T>
void decode_or_refuse(const cell_view& from, T& out) {
    std::string written;
    try {
        codec<T>::decode(from, out);
        if constexpr (encodable<T>) codec<T>::encode(out, written);
    } catch (const conversion_error&) {
        return;
    }
    if constexpr (encodable<T>) {
        const auto again = decoded<T>(cell(codec<T>::type, written));
        ASSERT_EQ(encoded(again), written);
    }
}

template <class T>
void decode_random_bytes() {
    std::mt19937 random(7);
    T out{};
    for (int i = 0; i < 2'000; ++i) {
        const auto content = random_bytes(random);
        // Its own type often enough to get past the check of the type.
        const auto type = random() % 2 == 0 ? codec<T>::type : random_type(random);
        const auto format = random() % 10 == 0 ? wire_format::text : wire_format::binary;
        decode_or_refuse({type, format, false, content}, out);
    }
}

/// A value that is right but for its length, or for one byte.
template <class T>
void decode_damaged_value() {
    std::mt19937 random(11);
    const auto whole = encoded(T{});
    T out{};
    for (std::size_t length = 0; length < whole.size(); ++length)
        decode_or_refuse(cell(codec<T>::type, whole.substr(0, length)), out);
    for (std::size_t at = 0; at < whole.size(); ++at) {
        auto damaged = whole;
        damaged[at] = static_cast<char>(random());
        decode_or_refuse(cell(codec<T>::type, damaged), out);
    }
}

TYPED_TEST(every_decoder, survives_random_bytes) {
    decode_random_bytes<TypeParam>();
}

TYPED_TEST(every_decoder, survives_damaged_values) {
    decode_damaged_value<TypeParam>();
}

TYPED_TEST(every_array_decoder, survives_random_bytes) {
    decode_random_bytes<TypeParam>();
}

TEST(cell_text, survives_random_bytes) {
    std::mt19937 random(13);
    for (int i = 0; i < 40'000; ++i) {
        const auto content = random_bytes(random);
        std::string text;
        try {
            static_cast<void>(detail::append_text(cell(random_type(random), content), text));
        } catch (const conversion_error&) {
            continue;
        }
    }
}

TEST(decoders, counts_that_the_bytes_cannot_hold_are_refused) {
    const auto huge = bytes("7fffffff 00000000");
    EXPECT_NE(refusal<geometry::polygon>(cell(type_oid::polygon, huge)), "");
    EXPECT_NE(refusal<geometry::path>(cell(type_oid::path, "\1" + huge)), "");
    EXPECT_NE(refusal<multirange<std::int32_t>>(cell(type_oid::int4multirange, huge)), "");
    EXPECT_NE(refusal<bit_string>(cell(type_oid::varbit, huge)), "");
    EXPECT_NE(refusal<decimal>(cell(type_oid::numeric, bytes("ffff 0000 0000 0000 0001"))), "");
    EXPECT_NE(refusal<range<std::int32_t>>(cell(type_oid::int4range, bytes("02 7fffffff 00000001"))), "");
}

} // namespace
} // namespace wharf::testing
