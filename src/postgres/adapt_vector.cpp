// Source: pgvector, src/vector.c and src/halfvec.c (vector_recv, halfvec_recv).
#include "postgres/adapt_value.hpp"
#include "row/half.hpp"
#include "wharf/row/bytes.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <vector>

namespace wharf::postgres {
namespace {

constexpr std::size_t empty_array = 12;
constexpr std::size_t one_dimension = 20;
constexpr std::size_t vector_head = 4;
constexpr std::size_t most_values = 16'000;

/// The numbers of an array of one dimension; nothing where one is NULL or where it is something else.
template <class Number>
std::optional<std::vector<double>> numbers_of_array(std::string_view bytes) {
    std::vector<double> numbers;
    if (bytes.size() == empty_array) return numbers;
    if (bytes.size() < one_dimension || load<std::int32_t>(bytes.data()) != 1) return std::nullopt;
    bytes.remove_prefix(one_dimension);
    constexpr std::size_t stride = sizeof(std::int32_t) + sizeof(Number);
    if (bytes.size() % stride != 0) return std::nullopt;
    numbers.reserve(bytes.size() / stride);
    for (; !bytes.empty(); bytes.remove_prefix(stride)) {
        if (load<std::int32_t>(bytes.data()) != static_cast<std::int32_t>(sizeof(Number))) return std::nullopt;
        numbers.push_back(static_cast<double>(load<Number>(bytes.data() + sizeof(std::int32_t))));
    }
    return numbers;
}

std::optional<std::vector<double>> numbers_of(type_oid given, std::string_view bytes) {
    if (given == type_oid::float4_array) return numbers_of_array<float>(bytes);
    if (given == type_oid::float8_array) return numbers_of_array<double>(bytes);
    if (given != type_oid::vector || bytes.size() < vector_head) return std::nullopt;
    std::vector<double> numbers;
    for (bytes.remove_prefix(vector_head); bytes.size() >= sizeof(float); bytes.remove_prefix(sizeof(float)))
        numbers.push_back(double{load<float>(bytes.data())});
    return numbers;
}

} // namespace

adaptation adapt_vector(type_oid given, std::string_view bytes, type_oid wanted, std::string& out) {
    const bool half = wanted == type_oid::halfvec;
    if (given == wanted || (!half && wanted != type_oid::vector)) return adaptation::none;
    const auto numbers = numbers_of(given, bytes);
    if (!numbers) return adaptation::none;
    if (numbers->size() > most_values) return adaptation::out_of_range;
    append(out, static_cast<std::uint16_t>(numbers->size()));
    append(out, std::uint16_t{0});
    for (const auto number : *numbers) {
        if (std::isfinite(number) && std::abs(number) > double{std::numeric_limits<float>::max()})
            return adaptation::out_of_range;
        const auto single = static_cast<float>(number);
        if (!half) {
            append(out, single);
            continue;
        }
        const auto rounded = wharf::detail::float_to_half(single);
        if (std::isfinite(single) && !std::isfinite(wharf::detail::half_to_float(rounded)))
            return adaptation::out_of_range;
        append(out, rounded);
    }
    return adaptation::binary;
}

} // namespace wharf::postgres
