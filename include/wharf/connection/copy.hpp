// COPY, as a driver that has it offers it: many rows in or out of the database in one stream.
//
// A COPY stays open on its connection from one op to the next; until it has ended nothing else runs there.
#pragma once

#include "wharf/connection/column_list.hpp"
#include "wharf/io/op.hpp"
#include "wharf/row/result.hpp"
#include "wharf/row/type_oid.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace wharf {

struct batch_item;

/// How far a COPY has come. Written by the COPY; any thread may read it meanwhile.
class copy_progress {
public:
    /// Rows written into the stream, or read from it. Of a COPY of text nobody counts them: 0.
    [[nodiscard]] std::uint64_t rows() const noexcept { return rows_.load(std::memory_order_relaxed); }
    /// Bytes of data that have been sent or received.
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }
    void set(std::uint64_t rows, std::uint64_t bytes) noexcept {
        rows_.store(rows, std::memory_order_relaxed);
        bytes_.store(bytes, std::memory_order_relaxed);
    }

private:
    std::atomic<std::uint64_t> rows_{0};
    std::atomic<std::uint64_t> bytes_{0};
};

/// What is to be copied. Names are quoted; a table is name or schema.name. One that holds a dot or white space is given
/// in quotes, as in SQL: R"("my.table")".
class copy_request {
public:
    enum class direction : std::uint8_t { in, out };

    /// A whole statement, COPY ... FROM STDIN or TO STDOUT; its data passes through as it is.
    [[nodiscard]] static copy_request text(direction where, std::string_view sql);
    /// Rows into a table; without columns into all of them, in their order.
    [[nodiscard]] static copy_request rows_into(std::string_view table, std::span<const std::string_view> columns);
    /// Rows from a query, or from a table where `source` is a single word; of a table only `columns`, if any.
    [[nodiscard]] static copy_request rows_from(std::string_view source, std::span<const std::string_view> columns);
    /// What will be in the rows. Composites, arrays of enums and vectors are encoded as the types of one database say,
    /// so that the columns are described before the COPY begins, in a round trip of its own.
    void expect_cells(std::span<const type_oid> types) noexcept;

    [[nodiscard]] direction where() const noexcept { return where_; }
    /// Whether the data are rows in binary.
    [[nodiscard]] bool rows() const noexcept { return !described_.empty(); }
    /// The statement; empty for rows from a query, which the driver completes when it knows their types.
    [[nodiscard]] const std::string& statement() const noexcept { return statement_; }
    /// A query with the columns of the rows.
    [[nodiscard]] const std::string& described() const noexcept { return described_; }
    /// A query for the names of columns among those that take no values; empty: there are none.
    [[nodiscard]] const std::string& generated() const noexcept { return generated_; }
    /// Whether it is to be described before the COPY begins.
    [[nodiscard]] bool described_first() const noexcept { return described_first_; }

private:
    copy_request(direction where, std::string statement, std::string described)
        : where_(where), described_first_(where == direction::out), statement_(std::move(statement)),
          described_(std::move(described)) {}

    direction where_;
    bool described_first_;
    std::string statement_;
    std::string described_;
    std::string generated_{};
};

/// Part of a driver. One op at a time, together with those of the driver; what they throw beyond the server's errors
/// (connection_error, timed_out, cancelled) makes the connection unusable, and so does destroying an op half-way,
/// unless what was given up is to be drained: then the COPY has ended, with nothing copied unless it was finished.
class copy_driver {
public:
    /// Room for the driver in front of the data of send_copy(), in bytes.
    static constexpr std::size_t frame_head = 5;

    copy_driver() = default;
    copy_driver(const copy_driver&) = delete;
    copy_driver& operator=(const copy_driver&) = delete;

    /// Runs a batch whose last item is the COPY, as driver::run() does; its text is that of the request. Where no error
    /// is left in it, the COPY is open.
    [[nodiscard]] virtual io::op<void> begin_copy(std::span<batch_item> items, const copy_request& what) = 0;
    /// Of the rows, while a COPY of rows is open: in, what the columns want; out, how the cells are written.
    [[nodiscard]] virtual const result_shape& copy_columns() const noexcept = 0;
    [[nodiscard]] virtual bool copy_is_open() const noexcept = 0;

    /// In: sends data, whose first `frame_head` bytes are the driver's. Throws the server's error, which ends the COPY.
    [[nodiscard]] virtual io::op<void> send_copy(std::span<char> frame) = 0;
    /// In: ends the COPY. Returns the rows that the server counts; throws its error.
    [[nodiscard]] virtual io::op<std::uint64_t> finish_copy() = 0;
    /// In: ends the COPY with nothing copied. The reason goes to the server's log.
    [[nodiscard]] virtual io::op<void> fail_copy(std::string_view reason) = 0;

    /// Out: what comes next, pieces of text or rows, valid until the next op. None: the COPY has ended. Throws the
    /// server's error, which ends the COPY too.
    [[nodiscard]] virtual io::op<std::span<const std::string_view>> receive_copy() = 0;
    /// Rows of the last COPY that has ended, as the server counts them.
    [[nodiscard]] virtual std::uint64_t copied_rows() const noexcept = 0;

    /// Leaves an open COPY to be ended in front of the next batch: in, with nothing copied; out, by reading the rest
    /// where it is short, else by cancelling it where statements that are given up are drained; else the connection is
    /// given up.
    virtual void abandon_copy() noexcept = 0;

    /// Appends a value as one of the column's type, in binary. Throws conversion_error, which names the column.
    virtual void adapt_copy_value(const column_info& column, type_oid given, std::string_view bytes,
                                  std::string& out) const = 0;

protected:
    ~copy_driver() = default;
};

} // namespace wharf
