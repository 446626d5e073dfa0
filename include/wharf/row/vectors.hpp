// The types of pgvector, PostgreSQL's extension of vectors.
//
// A std::vector<float> is read from vector and halfvec, and becomes either where a statement wants one; so does one of
// double, if its numbers fit. vector_value is for what a std::vector<float> cannot say: an array of vectors, which is a
// std::vector<vector_value>. The extension's bit vectors are PostgreSQL's own type bit.
// Only on PostgreSQL; on SQLite a std::vector<float> is a blob (arrays.hpp).
#pragma once

#include "wharf/row/codec.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace wharf {

struct vector_value {
    std::vector<float> values{};

    bool operator==(const vector_value&) const = default;
};

/// A vector of which only the numbers that are not 0 are kept.
struct sparse_vector {
    std::int32_t dimensions{0};
    std::vector<std::int32_t> indices{}; ///< from 0, in order, each once; text shows them from 1
    std::vector<float> values{};         ///< for each index one, not 0

    bool operator==(const sparse_vector&) const = default;
};

template <>
struct codec<vector_value> {
    static constexpr type_oid type = type_oid::vector;
    /// At most 16,000 numbers.
    static void encode(const vector_value& value, std::string& out);
    static void decode(const cell_view& cell, vector_value& out);
};

template <>
struct codec<sparse_vector> {
    static constexpr type_oid type = type_oid::sparsevec;
    /// Throws conversion_error where there are not as many values as indices.
    static void encode(const sparse_vector& value, std::string& out);
    static void decode(const cell_view& cell, sparse_vector& out);
};

namespace detail {
/// Reads a vector or a halfvec in binary.
void decode_vector(const cell_view& cell, std::vector<float>& out);
} // namespace detail

} // namespace wharf
