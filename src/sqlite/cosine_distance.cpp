#include "sqlite/cosine_distance.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstring>

namespace wharf::sqlite {
namespace {

static_assert(std::endian::native == std::endian::little, "blobs of float32 are read where they lie");

struct sums {
    double product;
    double squares;
};

/// Sums of a*b and a*a. Several sums side by side, so that the compiler may use vector instructions without reordering
/// anything that it was not told to; blobs need not be aligned, hence memcpy.
sums accumulate(const char* a, const char* b, std::size_t count) noexcept {
    constexpr std::size_t lanes = 8;
    std::array<float, lanes> x{};
    std::array<float, lanes> y{};
    std::array<double, lanes> product{};
    std::array<double, lanes> squares{};
    std::size_t at = 0;
    for (; at + lanes <= count; at += lanes) {
        std::memcpy(x.data(), a + at * sizeof(float), sizeof x);
        std::memcpy(y.data(), b + at * sizeof(float), sizeof y);
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            product[lane] += static_cast<double>(x[lane]) * static_cast<double>(y[lane]);
            squares[lane] += static_cast<double>(x[lane]) * static_cast<double>(x[lane]);
        }
    }
    sums total{0, 0};
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        total.product += product[lane];
        total.squares += squares[lane];
    }
    for (; at < count; ++at) {
        std::memcpy(x.data(), a + at * sizeof(float), sizeof(float));
        std::memcpy(y.data(), b + at * sizeof(float), sizeof(float));
        total.product += static_cast<double>(x[0]) * static_cast<double>(y[0]);
        total.squares += static_cast<double>(x[0]) * static_cast<double>(x[0]);
    }
    return total;
}

} // namespace

void cosine_distance(sqlite3_context* context, int /*count*/, sqlite3_value** arguments) {
    const auto* a = static_cast<const char*>(sqlite3_value_blob(arguments[0]));
    const auto* b = static_cast<const char*>(sqlite3_value_blob(arguments[1]));
    const int size = sqlite3_value_bytes(arguments[0]);
    if (a == nullptr || b == nullptr || size != sqlite3_value_bytes(arguments[1]) || size % 4 != 0) {
        return sqlite3_result_null(context);
    }
    const auto found = accumulate(a, b, static_cast<std::size_t>(size) / sizeof(float));
    const double lengths = std::sqrt(found.squares * sqlite3_value_double(arguments[2]));
    if (!(lengths > 0)) return sqlite3_result_null(context);
    sqlite3_result_double(context, std::max(0.0, 1.0 - found.product / lengths));
}

} // namespace wharf::sqlite
