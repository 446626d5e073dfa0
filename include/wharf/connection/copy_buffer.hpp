// Rows and text on their way into a COPY: one buffer, filled by a plain loop and sent when it is full.
#pragma once

#include "wharf/connection/copy.hpp"
#include "wharf/row/bytes.hpp"
#include "wharf/row/row_cells.hpp"

#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace wharf {

namespace detail {
template <class Cell>
inline constexpr bool is_optional = false;
template <class Cell>
inline constexpr bool is_optional<std::optional<Cell>> = true;

// Those whose wire form is the number itself.
template <class Cell>
inline constexpr bool is_plain_number =
    std::is_same_v<Cell, short> || std::is_same_v<Cell, int> || std::is_same_v<Cell, long> ||
    std::is_same_v<Cell, long long> || std::is_same_v<Cell, float> || std::is_same_v<Cell, double>;
} // namespace detail

/// Used by one thread or coroutine at a time. Numbers and text are written in place, everything else by its codec.
class copy_buffer {
public:
    /// Once it holds this much it should be sent, in bytes. One row more fits, however long.
    static constexpr std::size_t full_size = std::size_t{64} << 10;

    copy_buffer();

    /// The rows that will be added have these types; the driver's open COPY says what the columns want. Throws
    /// usage_error unless they are as many.
    void aim_at(const copy_driver& driver, std::span<const type_oid> given);

    /// Adds a row. Throws conversion_error, which names the column; then nothing has been added.
    template <writable_row Row>
    void add(const Row& row) {
        const std::size_t start = size_;
        try {
            store(grow(sizeof(std::int16_t)), static_cast<std::int16_t>(row_cells<Row>::count));
            if (!adapts_) [[likely]]
                row_cells<Row>::visit(row, [this](const auto&... cells) { (this->put(cells), ...); });
            else
                row_cells<Row>::visit(row, [this](const auto&... cells) {
                    std::size_t column = 0;
                    (this->put_adapted(cells, column++), ...);
                });
        } catch (...) {
            size_ = start;
            throw;
        }
        ++rows_;
    }
    /// Adds bytes as they are; returns how many, until it is full.
    std::size_t add_text(std::string_view bytes);

    [[nodiscard]] bool full() const noexcept { return size_ >= full_size; }
    [[nodiscard]] bool empty() const noexcept { return size_ == copy_driver::frame_head; }
    /// What send_copy() wants.
    [[nodiscard]] std::span<char> frame() noexcept { return {bytes_.get(), size_}; }
    /// It has been sent.
    void clear();

    /// Rows added, and bytes sent or waiting.
    [[nodiscard]] std::uint64_t rows() const noexcept { return rows_; }
    [[nodiscard]] std::uint64_t bytes() const noexcept { return sent_ + size_ - copy_driver::frame_head; }

private:
    char* grow(std::size_t size) {
        if (size > capacity_ - size_) [[unlikely]]
            enlarge(size);
        char* const at = bytes_.get() + size_;
        size_ += size;
        return at;
    }
    void enlarge(std::size_t size);
    void put_bytes(std::string_view bytes) {
        if (bytes.size() > longest_value) [[unlikely]]
            refuse_size(bytes.size());
        char* const at = grow(sizeof(std::int32_t) + bytes.size());
        store(at, static_cast<std::int32_t>(bytes.size()));
        if (!bytes.empty()) std::memcpy(at + sizeof(std::int32_t), bytes.data(), bytes.size());
    }
    void put_null() { store(grow(sizeof(std::int32_t)), std::int32_t{-1}); }

    template <class Cell>
    void put(const Cell& cell) {
        if constexpr (detail::is_optional<Cell>) {
            if (cell)
                put(*cell);
            else
                put_null();
        } else if constexpr (detail::is_plain_number<Cell>) {
            char* const at = grow(sizeof(std::int32_t) + sizeof(Cell));
            store(at, std::int32_t{sizeof(Cell)});
            store(at + sizeof(std::int32_t), cell);
        } else if constexpr (std::is_same_v<Cell, std::string> || std::is_same_v<Cell, std::string_view>) {
            put_bytes(cell);
        } else if (encode(cell)) {
            put_bytes(cell_);
        } else {
            put_null();
        }
    }
    template <class Cell>
    void put_adapted(const Cell& cell, std::size_t column) {
        if (encode(cell))
            put_adapted_bytes(codec<Cell>::type, column);
        else
            put_null();
    }
    /// Into cell_; false for NULL.
    template <class Cell>
    bool encode(const Cell& cell) {
        if constexpr (nullable<Cell>) {
            if (codec<Cell>::is_null(cell)) return false;
        }
        cell_.clear();
        codec<Cell>::encode(cell, cell_);
        return true;
    }
    void put_adapted_bytes(type_oid given, std::size_t column);
    [[noreturn]] static void refuse_size(std::size_t size);

    static constexpr std::size_t longest_value = std::size_t{1} << 30;

    std::unique_ptr<char[]> bytes_;
    std::size_t capacity_;
    std::size_t size_{copy_driver::frame_head};
    std::string cell_{};    // one cell on its way; kept for its memory
    std::string adapted_{}; // the same, as the column wants it
    const copy_driver* driver_{nullptr};
    std::vector<column_info> columns_{}; // what they want
    bool adapts_{false};
    std::uint64_t rows_{0};
    std::uint64_t sent_{0};
};

} // namespace wharf
