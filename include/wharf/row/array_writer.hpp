// Writing arrays in PostgreSQL's binary form.
// Source: PostgreSQL, src/backend/utils/adt/arrayfuncs.c (array_recv).
#pragma once

#include "wharf/row/array_reader.hpp"
#include "wharf/row/type_oid.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace wharf {

/// Writes an array, one element after the other.
class array_writer {
public:
    /// One dimension, whose size is the number of elements that are added. Appends to `out`, which nobody else touches
    /// until finish().
    array_writer(std::string& out, type_oid element);
    /// These dimensions, the outermost first, whose elements are added with those of the last dimension side by side.
    /// Throws conversion_error for more than six dimensions, sizes below 0 and indexes beyond 2^31 - 1.
    array_writer(std::string& out, type_oid element, std::span<const array_dimension> dimensions);
    void add_null();
    /// Adds an element: `write(std::string& out)` appends its bytes.
    template <class Write>
    void add(Write&& write) {
        const auto start = open();
        write(*out_);
        close(start);
    }
    void add_encoded(std::string_view bytes);
    /// Completes the header. The writer is not used afterwards. Throws conversion_error where the number of elements is
    /// not that of the dimensions, or beyond 2^31 - 1.
    void finish();

private:
    [[nodiscard]] std::size_t open();
    void close(std::size_t start);

    std::string* out_;
    std::size_t header_;
    std::uint64_t expected_;
    std::uint64_t count_{0};
    bool has_null_{false};
};

} // namespace wharf
