// Codecs of one-dimensional arrays as vectors.
//
// On SQLite, vectors of float and double are blobs of little-endian numbers, the others JSON arrays in text. Reading
// refuses arrays of several dimensions and elements that are NULL.
// Source: PostgreSQL, src/backend/utils/adt/arrayfuncs.c (array_send, array_recv).
#pragma once

#include "wharf/row/codec.hpp"
#include "wharf/row/uuid.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wharf {

/// Writes a one-dimensional array, one element after the other, for columns of values whose type is known only at run
/// time. The number of elements is given at the end.
class array_writer {
public:
    /// Appends to `out`, which nobody else touches until finish().
    array_writer(std::string& out, type_oid element);
    void add_null();
    /// Adds an element: `write(std::string& out)` appends its bytes.
    template <class Write>
    void add(Write&& write) {
        const auto start = open();
        write(*out_);
        close(start);
    }
    void add_encoded(std::string_view bytes);
    /// Completes the header. The writer is not used afterwards. At most 2^31 - 1 elements, else conversion_error.
    void finish();

private:
    [[nodiscard]] std::size_t open();
    void close(std::size_t start);

    std::string* out_;
    std::size_t header_;
    std::uint64_t count_{0};
    bool has_null_{false};
};

namespace detail {

template <class Element, type_oid Type, type_oid ElementType>
struct array_codec {
    static constexpr type_oid type = Type;
    static void encode(const std::vector<Element>& value, std::string& out);
    static void decode(const cell_view& cell, std::vector<Element>& out);
};

extern template struct array_codec<bool, type_oid::bool_array, type_oid::boolean>;
extern template struct array_codec<std::int16_t, type_oid::int2_array, type_oid::int2>;
extern template struct array_codec<std::int32_t, type_oid::int4_array, type_oid::int4>;
extern template struct array_codec<std::int64_t, type_oid::int8_array, type_oid::int8>;
extern template struct array_codec<float, type_oid::float4_array, type_oid::float4>;
extern template struct array_codec<double, type_oid::float8_array, type_oid::float8>;
extern template struct array_codec<std::string, type_oid::text_array, type_oid::text>;
extern template struct array_codec<uuid, type_oid::uuid_array, type_oid::uuid>;

} // namespace detail

// clang-format off
template <> struct codec<std::vector<bool>> : detail::array_codec<bool, type_oid::bool_array, type_oid::boolean> {};
template <> struct codec<std::vector<std::int16_t>> : detail::array_codec<std::int16_t, type_oid::int2_array, type_oid::int2> {};
template <> struct codec<std::vector<std::int32_t>> : detail::array_codec<std::int32_t, type_oid::int4_array, type_oid::int4> {};
template <> struct codec<std::vector<std::int64_t>> : detail::array_codec<std::int64_t, type_oid::int8_array, type_oid::int8> {};
template <> struct codec<std::vector<float>> : detail::array_codec<float, type_oid::float4_array, type_oid::float4> {};
template <> struct codec<std::vector<double>> : detail::array_codec<double, type_oid::float8_array, type_oid::float8> {};
template <> struct codec<std::vector<std::string>> : detail::array_codec<std::string, type_oid::text_array, type_oid::text> {};
template <> struct codec<std::vector<uuid>> : detail::array_codec<uuid, type_oid::uuid_array, type_oid::uuid> {};
// clang-format on

/// Numbers of somebody else; a parameter only.
template <>
struct codec<std::span<const float>> {
    static constexpr type_oid type = type_oid::float4_array;
    static void encode(const std::span<const float>& value, std::string& out);
};

} // namespace wharf
