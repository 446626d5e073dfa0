// A statement that the server has parsed, and what it said about it.
#pragma once

#include "connection/statement_verb.hpp"
#include "postgres/protocol/message_types.hpp"
#include "postgres/protocol/row_description.hpp"
#include "wharf/base/time.hpp"
#include "wharf/row/result.hpp"
#include "wharf/row/type_oid.hpp"
#include "wharf/row/user_types.hpp"

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
        stale,   ///< the server has it, and it does not fit any more: not to be used again
    };

    std::string name{}; ///< empty: the server parses it for each execution
    std::string sql{};
    statement_verb verb{statement_verb::other};
    bool copies_in{false}; ///< COPY FROM STDIN
    bool traces{false};    // see leaves_traces()
    progress state{progress::unknown};
    time_point made_at{};
    std::uint64_t made_in{0};        ///< the number of the batch that has made it
    std::vector<type_oid> offered{}; ///< to Parse, as the types of its parameters; empty: it is to infer them
    bool undecided{false};           ///< it could not be parsed, for want of the types of its parameters
    std::vector<type_oid> parameter_types{};
    std::shared_ptr<const result_shape> shape{};         // shared with the results; null: returns no rows
    std::vector<protocol::format_code> result_formats{}; // as Bind wants them: one where all agree

    // Of types that are not PostgreSQL's own; empty for most statements.
    std::vector<type_oid> user_types_used{};
    std::vector<type_oid> described_parameters{}; // as the server said
    std::vector<type_oid> described_columns{};
    std::shared_ptr<const user_types> types{}; // shared with the catalogue; null: nothing is known
    std::uint64_t types_generation{0};         // of the catalogue when the types were resolved

    [[nodiscard]] bool is_usable() const noexcept { return state != progress::refused && state != progress::stale; }
    /// Takes over what ParameterDescription said.
    void describe_parameters(const std::vector<std::uint32_t>& parameters);
    /// Takes over what RowDescription said, and decides which columns will come in binary.
    void describe_rows(const std::vector<protocol::column_description>& columns);
    /// The same for rows that come now, in the formats that were asked for: also when it has other columns than before.
    void describe_portal(const std::vector<protocol::column_description>& columns);
    /// The server parses the text when it is run: what was learned may be wrong by then.
    [[nodiscard]] bool is_parsed_each_time() const noexcept { return name.empty() && state == progress::ready; }
    /// Takes over what is known of its user types: what parameters are written as, how columns come and are read.
    void resolve(std::shared_ptr<const user_types> known, std::uint64_t generation);
};

} // namespace wharf::postgres
