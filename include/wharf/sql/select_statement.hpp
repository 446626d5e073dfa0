// A SELECT as a value, and what a statement becomes for a backend: its text and its parameters.
#pragma once

#include "wharf/row/parameters.hpp"
#include "wharf/sql/expression.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wharf {
enum class backend : std::uint8_t; // connection/driver.hpp
}

namespace wharf::sql {

/// What a driver runs.
struct rendered_statement {
    std::string text{};
    parameters values{};
};

struct order_term {
    expression by{};
    bool descending{false};
};

/// Locks that a SELECT takes on its rows. SQLite has none; there they mean nothing.
enum class row_lock : std::uint8_t { none, share, no_key_update, update };

struct select_statement {
    std::string_view from{}; ///< a table, which lives as long as the statement
    expression where{};      ///< empty: all rows
    std::vector<order_term> order{};
    std::optional<std::int64_t> limit{};
    std::optional<std::int64_t> offset{};
    row_lock lock{row_lock::none};
    bool skip_locked{false};
};

/// SELECT of columns of the table. Throws usage_error when an expression names another table.
[[nodiscard]] rendered_statement render_select(backend kind, const select_statement& statement,
                                               const std::vector<std::string_view>& columns);
/// SELECT count(*) of its rows.
[[nodiscard]] rendered_statement render_count(backend kind, const select_statement& statement);
/// SELECT EXISTS (...): whether it has rows; a boolean, on SQLite 0 or 1.
[[nodiscard]] rendered_statement render_exists(backend kind, const select_statement& statement);

} // namespace wharf::sql
