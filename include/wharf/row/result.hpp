// The rows of a statement, in the buffers in which they arrived: the one row format of both backends.
//
// A row is the body of a PostgreSQL DataRow message: int16 number of cells, then for each cell an int32 length (-1 for
// NULL) and that many bytes. In a result of SQLite (`tagged`) the first byte of a cell that is not NULL is its type,
// since SQLite's types belong to cells: see cell_tag.
// Source: PostgreSQL documentation, 55.7 (message formats, DataRow).
#pragma once

#include "wharf/base/small_vector.hpp"
#include "wharf/row/bytes.hpp"
#include "wharf/row/cell.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wharf {

struct column_info {
    std::string name{};
    /// Of the column; of SQLite's cells see cell_view::type, there it is numeric where the column has that affinity.
    type_oid type{type_oid::unspecified};
    wire_format format{wire_format::binary};
    std::uint32_t table{0}; ///< the table's oid, 0 where the column is an expression
};

/// What all rows of one statement have in common.
struct result_shape {
    std::vector<column_info> columns{};
    bool tagged{false};
    /// What is known of the user types among them; null: nothing. Shared with what the driver knows.
    std::shared_ptr<const user_types> types{};
};

/// The first byte of a cell in a tagged result.
enum class cell_tag : char { integer = 'i', real = 'r', text = 't', blob = 'b' };

/// Reads the cells of one row in order. The row was checked when it arrived.
class row_view {
public:
    row_view(const result_shape& shape, const char* body) noexcept : shape_(&shape), at_(body + 2) {}

    [[nodiscard]] const result_shape& shape() const noexcept { return *shape_; }
    [[nodiscard]] std::size_t size() const noexcept { return shape_->columns.size(); }
    /// The number of the cell that next() will return, from 0.
    [[nodiscard]] std::size_t position() const noexcept { return index_; }
    /// The next cell. Precondition: position() < size().
    [[nodiscard]] cell_view next() noexcept {
        const column_info& column = shape_->columns[index_++];
        const auto length = load<std::int32_t>(at_);
        at_ += sizeof length;
        if (length < 0) return {column.type, column.format, true, {}, nullptr};
        const std::string_view bytes(at_, static_cast<std::size_t>(length));
        at_ += length;
        if (shape_->tagged) return untagged(column, bytes);
        return {column.type, column.format, false, bytes, shape_->types.get()};
    }
    /// Steps over the next cell if it has `size` bytes, and returns them; else null, and stays. The same precondition.
    [[nodiscard]] const char* next_if_sized(std::int32_t size) noexcept {
        if (load<std::int32_t>(at_) != size) return nullptr;
        const char* const bytes = at_ + sizeof size;
        at_ = bytes + size;
        ++index_;
        return bytes;
    }

private:
    [[nodiscard]] static cell_view untagged(const column_info& column, std::string_view bytes) noexcept;

    const result_shape* shape_;
    const char* at_;
    std::size_t index_{0};
};

/// Owns rows. Move-only; the rows keep their addresses when it moves.
class result {
public:
    result() = default;
    result(result&&) noexcept = default;
    result& operator=(result&&) noexcept = default;

    [[nodiscard]] const result_shape& shape() const noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return rows_.size(); }
    [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }
    [[nodiscard]] row_view operator[](std::size_t index) const noexcept { return {shape(), rows_[index]}; }
    /// Where each row lies, in order.
    [[nodiscard]] std::span<const char* const> bodies() const noexcept { return {rows_.data(), rows_.size()}; }
    /// Rows inserted, updated, deleted or selected, as the backend counts them.
    [[nodiscard]] std::uint64_t affected() const noexcept { return affected_; }

    // For drivers.
    void set_shape(std::shared_ptr<const result_shape> shape) noexcept { shape_ = std::move(shape); }
    void set_affected(std::uint64_t rows) noexcept { affected_ = rows; }
    /// Memory for rows that lives as long as this result and is not moved.
    [[nodiscard]] char* allocate(std::size_t size);
    /// Takes over a buffer that holds rows.
    void adopt(std::unique_ptr<char[]> buffer) { more_blocks_.push_back(std::move(buffer)); }
    /// Adds a row, whose body lies in a buffer of this result and has been checked against its shape.
    void add_row(const char* body) { rows_.push_back(body); }
    /// Adds rows, whose bodies lie `moved` bytes behind where `bodies` says.
    void add_rows(std::span<const char* const> bodies, std::ptrdiff_t moved);
    void clear() noexcept;

private:
    std::shared_ptr<const result_shape> shape_{}; // shared with the statement cache and other results of the statement
    std::unique_ptr<char[]> block_{};
    std::vector<std::unique_ptr<char[]>> more_blocks_{};
    detail::small_vector<const char*, 1> rows_{};
    char* free_{nullptr};
    std::size_t free_size_{0};
    std::uint64_t affected_{0};
};

} // namespace wharf
