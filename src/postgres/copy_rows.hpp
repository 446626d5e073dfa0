// Cuts the binary stream of a COPY into rows. No I/O: it works on the contents of CopyData messages, whose boundaries
// mean nothing. Source: PostgreSQL documentation, COPY (binary format).
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace wharf::postgres {

class copy_row_splitter {
public:
    /// Begins a stream of rows with so many columns. A row that is not complete keeps at most `row_limit` bytes.
    void start(std::size_t columns, std::size_t row_limit);
    /// Appends the rows that `message` completes, each in the one row format (row/result.hpp) and checked: views into
    /// the message or into this object, until the next forget(). Throws protocol_violation.
    void take(std::string_view message, std::vector<std::string_view>& rows);
    /// The rows so far are not looked at any more.
    void forget() noexcept { assembled_.clear(); }
    /// Throws protocol_violation unless the stream has come to its end.
    void finish() const;

private:
    [[nodiscard]] bool take_header(std::string_view& rest);
    [[nodiscard]] bool take_row(std::string_view& rest, std::vector<std::string_view>& rows);

    std::size_t columns_{0};
    std::size_t row_limit_{0};
    bool header_seen_{false};
    bool ended_{false};
    std::string tail_{};                  // the beginning of a row
    std::deque<std::string> assembled_{}; // rows that came in pieces
};

} // namespace wharf::postgres
