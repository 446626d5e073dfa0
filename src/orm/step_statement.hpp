// The statement of a step of a flush, and the parameters of its rows.
#pragma once

#include "orm/flush_plan.hpp"
#include "wharf/connection/driver.hpp"

#include <string>
#include <vector>

namespace wharf::orm {

/// How a step is sent.
struct step_statement {
    std::string text{};
    bool arrays{false};                   ///< many rows in one statement; else one statement for each row
    const answer_layout* answer{nullptr}; ///< null: no rows come back
    std::vector<std::size_t> again{};     ///< columns whose values are sent twice
    std::vector<bool> hashed{};           ///< of each column that is compared: whether its hash is sent
};

/// The plan keeps the layout of the answer.
[[nodiscard]] step_statement make_statement(backend kind, flush_plan& plan, const flush_step& step);

/// Parameters for the rows [first, first + count) of the step; count is 1 unless the statement takes arrays.
[[nodiscard]] parameters make_parameters(const flush_plan& plan, const flush_step& step, const step_statement& how,
                                         std::size_t first, std::size_t count);

/// The value of a reference's column, once the key of its target is known.
void add_deferred(const flush_plan& plan, const class_descriptor& type, const deferred_column& late, parameters& out);

/// The version that an update or delete expects, encoded with its length: that of the row before the flush, and one
/// more for each update of the row that is in front of it.
[[nodiscard]] std::string expected_version(const class_descriptor& type, std::string_view before,
                                           std::uint32_t earlier);

} // namespace wharf::orm
