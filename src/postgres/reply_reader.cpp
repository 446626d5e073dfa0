#include "postgres/reply_reader.hpp"

#include "postgres/protocol/body_reader.hpp"
#include "postgres/protocol/command_complete.hpp"
#include "postgres/protocol/notice.hpp"
#include "postgres/protocol/parse.hpp"
#include "postgres/protocol/row_description.hpp"
#include "postgres/script_reader.hpp"
#include "wharf/base/error.hpp"
#include "wharf/row/type_name.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace wharf::postgres {
namespace {

using protocol::backend_message;
using kind = expected_reply::kind;

wharf::transaction_status to_status(protocol::transaction_status status) noexcept {
    switch (status) {
    case protocol::transaction_status::idle:
        return wharf::transaction_status::idle;
    case protocol::transaction_status::in_transaction:
        return wharf::transaction_status::active;
    case protocol::transaction_status::failed:
        break;
    }
    return wharf::transaction_status::failed;
}

// The server does not know the statement any more, or its result has other columns than when it was prepared. The
// second has no SQLSTATE of its own; the routine is not translated, unlike the message.
// Class 42 and 22P02 may be about what its tables and its search path were then.
bool is_stale(const diagnostic& fields, bool cached) noexcept {
    if (fields.sqlstate == "26000") return true;
    if (fields.sqlstate == "0A000" && fields.routine == "RevalidateCachedQuery") return true;
    return cached && (fields.sqlstate.starts_with("42") || fields.sqlstate == "22P02");
}

// The server can tell neither from the text alone, or has told wrongly, of which type a parameter is.
bool is_about_parameters(const diagnostic& fields) noexcept {
    return fields.sqlstate == "42P18" || fields.sqlstate == "42P08" || fields.sqlstate == "42804";
}

// Where the server parses it each time, an error before its execution may mean that what was learned about it does not
// fit any more: the types of its parameters, or the number of its columns.
bool is_stale(const expected_reply& reply, const diagnostic& fields, bool cached) noexcept {
    if (reply.statement == nullptr) return false;
    if (!reply.statement->is_parsed_each_time()) return reply.what == kind::bind && is_stale(fields, cached);
    return reply.what == kind::parse || reply.what == kind::bind;
}

// The server has found a value of a user type to be another than it expected, or does not know a type any more.
bool is_about_types(const diagnostic& fields, const prepared_statement& statement) noexcept {
    if (statement.user_types_used.empty()) return false;
    return fields.sqlstate == "42804" || fields.sqlstate == "42704" || fields.sqlstate == "XX000";
}

// Of "... parameter $2 ..."; 0: there is none.
std::size_t parameter_in(std::string_view text) noexcept {
    constexpr std::string_view mark = "parameter $";
    const auto at = text.find(mark);
    if (at == std::string_view::npos) return 0;
    std::size_t number = 0;
    std::from_chars(text.data() + at + mark.size(), text.data() + text.size(), number);
    return number;
}

// Which cast gives the parameter its type: the one that the message names, else the first.
std::string hint_of_cast(const diagnostic& fields, const parameters& values) {
    std::size_t number = parameter_in(fields.message);
    if (number == 0 || number > values.size()) number = 1;
    const std::string_view type = sql_name_of(values[number - 1].type);
    return fields.hint + (fields.hint.empty() ? "" : " ") + "A parameter has the type that a cast gives it, as in $" +
           std::to_string(number) + "::" + std::string(type.empty() ? "text" : type);
}

} // namespace

std::exception_ptr make_skipped_error(std::string_view sql) {
    diagnostic fields;
    fields.severity = "ERROR";
    fields.sqlstate = "25P02";
    fields.message = "not run: aborted by the error of another statement of its group";
    fields.statement = sql;
    return make_database_error(std::move(fields));
}

void reply_reader::start(std::span<batch_item> items) {
    items_ = items;
    own_failure_.reset();
    stale_item_ = expected_reply::no_item;
    held_item_ = expected_reply::no_item;
    suspended_ = false;
    committed_ = false;
    unit_ = {};
    wants_no_data_ = false;
}

void reply_reader::process(receive_buffer& arrived) {
    while (!holding_) {
        const auto status = protocol::look_at_frame(arrived.readable(), message_limit_);
        wanted_ = status.size;
        if (!status.complete) return;
        const auto message = protocol::cut_frame(arrived.readable(), status);
        const bool plain = !reads_script();
        if (plain && message.type == backend_message::data_row) {
            take_rows(arrived);
            continue;
        }
        if (plain && message.type == backend_message::copy_data) {
            take_copy_data(arrived);
            continue;
        }
        // The rows before this message keep their chunk; the message moves to a new one.
        if (arrived.pinned()) end_rows(arrived);
        handle(protocol::cut_frame(arrived.readable(), status));
        arrived.consume(status.size);
    }
}

