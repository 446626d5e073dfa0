// Reads the answers to a script: any number of results, in text, up to ReadyForQuery.
// Source: PostgreSQL documentation, 55.2.2 (simple query).
#pragma once

#include "postgres/protocol/frame.hpp"
#include "postgres/statement_cache.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/connection/script.hpp"

#include <memory>
#include <string_view>

namespace wharf::postgres {

class script_reader {
public:
    /// All arguments outlive the reader.
    script_reader(std::string_view text, script_options options, script_outcome& out, statement_cache& statements)
        : text_(text), options_(options), out_(out), statements_(statements) {}

    /// False: the message is none that belongs to a script. Throws protocol_violation.
    [[nodiscard]] bool take(const protocol::frame& message);
    void fail(diagnostic fields);
    /// The server waits for the data of a COPY. What it says when it gets none is not told.
    void refuse_copy_in();

private:
    void add_row(protocol::bytes_view body);
    void complete(std::string_view tag);

    std::string_view text_;
    script_options options_;
    script_outcome& out_;
    statement_cache& statements_;
    std::shared_ptr<const result_shape> shape_{}; // of the current statement; null: it has none, or not yet
    result rows_{};
    bool cut_{false};
};

} // namespace wharf::postgres
