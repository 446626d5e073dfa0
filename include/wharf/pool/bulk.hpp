// The ops behind execute_many() and insert_many().
#pragma once

#include "wharf/base/error.hpp"
#include "wharf/connection/affected.hpp"
#include "wharf/connection/batch.hpp"
#include "wharf/connection/column_list.hpp"
#include "wharf/connection/statement.hpp"
#include "wharf/io/waits.hpp"
#include "wharf/pool/lease.hpp"
#include "wharf/row/array_writer.hpp"
#include "wharf/row/encode.hpp"
#include "wharf/row/row_cells.hpp"
#include "wharf/row/rows.hpp"
#include "wharf/row/type_name.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <memory>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wharf::detail {

template <class Indexes>
struct statement_with;
template <std::size_t... I>
struct statement_with<std::index_sequence<I...>> {
    using type = statement<decltype(I)...>;
};
/// A statement with as many placeholders as a Row has cells.
template <class Row>
using statement_for_row = typename statement_with<std::make_index_sequence<row_cells<Row>::count>>::type;

/// A statement that runs for many rows: for each by itself, or for many of them as one array for each column.
struct bulk_plan {
    bulk_plan(std::string text, std::span<const type_oid> of_columns, bool as_arrays)
        : sql(std::move(text)), types(of_columns), arrays(as_arrays) {}

    std::string sql;
    std::span<const type_oid> types; ///< of the cells; static memory
    bool arrays;
    bool returns{false};
};

/// INSERT of rows with these types. On PostgreSQL by unnest() where all types have arrays, else row by row.
[[nodiscard]] bulk_plan plan_insert(backend kind, std::string_view table, std::span<const std::string_view> columns,
                                    std::span<const type_oid> types, std::span<const std::string_view> returning);

/// Collects rows into batches of bounded size. More than one batch runs in a transaction of its own, unless one is
/// open.
class bulk_run {
public:
    bulk_run(lease_use on, bulk_plan plan);
    bulk_run(const bulk_run&) = delete;
    bulk_run& operator=(const bulk_run&) = delete;
    /// Leaves a transaction of its own that has not ended to be rolled back.
    ~bulk_run();

    /// Adds a row. Throws conversion_error, which says which element it was.
    template <class Row>
    void add(const Row& row) {
        try {
            if (plan_.arrays)
                row_cells<Row>::visit(row, [this](const auto&... cells) {
                    auto column = columns_.begin();
                    (add_cell(*column++, cells), ...);
                });
            else
                row_cells<Row>::visit(row,
                                      [this](const auto&... cells) { encode_parameters(next_values(), cells...); });
        } catch (const conversion_error& refused) {
            refuse(refused);
        }
        row_added();
    }
    [[nodiscard]] bool full() const noexcept { return size_ >= largest_batch || items_.size() >= most_items; }
    /// Runs what has been added. Throws the first error, which says which element it was.
    [[nodiscard]] io::op<void> flush(bool last);

    [[nodiscard]] affected done() const noexcept { return done_; }
    /// What the statements of the last flush() have returned.
    [[nodiscard]] std::span<const result> returned() const noexcept { return returned_; }

private:
    /// One column of many rows.
    struct array_column {
        explicit array_column(type_oid of_elements) : type(of_elements), writer(*bytes, of_elements) {}
        type_oid type;
        std::unique_ptr<std::string> bytes{std::make_unique<std::string>()};
        array_writer writer;
    };

    template <class Cell>
    static void add_cell(array_column& to, const Cell& cell) {
        if constexpr (nullable<Cell>) {
            if (codec<Cell>::is_null(cell)) return to.writer.add_null();
        }
        to.writer.add([&cell](std::string& bytes) { codec<Cell>::encode(cell, bytes); });
    }
    [[nodiscard]] parameters& next_values();
    void row_added();
    void begin_columns();
    void end_chunk();
    [[noreturn]] void refuse(const conversion_error& why) const;
    void throw_error() const;

    static constexpr std::size_t largest_batch = std::size_t{8} << 20;
    static constexpr std::size_t largest_chunk = std::size_t{1} << 20;
    static constexpr std::size_t most_items = 4096;
    static constexpr std::size_t most_in_chunk = 16'384;

    lease_use on_;
    bulk_plan plan_;
    std::vector<array_column> columns_{};
    std::deque<parameters> values_{}; // of the items, and more that wait to be used again
    std::vector<batch_item> items_{};
    std::vector<std::size_t> first_{}; // element of each item
    std::vector<result> returned_{};
    std::size_t size_{0};  // bytes in items
    std::size_t added_{0}; // elements
    std::size_t in_chunk_{0};
    bool own_transaction_{false};
    std::uint64_t serial_{0};
    affected done_{};
};

/// Adds rows until the batch is full, or so many that others should run. False: there are no more.
template <class Iterator, class End>
bool add_bulk(bulk_run& to, Iterator& at, const End& end) {
    for (std::size_t added = 0; at != end; ++at, ++added) {
        if (to.full() || added == io::rows_between_yields) return true;
        to.add<std::iter_value_t<Iterator>>(*at);
    }
    return false;
}

template <class Rows>
io::op<affected> run_bulk(lease_use on, bulk_plan plan, Rows rows) {
    bulk_run run(std::move(on), std::move(plan));
    auto at = std::ranges::begin(rows);
    const auto end = std::ranges::end(rows);
    for (bool more = true; more;) {
        more = add_bulk(run, at, end);
        if (more && !run.full())
            co_await io::yield();
        else
            co_await run.flush(!more);
    }
    co_return run.done();
}

template <class Rows, class... T>
io::op<std::vector<wharf::row_of<T...>>> run_bulk_returning(lease_use on, bulk_plan plan, Rows rows) {
    bulk_run run(std::move(on), std::move(plan));
    std::vector<wharf::row_of<T...>> out;
    auto at = std::ranges::begin(rows);
    const auto end = std::ranges::end(rows);
    for (bool more = true; more;) {
        more = add_bulk(run, at, end);
        if (more && !run.full()) {
            co_await io::yield();
            continue;
        }
        co_await run.flush(!more);
        for (const result& found : run.returned()) {
            rows_reading<T...> reading(found);
            while (reading.read(io::rows_between_yields))
                co_await io::give_turn();
            auto values = reading.take();
            std::ranges::move(values, std::back_inserter(out));
        }
    }
    co_return std::move(out);
}

} // namespace wharf::detail
