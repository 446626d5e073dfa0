#include "postgres/request_writer.hpp"

#include "postgres/protocol/bind.hpp"
#include "postgres/protocol/parse.hpp"
#include "postgres/protocol/portal.hpp"
#include "postgres/protocol/simple_query.hpp"
#include "wharf/base/error.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace wharf::postgres {
namespace {

using kind = expected_reply::kind;

// No statement begins so, and so it is refused.
constexpr std::string_view no_statement = "not sent by the client";

constexpr std::size_t kept_memory = std::size_t{1} << 20;
constexpr std::uint32_t largest_row_limit = std::numeric_limits<std::int32_t>::max();

} // namespace

expected_reply& request_writer::expect(kind what, std::uint64_t written_at, std::uint32_t item,
                                       prepared_statement* statement, bool commits) {
    expected_reply reply;
    reply.what = what;
    reply.commits = commits;
    reply.item = item;
    reply.statement = statement;
    reply.written_at = written_at;
    return replies_.expect(reply);
}

void request_writer::prepare(prepared_statement& statement, std::uint32_t item) {
    const std::uint64_t at = out_.written();
    types_.clear();
    for (const type_oid type : statement.offered)
        types_.push_back(static_cast<std::uint32_t>(type));
    protocol::encode(out_, protocol::parse_message{statement.name, statement.sql, types_});
    protocol::encode_describe(out_, protocol::target::statement, statement.name);
    expect(kind::parse, at, item, &statement);
    expect(kind::describe, at, item, &statement);
    statement.state = prepared_statement::progress::asked;
}

void request_writer::execute(prepared_statement& statement, const parameters* values, std::uint32_t item,
                             std::uint32_t row_limit) {
    const std::uint64_t at = out_.written();
    if (statement.name.empty()) {
        parse_and_bind(statement, values, item);
    } else {
        bind(statement, values);
        expect(kind::bind, at, item, &statement);
    }
    write_execute(statement, at, item, row_limit);
}

// All in one trip: nothing on the server is relied on that an earlier one has left there. The parameters have the types
// that it said; the columns are described again, since they may have changed since.
void request_writer::parse_and_bind(prepared_statement& statement, const parameters* values, std::uint32_t item) {
    const std::uint64_t at = out_.written();
    const std::size_t before = out_.size();
    try {
        types_.clear();
        const auto& described = statement.described_parameters;
        for (const type_oid type : described.empty() ? statement.parameter_types : described)
            types_.push_back(static_cast<std::uint32_t>(type));
        protocol::encode(out_, protocol::parse_message{{}, statement.sql, types_});
        bind(statement, values);
    } catch (...) {
        out_.truncate(before);
        throw;
    }
    protocol::encode_describe(out_, protocol::target::portal, {});
    expect(kind::parse, at, item, &statement);
    expect(kind::bind, at, item, &statement);
    expect(kind::describe_portal, at, item, &statement);
}

void request_writer::execute_more(prepared_statement& statement, std::uint32_t item, std::uint32_t row_limit) {
    write_execute(statement, out_.written(), item, row_limit);
}

void request_writer::write_execute(prepared_statement& statement, std::uint64_t at, std::uint32_t item,
                                   std::uint32_t row_limit) {
    protocol::execute_message message;
    message.row_limit = static_cast<std::int32_t>(std::min<std::uint32_t>(row_limit, largest_row_limit));
    protocol::encode(out_, message);
    expect(kind::execute, at, item, &statement, statement.verb == statement_verb::commit).limited = row_limit != 0;
}

void request_writer::close_portal() {
    const std::uint64_t at = out_.written();
    protocol::encode_close(out_, protocol::target::portal, {});
    expect(kind::close, at, no_item);
}

