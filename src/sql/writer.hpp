// Writes expressions as text, collecting their parameters.
#pragma once

#include "wharf/connection/driver.hpp"
#include "wharf/sql/select_statement.hpp"

#include <cstdint>
#include <string_view>

namespace wharf::sql {

class writer {
public:
    /// The statement reads one table; a column of another one is refused, with usage_error.
    writer(backend kind, std::string_view table) : kind_(kind), table_(table) {}

    writer& operator<<(std::string_view text) {
        out_.text.append(text);
        return *this;
    }
    void identifier(std::string_view name);
    void table(std::string_view name);
    /// A new parameter, and its placeholder.
    void parameter(std::int64_t value);
    void lock(row_lock kind);
    void write(const expression& what);

    [[nodiscard]] rendered_statement finish() { return std::move(out_); }

private:
    void write_column(const node& what);
    void write_value(const node& what);
    void write_binary(std::string_view sign, const node& what);
    void write_identical(const node& what);
    void write_in(const node& what);
    void write_match(const node& what);
    void write_chain(std::string_view sign, const node& what);
    /// An operand: in parentheses where it is an operator itself.
    void write_operand(const expression& what);

    backend kind_;
    std::string_view table_;
    rendered_statement out_{};
};

} // namespace wharf::sql
