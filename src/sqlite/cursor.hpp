// A SELECT under way, whose rows are made chunk by chunk. It owns all it needs, as a batch does: the op that asked for
// a chunk may be gone before its job has ended.
#pragma once

#include "sqlite/database.hpp"
#include "wharf/row/parameters.hpp"
#include "wharf/row/result.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace wharf::sqlite {

/// Used by one thread at a time. Destroying it does not touch the database, which may be closed by then.
class cursor {
public:
    /// `rows_at_once` 0: as many as fit a chunk of usual size.
    cursor(std::shared_ptr<database> on, std::string sql, parameters values, std::size_t rows_at_once);

    /// Prepares the statement and binds its values. False: its rows cannot be made one by one, since it writes or is
    /// not a single command. Throws database_error, conversion_error.
    [[nodiscard]] bool open();
    /// Makes the next rows; none: that was all. Throws database_error, timed_out, cancelled.
    void fill();
    /// Ends the statement. Not while fill() runs.
    void close() noexcept;

    [[nodiscard]] const result& rows() const noexcept { return rows_; }
    [[nodiscard]] const std::shared_ptr<const result_shape>& shape() const noexcept { return shape_; }
    [[nodiscard]] database& on() const noexcept { return *on_; }

private:
    std::shared_ptr<database> on_; // shared with the driver and other jobs
    std::string sql_;
    parameters values_;
    std::size_t rows_at_once_;
    statement* running_{nullptr};
    std::shared_ptr<const result_shape> shape_{};
    result rows_{};
};

} // namespace wharf::sqlite