void reply_reader::handle(const protocol::frame& message) {
    if (reads_script() && message.type == backend_message::copy_in_response) {
        script_->refuse_copy_in();
        wants_no_data_ = true;
        return;
    }
    if (reads_script() && script_->take(message)) return;
    switch (message.type) {
    case backend_message::error_response:
        handle_error(protocol::decode_diagnostic(message.body));
        return;
    case backend_message::ready_for_query:
        require(reads_script() ? kind::script : kind::sync, message);
        server_.status = to_status(protocol::decode_ready(message.body));
        end_unit();
        break;
    case backend_message::parse_complete:
        require(kind::parse, message);
        break;
    case backend_message::bind_complete: {
        const expected_reply& reply = require(kind::bind, message);
        if (auto* rows = rows_of(reply)) {
            rows->clear();
            rows->set_shape(reply.statement->shape);
        }
        kept_size_ = 0;
        break;
    }
    case backend_message::close_complete:
        require(kind::close, message);
        break;
    case backend_message::parameter_description: {
        expected_reply& reply = require(kind::describe, message);
        reply.statement->describe_parameters(protocol::decode_parameter_description(message.body));
        reply.what = kind::describe_rows;
        return;
    }
    case backend_message::row_description: {
        if (take_portal_columns(&message)) break;
        const expected_reply& reply = require(kind::describe_rows, message);
        reply.statement->describe_rows(protocol::decode_row_description(message.body));
        reply.statement->state = prepared_statement::progress::ready;
        break;
    }
    case backend_message::no_data: {
        if (take_portal_columns(nullptr)) break;
        const expected_reply& reply = require(kind::describe_rows, message);
        reply.statement->state = prepared_statement::progress::ready;
        break;
    }
    case backend_message::portal_suspended:
        if (!require(kind::execute, message).limited)
            protocol::throw_violation("PortalSuspended", "came though all rows were asked for");
        suspended_ = true;
        break;
    case backend_message::command_complete:
        if (is_copy(expected_)) {
            complete_copy(protocol::decode_command_complete(message.body));
            break;
        }
        require(kind::execute, message);
        complete(protocol::decode_command_complete(message.body));
        break;
    case backend_message::empty_query_response:
        if (is_copy(expected_)) break;
        require(kind::execute, message);
        break;
    case backend_message::copy_in_response:
    case backend_message::copy_out_response:
    case backend_message::copy_both_response:
    case backend_message::copy_done:
        take_copy(message);
        return;
    default:
        if (server_.take(message)) return;
        protocol::throw_violation(protocol::name_of(message.type), "came when it was not expected");
    }
    committed_ = committed_ || expected_.front().commits;
    expected_.pop();
}

bool reply_reader::take_portal_columns(const protocol::frame* description) {
    if (expected_.empty() || expected_.front().what != kind::describe_portal) return false;
    prepared_statement& statement = *expected_.front().statement;
    if (description != nullptr)
        statement.describe_portal(protocol::decode_row_description(description->body));
    else
        statement.shape.reset();
    if (auto* rows = rows_of(expected_.front())) rows->set_shape(statement.shape);
    return true;
}

expected_reply& reply_reader::require(kind what, const protocol::frame& message) {
    if (expected_.empty() || expected_.front().what != what)
        protocol::throw_violation(protocol::name_of(message.type), "came out of turn");
    return expected_.front();
}

void reply_reader::complete(std::string_view tag) {
    const expected_reply& reply = expected_.front();
    if (tag == "DEALLOCATE ALL" || tag == "DISCARD ALL") statements_.forget_all();
    if (changes_types(tag)) types_.forget_all();
    if (reply.item == expected_reply::no_item) return;
    batch_item& item = item_of(reply);
    item.affected = protocol::affected_rows(tag);
    if (item.rows != nullptr) item.rows->set_affected(item.affected);
    if (reply.item != expected_reply::lookup_item) note_completed(reply);
    if (tag == "ROLLBACK" && verb_of(item.sql) == statement_verb::commit) {
        diagnostic fields;
        fields.severity = "ERROR";
        fields.sqlstate = "25P02";
        fields.message = "the transaction was rolled back instead of committed, because a statement in it had failed";
        fields.statement = item.sql;
        item.error = make_database_error(std::move(fields));
    }
}

