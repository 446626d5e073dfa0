// Source: pgvector, src/vector.c, src/halfvec.c, src/sparsevec.c (the functions that send and receive).
#include "wharf/row/vectors.hpp"

#include "row/conversion.hpp"
#include "row/half.hpp"
#include "wharf/base/error.hpp"
#include "wharf/row/bytes.hpp"

namespace wharf {
namespace {

constexpr std::size_t dense_head = 4;   // int16 dimensions, int16 of no use
constexpr std::size_t sparse_head = 12; // int32 dimensions, int32 of values, int32 of no use
constexpr std::size_t most_values = 16'000;

} // namespace

void detail::decode_vector(const cell_view& cell, std::vector<float>& out) {
    const bool half = cell.type == type_oid::halfvec;
    if ((!half && cell.type != type_oid::vector) || cell.format != wire_format::binary)
        refuse_type(cell, "vector of float");
    if (cell.bytes.size() < dense_head) refuse_bytes(cell);
    const auto count = load<std::uint16_t>(cell.bytes.data());
    const auto width = half ? sizeof(std::uint16_t) : sizeof(float);
    expect_size(cell, dense_head + count * width);
    out.resize(count);
    const char* at = cell.bytes.data() + dense_head;
    for (auto& value : out) {
        value = half ? half_to_float(load<std::uint16_t>(at)) : load<float>(at);
        at += width;
    }
}

void codec<vector_value>::encode(const vector_value& value, std::string& out) {
    if (value.values.size() > most_values) detail::refuse_encoding("a vector of that size", type);
    append(out, static_cast<std::uint16_t>(value.values.size()));
    append(out, std::uint16_t{0});
    for (const auto number : value.values)
        append(out, number);
}

void codec<vector_value>::decode(const cell_view& cell, vector_value& out) {
    detail::decode_vector(cell, out.values);
}

void codec<sparse_vector>::encode(const sparse_vector& value, std::string& out) {
    if (value.indices.size() != value.values.size())
        throw conversion_error("a sparse vector has " + std::to_string(value.indices.size()) + " indices and " +
                               std::to_string(value.values.size()) + " values");
    if (value.values.size() > most_values) detail::refuse_encoding("a sparse vector with that many values", type);
    append(out, value.dimensions);
    append(out, static_cast<std::int32_t>(value.indices.size()));
    append(out, std::int32_t{0});
    for (const auto index : value.indices)
        append(out, index);
    for (const auto number : value.values)
        append(out, number);
}

void codec<sparse_vector>::decode(const cell_view& cell, sparse_vector& out) {
    if (cell.type != type || cell.format != wire_format::binary) detail::refuse_type(cell, "wharf::sparse_vector");
    if (cell.bytes.size() < sparse_head) detail::refuse_bytes(cell);
    const char* at = cell.bytes.data();
    const auto dimensions = load<std::int32_t>(at);
    const auto count = load<std::int32_t>(at + sizeof(std::int32_t));
    if (dimensions < 0 || count < 0 || count > dimensions) detail::refuse_bytes(cell);
    const auto size = static_cast<std::size_t>(count);
    detail::expect_size(cell, sparse_head + size * (sizeof(std::int32_t) + sizeof(float)));
    out.dimensions = dimensions;
    out.indices.resize(size);
    out.values.resize(size);
    at += sparse_head;
    for (auto& index : out.indices) {
        index = load<std::int32_t>(at);
        if (index < 0 || index >= dimensions) detail::refuse_bytes(cell);
        at += sizeof index;
    }
    for (auto& value : out.values) {
        value = load<float>(at);
        at += sizeof value;
    }
}

} // namespace wharf