void request_writer::bind(prepared_statement& statement, const parameters* values) {
    const std::size_t given = values == nullptr ? 0 : values->size();
    if (given != statement.parameter_types.size())
        throw usage_error("the statement has " + std::to_string(statement.parameter_types.size()) +
                          " parameters, and " + std::to_string(given) + " were given");

    protocol::bind_message message;
    message.statement = statement.name;
    message.parameter_count = given;
    message.result_formats = statement.result_formats;
    if (given == 0) {
        protocol::encode(out_, message);
    } else if (fits_as_it_is(*values, statement.parameter_types)) {
        message.parameters = protocol::as_bytes(values->encoded());
        protocol::encode(out_, message);
    } else {
        adapt_parameters(*values, statement.parameter_types, statement.types.get(), adapted_);
        message.parameter_formats = adapted_.formats;
        message.parameters = protocol::as_bytes(adapted_.bytes);
        protocol::encode(out_, message);
        if (adapted_.bytes.size() >= protocol::outgoing_buffer::smallest_borrowed)
            out_.keep(std::exchange(adapted_.bytes, {}));
        if (adapted_.bytes.capacity() > kept_memory) adapted_ = {};
    }
}

void request_writer::run_once(std::string_view sql, std::uint32_t item, bool commits) {
    const std::uint64_t at = out_.written();
    protocol::encode(out_, protocol::parse_message{{}, sql, {}});
    protocol::encode(out_, protocol::bind_message{});
    protocol::encode(out_, protocol::execute_message{});
    expect(kind::parse, at, item);
    expect(kind::bind, at, item);
    expect(kind::execute, at, item, nullptr, commits);
}

void request_writer::roll_back() {
    const std::uint64_t at = out_.written();
    protocol::encode(out_, protocol::parse_message{{}, "ROLLBACK", {}});
    protocol::encode(out_, protocol::bind_message{});
    protocol::encode(out_, protocol::execute_message{});
    for (const kind each : {kind::parse, kind::bind, kind::execute})
        expect(each, at, no_item).must_succeed = true;
    sync(no_item, false);
}

void request_writer::copy(std::string_view sql, std::uint32_t item, kind what) {
    const std::uint64_t at = out_.written();
    protocol::encode(out_, protocol::parse_message{{}, sql, {}});
    protocol::encode(out_, protocol::bind_message{});
    protocol::encode(out_, protocol::execute_message{});
    expect(kind::parse, at, item);
    expect(kind::bind, at, item);
    expect(what, at, item);
}

void request_writer::parse(std::string_view name, std::string_view sql, std::uint32_t item) {
    const std::uint64_t at = out_.written();
    protocol::encode(out_, protocol::parse_message{name, sql, {}});
    expect(kind::parse, at, item);
}

void request_writer::run_prepared(std::string_view name) {
    require(name, no_item);
    const std::uint64_t at = out_.written();
    protocol::encode(out_, protocol::execute_message{});
    expect(kind::execute, at, no_item);
}

void request_writer::fail_group(std::uint32_t item) {
    const std::uint64_t at = out_.written();
    protocol::encode(out_, protocol::parse_message{{}, no_statement, {}});
    expect(kind::parse, at, item);
}

void request_writer::require(std::string_view name, std::uint32_t item) {
    const std::uint64_t at = out_.written();
    protocol::bind_message message;
    message.statement = name;
    protocol::encode(out_, message);
    expect(kind::bind, at, item);
}

void request_writer::close(std::string_view name) {
    const std::uint64_t at = out_.written();
    protocol::encode_close(out_, protocol::target::statement, name);
    expect(kind::close, at, no_item);
}

void request_writer::script(std::string_view text) {
    const std::uint64_t at = out_.written();
    protocol::encode_query(out_, text);
    expect(kind::script, at, no_item, nullptr, true);
    replies_.sync_sent();
}

void request_writer::sync(std::uint32_t last_item, bool commits) {
    const std::uint64_t at = out_.written();
    protocol::encode_sync(out_);
    expect(kind::sync, at, last_item, nullptr, commits);
    replies_.sync_sent();
}

void request_writer::flush() {
    protocol::encode_flush(out_);
}

} // namespace wharf::postgres
