// Random bytes to every decoder: a value or conversion_error, and nothing else. Meant for the sanitizers.
#include "unit/row/cells.hpp"
#include "wharf/row/codecs.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>

namespace wharf::testing {
namespace {

constexpr std::array types{type_oid::boolean,    type_oid::bytea,       type_oid::int2,         type_oid::int4,
                           type_oid::int8,       type_oid::text,        type_oid::oid,          type_oid::json,
                           type_oid::jsonb,      type_oid::float4,      type_oid::float8,       type_oid::date,
                           type_oid::timestamp,  type_oid::timestamptz, type_oid::numeric,      type_oid::uuid,
                           type_oid::bool_array, type_oid::int2_array,  type_oid::int4_array,   type_oid::int8_array,
                           type_oid::text_array, type_oid::uuid_array,  type_oid::float4_array, type_oid::float8_array,
                           type_oid{0},          type_oid{50'000}};

template <class T>
class every_decoder : public ::testing::Test {};
using decoders =
    ::testing::Types<bool, std::int16_t, std::uint64_t, float, double, std::string, std::string_view,
                     std::vector<std::byte>, json, uuid, timestamptz, timestamp, date, unbounded<timestamptz>,
                     std::vector<bool>, std::vector<std::int32_t>, std::vector<float>, std::vector<double>,
                     std::vector<std::string>, std::vector<uuid>, std::optional<std::int64_t>>;
TYPED_TEST_SUITE(every_decoder, decoders);

/// Small numbers more often than others, so that counts and lengths are sometimes right; sometimes valid text.
std::string random_bytes(std::mt19937& random) {
    static constexpr std::array<std::string_view, 8> texts{
        "[1,2]", "[\"a\\u00e9\"]", "2024-02-29 12:00:00.5Z", "[true", "infinity", "[1e5,-2.5]", "{", "[\"\\ud800\"]"};
    if (random() % 8 == 0) return std::string(texts[random() % texts.size()]);
    std::string out(random() % 48, '\0');
    for (char& c : out) {
        const auto kind = random() % 4;
        c = static_cast<char>(kind < 2 ? 0 : kind == 2 ? random() % 5 : random());
    }
    return out;
}

TYPED_TEST(every_decoder, survives_random_bytes) {
    std::mt19937 random(7);
    TypeParam out{};
    for (int i = 0; i < 2'000; ++i) {
        const auto content = random_bytes(random);
        const auto type = types[random() % types.size()];
        const auto format = random() % 10 == 0 ? wire_format::text : wire_format::binary;
        try {
            codec<TypeParam>::decode({type, format, false, content}, out);
        } catch (const conversion_error&) {
            continue;
        }
    }
}

} // namespace
} // namespace wharf::testing
