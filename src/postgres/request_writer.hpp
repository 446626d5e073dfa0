// Writes messages, and for each notes what answer is expected.
#pragma once

#include "postgres/adapt_parameter.hpp"
#include "postgres/prepared_statement.hpp"
#include "postgres/protocol/outgoing_buffer.hpp"
#include "postgres/reply_reader.hpp"
#include "wharf/connection/driver.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace wharf::postgres {

class request_writer {
public:
    static constexpr std::uint32_t no_item = expected_reply::no_item;

    request_writer(protocol::outgoing_buffer& out, reply_reader& replies) : out_(out), replies_(replies) {}

    /// Parse and Describe. Errors are those of `item`.
    void prepare(prepared_statement& statement, std::uint32_t item);
    /// Bind and Execute. Throws conversion_error or usage_error before anything is written. `row_limit`: 0 for all
    /// rows.
    void execute(prepared_statement& statement, const parameters* values, std::uint32_t item,
                 std::uint32_t row_limit = 0);
    /// Execute alone: further rows of a portal that was suspended.
    void execute_more(prepared_statement& statement, std::uint32_t item, std::uint32_t row_limit);
    void close_portal();
    /// A statement without placeholders and rows that is not kept: Parse, Bind, Execute.
    void run_once(std::string_view sql, std::uint32_t item, bool commits);
    /// A ROLLBACK with a Sync of its own, in front of whatever comes next.
    void roll_back();
    /// A COPY: Parse, Bind, Execute. `what`: copy_in or copy_out.
    void copy(std::string_view sql, std::uint32_t item, expected_reply::kind what);
    /// Parse alone, under a name; the text may be empty.
    void parse(std::string_view name, std::string_view sql, std::uint32_t item = no_item);
    /// Bind and Execute of a statement without placeholders, prepared by parse(); its rows are dropped.
    void run_prepared(std::string_view name);
    /// Makes the server fail the group, as an error of a statement would.
    void fail_group(std::uint32_t item);
    /// Bind alone: fails when the server does not know the name, and with it the rest of the group.
    void require(std::string_view name, std::uint32_t item);
    void close(std::string_view name);
    /// A simple query of any number of statements.
    void script(std::string_view text);
    void sync(std::uint32_t last_item, bool commits);
    /// Asks for the answers so far without ending the group.
    void flush();

private:
    void bind(prepared_statement& statement, const parameters* values);
    void parse_and_bind(prepared_statement& statement, const parameters* values, std::uint32_t item);
    void write_execute(prepared_statement& statement, std::uint64_t at, std::uint32_t item, std::uint32_t row_limit);
    expected_reply& expect(expected_reply::kind what, std::uint64_t written_at, std::uint32_t item,
                           prepared_statement* statement = nullptr, bool commits = false);

    protocol::outgoing_buffer& out_;
    reply_reader& replies_;
    adapted_parameters adapted_{};       // kept for its memory
    std::vector<std::uint32_t> types_{}; // kept for its memory
};

} // namespace wharf::postgres
