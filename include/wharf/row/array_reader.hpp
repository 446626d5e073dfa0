// Reading arrays, whatever they are written as: PostgreSQL's binary form, its text form ('{1,2}'), and JSON, which is
// how SQLite keeps them.
// Source: PostgreSQL, src/backend/utils/adt/arrayfuncs.c (array_send, array_out).
#pragma once

#include "wharf/row/cell.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace wharf {

/// One dimension of an array.
struct array_dimension {
    std::int32_t size{0};
    std::int32_t lower_bound{1}; ///< the index of the first element

    bool operator==(const array_dimension&) const = default;
};

/// As many dimensions as PostgreSQL allows.
inline constexpr std::size_t most_array_dimensions = 6;

/// Walks over the elements of an array. The header is checked when it is made, each element when it is reached; both
/// refuse, with conversion_error, what does not fit into the bytes that are there.
class array_reader {
public:
    /// The cell and its bytes outlive the reader.
    explicit array_reader(const cell_view& cell);
    array_reader(const array_reader&) = delete;
    array_reader& operator=(const array_reader&) = delete;
    ~array_reader();

    /// The outermost first; none for an array without elements.
    [[nodiscard]] std::span<const array_dimension> dimensions() const noexcept { return {dimensions_.data(), depth_}; }
    /// The number of elements in all dimensions; at most one for each four bytes of a binary array.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    /// What a binary array says of its elements; unspecified where it is text.
    [[nodiscard]] type_oid element_type() const noexcept { return element_; }
    /// The bytes of the elements that were not read yet, lengths included; empty where the array is text.
    [[nodiscard]] std::string_view rest() const noexcept { return rest_; }
    /// The next element; those of the last dimension lie side by side. Valid as long as the reader. Precondition: fewer
    /// than size() were read.
    [[nodiscard]] cell_view next();
    /// Refuses bytes behind the last element.
    void expect_end() const;
    /// Refuses an array that has elements in another number of dimensions.
    void expect_dimensions(std::size_t count) const;
    /// The size of one of the expected dimensions: 0 in an array without elements.
    [[nodiscard]] std::size_t size_of(std::size_t dimension) const noexcept {
        return dimension < depth_ ? static_cast<std::size_t>(dimensions_[dimension].size) : 0;
    }
    /// What is thrown for an element that is NULL where none may be.
    [[noreturn]] void refuse_null() const;
    /// What is thrown where a dimension has another size than `wanted`.
    [[noreturn]] void refuse_size(std::size_t dimension, std::size_t wanted) const;

private:
    struct parsed_text;

    void read_header();
    void read_text(std::string_view text, bool json);

    const cell_view* cell_;
    std::string_view rest_;
    type_oid element_{type_oid::unspecified};
    std::size_t depth_{0};
    std::size_t size_{0};
    std::array<array_dimension, most_array_dimensions> dimensions_{};
    std::unique_ptr<parsed_text> text_; // only where the array is text
};

} // namespace wharf
