// The COPY that is open on a connection.
#pragma once

#include "postgres/copy_rows.hpp"
#include "postgres/prepared_statement.hpp"
#include "wharf/connection/copy.hpp"
#include "wharf/connection/driver.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wharf::postgres {

struct copy_state {
    using direction = copy_request::direction;

    bool open{false};
    bool abandoned{false};  ///< to be ended before anything else
    bool handed_out{false}; ///< what has arrived was given to the caller of receive_copy()
    bool synced{false};     ///< the Sync that ends it has been written
    bool commits{false};    ///< its end is the end of an implicit transaction
    bool rows{false};
    bool described_first{false}; ///< the columns are asked for before it begins
    direction where{direction::in};
    std::string statement{};
    std::vector<batch_item> items{}; ///< those that travelled in front, the question for generated columns, the COPY
    prepared_statement described{};  ///< the columns of the rows
    prepared_statement generated{};  ///< the query for those that take no values; without a text: it is not asked
    result generated_names{};
    copy_row_splitter splitter{};
    std::vector<std::string_view> pieces{}; ///< rows

    [[nodiscard]] bool asks_for_generated() const noexcept { return !generated.sql.empty(); }
    /// Of those that travelled in front.
    [[nodiscard]] std::uint32_t front() const noexcept { return index() - (asks_for_generated() ? 1 : 0); }
    [[nodiscard]] batch_item& item() noexcept { return items.back(); }
    [[nodiscard]] std::uint32_t index() const noexcept { return static_cast<std::uint32_t>(items.size() - 1); }
};

/// The statement that copies the rows of a described query: columns that wharf does not read in binary as text.
[[nodiscard]] std::string copy_out_statement(const prepared_statement& query);

} // namespace wharf::postgres