// What stands in front of a statement that commits, or of a savepoint, outlives an error behind it.
void reply_reader::note_completed(const expected_reply& reply) {
    const statement_verb verb = reply.statement == nullptr ? verb_of(items_[reply.item].sql) : reply.statement->verb;
    const bool keeps = verb == statement_verb::commit || verb == statement_verb::rollback ||
                       verb == statement_verb::procedure || verb == statement_verb::savepoint;
    if (keeps) {
        unit_.empty = true;
        return;
    }
    if (unit_.empty) unit_.first = reply.item;
    unit_.last = reply.item;
    unit_.empty = false;
}

// An error leaves nothing of its group: outside a transaction it is undone at once, inside one by whatever ends it.
void reply_reader::end_unit() noexcept {
    if (unit_.failed && !unit_.empty)
        for (batch_item& item : items_.subspan(unit_.first, unit_.last - unit_.first + 1))
            item.undone = !item.error || unit_.commit_failed;
    unit_ = {};
}

void reply_reader::handle_error(diagnostic fields) {
    if (fields.severity == "FATAL" || fields.severity == "PANIC") {
        ended_by_server_ = true;
        throw connection_lost("the server ended the connection: " + fields.message + " [" + fields.sqlstate + "]");
    }
    if (expected_.empty()) protocol::throw_violation("ErrorResponse", "came when nothing had been asked");
    if (expected_.front().must_succeed)
        throw not_undone("the transaction that was left open could not be rolled back: " + fields.message + " [" +
                         fields.sqlstate + "]");
    if (fields.sqlstate == "25006") server_.note_refused_write();
    if (reads_script()) {
        script_->fail(std::move(fields));
        return;
    }
    if (expected_.front().what == kind::sync) {
        // The implicit transaction of the group could not be committed; ReadyForQuery follows.
        fail_commit(expected_.front(), std::move(fields));
        return;
    }
    unit_.failed = true;
    fail(expected_.front(), std::move(fields));
    expected_.pop();
    for (; !expected_.empty() && expected_.front().what != kind::sync; expected_.pop())
        skip(expected_.front());
    skipping_ = expected_.empty();
}

void reply_reader::fail(const expected_reply& reply, diagnostic fields) {
    if (reply.dropped) return;
    const bool about_types =
        reply.what == kind::bind && reply.statement != nullptr && is_about_types(fields, *reply.statement);
    const bool cached = reply.statement != nullptr && statements_.is_cached(*reply.statement);
    const bool stale = about_types || is_stale(reply, fields, cached);
    const bool unprepared =
        reply.what == kind::parse || reply.what == kind::describe || reply.what == kind::describe_rows;
    if (reply.statement != nullptr && (stale || unprepared)) {
        const bool kept = stale && fields.sqlstate != "26000";
        reply.statement->state = kept ? prepared_statement::progress::stale : prepared_statement::progress::refused;
        reply.statement->undecided = unprepared && is_about_parameters(fields);
        statements_.forget(*reply.statement);
    }
    if (reply.item == expected_reply::no_item) {
        if (!own_failure_) own_failure_ = std::move(fields);
        return;
    }
    if (stale) stale_item_ = reply.item;
    if (about_types) types_.forget_all();
    batch_item& item = item_of(reply);
    if (item.rows != nullptr) item.rows->clear();
    if (item.error) return; // its own side had found a reason first
    fields.statement = item.sql;
    if (unprepared && is_about_parameters(fields) && item.values != nullptr && !item.values->empty())
        fields.hint = hint_of_cast(fields, *item.values);
    if (const auto number = reply.what == kind::bind ? parameter_in(fields.where) : 0; number != 0)
        fields.element = "parameter $" + std::to_string(number);
    item.error = make_database_error(std::move(fields));
}

// No statement is to blame. It is told with the last one of the group, all of which are undone.
void reply_reader::fail_commit(const expected_reply& reply, diagnostic fields) {
    if (reply.item == expected_reply::no_item || reply.dropped) return fail(reply, std::move(fields));
    unit_.failed = unit_.commit_failed = true;
    batch_item& item = item_of(reply);
    if (item.rows != nullptr) item.rows->clear();
    if (item.error) return;
    if (unit_.first == unit_.last) fields.statement = item.sql;
    item.error = make_database_error(std::move(fields));
}

void reply_reader::skip(const expected_reply& reply) {
    if (reply.statement != nullptr && reply.statement->state == prepared_statement::progress::asked)
        reply.statement->state = prepared_statement::progress::unknown;
    if (reply.item == expected_reply::no_item) return;
    batch_item& item = item_of(reply);
    if (item.error || reply.what == kind::parse || reply.what == kind::describe) return;
    item.error = make_skipped_error(item.sql);
    item.skipped = true;
}

} // namespace wharf::postgres
