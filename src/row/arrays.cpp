#include "wharf/row/arrays.hpp"

#include "row/conversion.hpp"
#include "wharf/base/error.hpp"
#include "wharf/row/vectors.hpp"

#include <bit>
#include <cstring>
#include <limits>
#include <string>

namespace wharf::detail {
namespace {

template <class Number>
void decode_blob(const cell_view& cell, std::vector<Number>& out) {
    static_assert(std::endian::native == std::endian::little, "the blob's byte order is the machine's own");
    if (cell.bytes.size() % sizeof(Number) != 0) refuse_bytes(cell);
    out.resize(cell.bytes.size() / sizeof(Number));
    if (!out.empty()) std::memcpy(out.data(), cell.bytes.data(), cell.bytes.size());
}

} // namespace

void refuse_ragged() {
    throw conversion_error("the parts of an array differ in size; PostgreSQL's arrays are rectangular");
}

void note_size(array_dimension& dimension, std::size_t size, bool first) {
    if (size > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
        throw conversion_error("an array has " + std::to_string(size) + " elements; at most 2^31 - 1 are possible");
    if (first)
        dimension.size = static_cast<std::int32_t>(size);
    else if (static_cast<std::size_t>(dimension.size) != size)
        refuse_ragged();
}

template <plain_number Number>
void encode_numbers(std::span<const Number> values, type_oid element, std::string& out) {
    array_writer writer(out, element);
    out.reserve(out.size() + values.size() * (sizeof(std::int32_t) + sizeof(Number)));
    for (const auto value : values)
        writer.add([value](std::string& bytes) { append(bytes, value); });
    writer.finish();
}

/// Checks nothing per element but its length.
template <plain_number Number>
bool decode_numbers(const cell_view& cell, std::vector<Number>& out) {
    if (cell.format != wire_format::binary) return false;
    if constexpr (std::is_floating_point_v<Number>) {
        if (cell.type == type_oid::bytea) {
            decode_blob(cell, out);
            return true;
        }
    }
    if constexpr (std::is_same_v<Number, float>) {
        if (cell.type == type_oid::vector || cell.type == type_oid::halfvec) {
            decode_vector(cell, out);
            return true;
        }
    }
    constexpr auto own_type = array_of(codec<Number>::type);
    if (cell.type != own_type) return false;
    constexpr auto stride = sizeof(std::int32_t) + sizeof(Number);
    array_reader array(cell);
    const auto bytes = array.rest();
    if (array.dimensions().size() > 1 || array.element_type() != codec<Number>::type ||
        bytes.size() != array.size() * stride)
        return false;
    out.resize(array.size());
    const char* at = bytes.data();
    for (auto& value : out) {
        if (load<std::int32_t>(at) != static_cast<std::int32_t>(sizeof(Number))) return false;
        value = load<Number>(at + sizeof(std::int32_t));
        at += stride;
    }
    return true;
}

// clang-format off
template void encode_numbers(std::span<const std::int16_t>, type_oid, std::string&);
template void encode_numbers(std::span<const std::int32_t>, type_oid, std::string&);
template void encode_numbers(std::span<const std::int64_t>, type_oid, std::string&);
template void encode_numbers(std::span<const float>, type_oid, std::string&);
template void encode_numbers(std::span<const double>, type_oid, std::string&);
template bool decode_numbers(const cell_view&, std::vector<std::int16_t>&);
template bool decode_numbers(const cell_view&, std::vector<std::int32_t>&);
template bool decode_numbers(const cell_view&, std::vector<std::int64_t>&);
template bool decode_numbers(const cell_view&, std::vector<float>&);
template bool decode_numbers(const cell_view&, std::vector<double>&);
// clang-format on

template struct dimension_codec<std::vector<bool>, bool>;
template struct dimension_codec<std::vector<std::int16_t>, std::int16_t>;
template struct dimension_codec<std::vector<std::int32_t>, std::int32_t>;
template struct dimension_codec<std::vector<std::int64_t>, std::int64_t>;
template struct dimension_codec<std::vector<float>, float>;
template struct dimension_codec<std::vector<double>, double>;
template struct dimension_codec<std::vector<std::string>, std::string>;
template struct dimension_codec<std::vector<uuid>, uuid>;

} // namespace wharf::detail
