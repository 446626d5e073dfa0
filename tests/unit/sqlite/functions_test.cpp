#include "unit/sqlite/fixture.hpp"

#include <cmath>
#include <optional>

namespace wharf::testing {
namespace {

class sqlite_functions_test : public sqlite_file {
protected:
    std::optional<double> distance(const std::vector<float>& a, const std::vector<float>& b) {
        double squares = 0;
        for (const float value : b)
            squares += static_cast<double>(value) * value;
        return value_of<std::optional<double>>(*driver_, "SELECT wharf_cosine_distance($1, $2, $3)", a, b, squares);
    }

    std::shared_ptr<connector> connector_ = make();
    std::unique_ptr<driver> driver_ = open(*connector_);
};

TEST_F(sqlite_functions_test, cosine_distance_of_any_length__is_one_minus_the_cosine) {
    for (const std::size_t length : {1U, 7U, 8U, 9U, 17U, 384U}) {
        std::vector<float> a(length);
        std::vector<float> b(length);
        double product = 0;
        double a_squares = 0;
        double b_squares = 0;
        for (std::size_t i = 0; i < length; ++i) {
            a[i] = static_cast<float>(i % 5) - 1.5F;
            b[i] = static_cast<float>(i % 3) + 0.25F;
            product += static_cast<double>(a[i]) * b[i];
            a_squares += static_cast<double>(a[i]) * a[i];
            b_squares += static_cast<double>(b[i]) * b[i];
        }
        const auto found = distance(a, b);
        ASSERT_TRUE(found) << length;
        EXPECT_NEAR(*found, 1 - product / std::sqrt(a_squares * b_squares), 1e-12) << length;
    }
}

TEST_F(sqlite_functions_test, cosine_distance_of_other_sizes_zeros_or_nothing__is_null) {
    EXPECT_EQ(distance({1, 2}, {1, 2, 3}), std::nullopt);
    EXPECT_EQ(distance({0, 0}, {1, 2}), std::nullopt);
    EXPECT_EQ(distance({1, 2}, {0, 0}), std::nullopt);
    EXPECT_EQ(distance({}, {}), std::nullopt);
}

} // namespace
} // namespace wharf::testing
