// A batch of one statement whose rows are wanted.
#pragma once

#include "wharf/connection/driver.hpp"
#include "wharf/row/parameters.hpp"
#include "wharf/row/result.hpp"

#include <exception>
#include <span>
#include <string_view>
#include <utility>

namespace wharf {

/// Stays where it is while it runs; so does the text.
class single_statement {
public:
    single_statement(std::string_view sql, parameters values) : values_(std::move(values)) {
        item_.sql = sql;
        item_.values = &values_;
        item_.rows = &rows_;
    }
    single_statement(const single_statement&) = delete;
    single_statement& operator=(const single_statement&) = delete;
    ~single_statement() = default;

    [[nodiscard]] std::span<batch_item> batch() noexcept { return {&item_, 1}; }
    /// Once it has run. Throws its error.
    [[nodiscard]] result take() {
        if (item_.error) std::rethrow_exception(item_.error);
        rows_.set_affected(item_.affected);
        return std::move(rows_);
    }

private:
    parameters values_;
    result rows_{};
    batch_item item_{};
};

} // namespace wharf
