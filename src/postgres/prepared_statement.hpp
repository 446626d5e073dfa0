// A statement that the server has parsed, and what it said about it.
#pragma once

#include "postgres/protocol/message_types.hpp"
#include "postgres/protocol/row_description.hpp"
#include "postgres/statement_verb.hpp"
#include "wharf/row/result.hpp"
#include "wharf/row/type_oid.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace wharf::postgres {

struct prepared_statement {
    enum class progress : std::uint8_t {
        unknown, ///< to the server
        asked,   ///< Parse and Describe are on their way
        ready,
        refused, ///< the server could not parse it, or has forgotten it: not to be used again
    };

    std::string name{};
    std::string sql{};
    statement_verb verb{statement_verb::other};
    progress state{progress::unknown};
    std::vector<type_oid> parameter_types{};
    std::shared_ptr<const result_shape> shape{};         // shared with the results; null: returns no rows
    std::vector<protocol::format_code> result_formats{}; // as Bind wants them: one where all agree

    /// Takes over what RowDescription said, and decides which columns will come in binary.
    void describe_rows(const std::vector<protocol::column_description>& columns);
};

} // namespace wharf::postgres
