// pgvector's types by their exact bytes.
// Source: pgvector, src/vector.c, src/halfvec.c, src/sparsevec.c (the functions that send and receive).
#include "row/half.hpp"
#include "unit/row/cells.hpp"
#include "wharf/row/codecs.hpp"
#include "wharf/row/encode.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace wharf::testing {
namespace {

using floats = std::vector<float>;

TEST(vector_value, has_exact_bytes) {
    const vector_value value{{1, -2.5F}};
    EXPECT_EQ(encoded(value), bytes("0002 0000 3f800000 c0200000"));
    EXPECT_EQ(round_trip(value), value);
    EXPECT_EQ(decoded<floats>(cell(type_oid::vector, encoded(value))), value.values);
    EXPECT_EQ(decoded<floats>(cell(type_oid::halfvec, bytes("0003 0000 3c00 c100 7bff"))), (floats{1, -2.5F, 65504}));
    EXPECT_THROW(encoded(vector_value{floats(16'001)}), conversion_error);
}

TEST(vector_value, malformed_values_are_refused) {
    for (const auto* hex : {"", "0002", "0002 0000", "0002 0000 3f800000", "0001 0000 3f800000 00", "ffff 0000"}) {
        EXPECT_NE(refusal<floats>(cell(type_oid::vector, bytes(hex))), "") << hex;
        EXPECT_NE(refusal<vector_value>(cell(type_oid::vector, bytes(hex))), "") << hex;
    }
    EXPECT_NE(refusal<floats>(cell(type_oid::halfvec, bytes("0002 0000 3c00"))), "");
    EXPECT_NE(refusal<vector_value>(cell(type_oid::int4, bytes("00000000"))), "");
}

TEST(sparse_vector, has_exact_bytes) {
    const sparse_vector value{5, {0, 3}, {1, -2.5F}};
    EXPECT_EQ(encoded(value), bytes("00000005 00000002 00000000 00000000 00000003 3f800000 c0200000"));
    EXPECT_EQ(round_trip(value), value);
    EXPECT_EQ(round_trip(sparse_vector{7, {}, {}}), (sparse_vector{7, {}, {}}));
    EXPECT_THROW(encoded(sparse_vector{5, {0, 3}, {1}}), conversion_error);
}

TEST(sparse_vector, malformed_values_are_refused) {
    const auto whole = encoded(sparse_vector{5, {0, 3}, {1, -2.5F}});
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_NE(refusal<sparse_vector>(cell(type_oid::sparsevec, std::string_view(whole).substr(0, size))), "");
    EXPECT_NE(refusal<sparse_vector>(cell(type_oid::sparsevec, bytes("00000005 7fffffff 00000000"))), "");
    EXPECT_NE(refusal<sparse_vector>(cell(type_oid::sparsevec, bytes("7fffffff 7fffffff 00000000"))), "");
    EXPECT_NE(refusal<sparse_vector>(cell(type_oid::sparsevec, bytes("00000002 00000001 00000000 00000002 3f800000"))),
              "")
        << "an index beyond the dimensions";
}

TEST(half, every_number_survives_the_way_there_and_back) {
    for (std::uint32_t bits = 0; bits <= 0xFFFF; ++bits) {
        const auto half = static_cast<std::uint16_t>(bits);
        const auto value = detail::half_to_float(half);
        if (std::isnan(value))
            EXPECT_TRUE(std::isnan(detail::half_to_float(detail::float_to_half(value))));
        else
            EXPECT_EQ(detail::float_to_half(value), half);
    }
}

TEST(half, is_rounded_to_the_nearest_and_ties_to_even) {
    EXPECT_EQ(detail::float_to_half(1.0F), 0x3C00);
    EXPECT_EQ(detail::float_to_half(1.00048828125F), 0x3C00) << "a tie goes down to even";
    EXPECT_EQ(detail::float_to_half(1.00146484375F), 0x3C02) << "a tie goes up to even";
    EXPECT_EQ(detail::float_to_half(65519.0F), 0x7BFF);
    EXPECT_EQ(detail::float_to_half(65520.0F), 0x7C00);
    EXPECT_EQ(detail::float_to_half(std::ldexp(1.0F, -25)), 0x0000) << "half of the smallest";
    EXPECT_EQ(detail::float_to_half(std::ldexp(1.5F, -25)), 0x0001);
    EXPECT_EQ(detail::float_to_half(std::ldexp(1.0F, -24)), 0x0001);
    EXPECT_EQ(detail::float_to_half(-0.0F), 0x8000);
    EXPECT_EQ(detail::float_to_half(-std::numeric_limits<float>::infinity()), 0xFC00);
}

TEST(vectors, one_that_no_parameter_can_be_names_its_number) {
    parameters given;
    try {
        encode_parameters(given, 1, vector_value{std::vector<float>(16'001)});
        ADD_FAILURE() << "it was encoded";
    } catch (const conversion_error& error) {
        EXPECT_EQ(std::string(error.what()).substr(0, 14), "parameter $2: ");
    }
}

} // namespace
} // namespace wharf::testing
