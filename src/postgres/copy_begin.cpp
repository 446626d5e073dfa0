// The beginning of a COPY, in one write with what travels in front of it.
//
// The extended protocol is used: after an error the server skips all data up to a Sync, whatever has been sent by then.
// The description of the target travels with the COPY, in one transaction, so it cannot be out of date.
// Source: PostgreSQL documentation, 55.2.6 (COPY operations).
#include "postgres/connection.hpp"
#include "postgres/given_up.hpp"
#include "postgres/protocol/simple_query.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/waits.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace wharf::postgres {
namespace {

using direction = copy_request::direction;
using kind = expected_reply::kind;

// PostgreSQL 12 has brought them.
bool has_generated_columns(std::string_view server_version) noexcept {
    int major = 0;
    std::from_chars(server_version.data(), server_version.data() + server_version.size(), major);
    return major == 0 || major >= 12;
}

bool has_begun(const copy_replies& copy) noexcept {
    return copy.begun || copy.wants_data;
}

// Checked here: what is not written at all has no effect, and leaves the connection as it is.
void refuse_unless_copy(const copy_request& what) {
    static_cast<void>(protocol::string_size(what.statement(), "the statement"));
    static_cast<void>(protocol::string_size(what.described(), "the statement"));
    if (!what.statement().empty() && !is_copy_statement(what.statement()))
        throw usage_error("this statement is no COPY; run it by query() or execute()");
}

} // namespace

std::string copy_out_statement(const prepared_statement& query) {
    std::string_view sql = query.sql;
    sql = sql.substr(0, sql.find_last_not_of("; \t\r\n\f\v") + 1);
    const auto& columns = query.shape->columns;
    std::string casts;
    std::string names;
    bool all_binary = true;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const std::string name = (i == 0 ? "c" : ", c") + std::to_string(i + 1);
        const bool binary = columns[i].format == wire_format::binary;
        all_binary = all_binary && binary;
        names.append(name);
        casts.append(name).append(binary ? "" : "::pg_catalog.text");
    }
    // The line breaks end a comment that the query may end with.
    std::string out = "COPY (";
    if (all_binary)
        out.append(sql).append("\n)");
    else
        out.append("SELECT ")
            .append(casts)
            .append(" FROM (")
            .append(sql)
            .append("\n) AS wharf(")
            .append(names)
            .append("))");
    return out.append(" TO STDOUT (FORMAT binary)");
}

io::op<void> connection::begin_copy(std::span<batch_item> items, const copy_request& what) {
    require_usable();
    refuse_unless_copy(what);
    if (copy_.open) co_await settle_copy();
    if (!settled()) co_await settle();
    if (reset_pending_ || rest_of_stream_) {
        const std::span<batch_item> nothing;
        co_await run(nothing);
        if (reset_pending_ && cancelled_during_reset(items)) co_return;
    }
    prepare_copy(items, what);
    co_await copy_through(open_copy());
    for (std::size_t i = 0; i < items.size(); ++i) {
        const batch_item& done = i < copy_.front() ? copy_.items[i] : copy_.item();
        items[i].affected = done.affected;
        items[i].error = done.error;
        items[i].skipped = done.skipped;
    }
}

io::op<void> connection::copy_through(io::op<void> part) {
    const io::task& self = co_await io::this_task();
    in_flight flight(*this, self.when_given_up().value_or(when_given_up_));
    replies_.start(copy_.items);
    std::exception_ptr failure;
    try {
        co_await std::move(part);
    } catch (...) {
        failure = std::current_exception();
        if (!was_given_up(failure)) flight.lost();
    }
    if (failure) give_up(failure);
    land(flight);
}

io::op<void> connection::open_copy() {
    ++counters_.batches;
    write_closing();
    write_in_front();
    if (copy_.rows) writer_.prepare(copy_.described, copy_.index());
    if (copy_.asks_for_generated()) writer_.execute(copy_.generated, nullptr, copy_.front());
    if (copy_.rows && copy_.described_first) {
        writer_.flush();
        co_await channel_->exchange(replies_);
        end_round_trip();
        leave_out_generated();
        co_await learn_types();
        if (copy_.where == direction::out)
            complete_statement();
        else
            aim_at_types();
    }
    if (!copy_.item().error) write_copy();
    co_await channel_->exchange_until(replies_, has_begun);
    end_round_trip();
    if (replies_.copy().wants_data) { // the Sync behind the COPY was taken for data that are none
        protocol::encode_copy_fail(channel_->out(), "no data were to be sent");
        protocol::encode_sync(channel_->out());
        co_await channel_->exchange(replies_);
    }
    leave_out_generated();
    const bool begun = !copy_.item().error && replies_.copy().begun;
    if (begun && has_as_many_columns())
        started();
    else
        co_await end_unstarted();
}

void connection::prepare_copy(std::span<batch_item> items, const copy_request& what) {
    copy_.abandoned = copy_.handed_out = copy_.synced = false;
    copy_.rows = what.rows();
    copy_.described_first = what.described_first();
    copy_.where = what.where();
    copy_.statement = what.statement();
    copy_.items.assign(items.begin(), items.end());
    copy_.generated = prepared_statement();
    copy_.generated_names.clear();
    if (!what.generated().empty() && has_generated_columns(server_.setting("server_version"))) {
        copy_.generated.sql = what.generated();
        copy_.generated.state = prepared_statement::progress::ready; // it has no name: it is parsed as it is run
        batch_item question;
        question.sql = copy_.generated.sql;
        question.rows = &copy_.generated_names;
        copy_.items.insert(copy_.items.end() - 1, question);
    }
    for (batch_item& item : copy_.items)
        item.error = nullptr;
    copy_.item().sql = copy_.statement;
    copy_.described = prepared_statement();
    copy_.described.sql = what.described();
    replies_.copy().clear();
}

// BEGIN, SAVEPOINT, ROLLBACK: what the transactions above have left for the next statement.
void connection::write_in_front() {
    transaction_status predicted = server_.status;
    for (std::uint32_t i = 0; i < copy_.front(); ++i) {
        const statement_verb verb = verb_of(copy_.items[i].sql);
        writer_.run_once(copy_.items[i].sql, i, verb == statement_verb::commit);
        if (copy_.items[i].end_of_group) writer_.sync(i, false);
        if (verb == statement_verb::begin) predicted = transaction_status::active;
        if (verb == statement_verb::commit || verb == statement_verb::rollback) predicted = transaction_status::idle;
        announce(copy_.items[i].sql);
    }
    copy_.commits = predicted == transaction_status::idle && copy_.where == direction::in;
}

void connection::write_copy() {
    const bool in = copy_.where == direction::in;
    traces_ = true; // of a query, or of what triggers do
    writer_.copy(copy_.statement, copy_.index(), in ? kind::copy_in : kind::copy_out);
    copy_.synced = !in;
    if (in)
        writer_.flush();
    else
        writer_.sync(copy_.index(), false);
    announce(copy_.statement);
}

void connection::announce(std::string_view sql) {
    ++counters_.statements;
    if (server_.observer() != nullptr) server_.observer()->on_statement(sql, 0);
}

// Those that are not PostgreSQL's own, among the columns that have been described.
io::op<void> connection::learn_types() {
    types_.start();
    if (copy_.item().error || types_.resolve(copy_.described)) co_return;
    types_.ask(writer_);
    writer_.flush();
    co_await channel_->exchange(replies_);
    end_round_trip();
    copy_.item().error = types_.take_answer();
    if (!copy_.item().error) static_cast<void>(types_.resolve(copy_.described));
}

// Columns are written as other types than they are read as.
void connection::aim_at_types() {
    const prepared_statement& described = copy_.described;
    if (described.types == nullptr) return;
    auto wanted = std::make_shared<result_shape>(*described.shape);
    for (std::size_t i = 0; i < wanted->columns.size(); ++i)
        wanted->columns[i].type = described.types->written_as(described.described_columns[i]);
    copy_.described.shape = std::move(wanted);
}

// The query has been described: what copies its rows?
void connection::complete_statement() {
    if (copy_.item().error) return;
    if (copy_.described.shape == nullptr) {
        copy_.item().error = std::make_exception_ptr(usage_error("this query returns no rows to be copied"));
        return;
    }
    copy_.statement = copy_out_statement(copy_.described);
    copy_.item().sql = copy_.statement;
}

// Those of a table that take no values, where no columns were named.
void connection::leave_out_generated() {
    if (!copy_.asks_for_generated()) return;
    const batch_item& asked = copy_.items[copy_.front()];
    if (asked.error && !asked.skipped) copy_.item().error = asked.error;
    if (asked.error || copy_.generated_names.empty() || copy_.described.shape == nullptr) return;
    auto taken = std::make_shared<result_shape>(*copy_.described.shape);
    for (std::size_t i = 0; i < copy_.generated_names.size(); ++i) {
        const std::string_view name = copy_.generated_names[i].next().bytes;
        const auto found = std::ranges::find(taken->columns, name, &column_info::name);
        if (found == taken->columns.end()) continue;
        copy_.described.described_columns.erase(copy_.described.described_columns.begin() +
                                                (found - taken->columns.begin()));
        taken->columns.erase(found);
    }
    copy_.generated_names.clear();
    copy_.described.shape = std::move(taken);
}

// False: the table is not what it was described as, and nothing is copied.
bool connection::has_as_many_columns() {
    if (!copy_.rows) return true;
    const std::size_t described = copy_.described.shape->columns.size();
    const std::size_t copied = replies_.copy().begun->columns.size();
    if (described == copied) return true;
    copy_.item().error =
        std::make_exception_ptr(usage_error("the server copies " + std::to_string(copied) + " columns, and " +
                                            std::to_string(described) + " were described: name the columns"));
    return false;
}

void connection::started() {
    copy_.open = true;
    if (!copy_.rows) return;
    const std::size_t columns = copy_.described.shape->columns.size();
    if (copy_.where == direction::in)
        protocol::encode_copy_data(channel_->out(), protocol::as_bytes(protocol::copy_header));
    else
        copy_.splitter.start(columns, row_limit_);
}

// It has failed, or was no COPY of this direction or not the one that was described, and must have no effect.
io::op<void> connection::end_unstarted() {
    const bool runs = replies_.copy().begun.has_value();
    replies_.copy().clear();
    if (!copy_.synced) {
        if (runs)
            protocol::encode_copy_fail(channel_->out(), "its columns are not those that were described");
        else if (copy_.where == direction::in && !replies_.skipping())
            writer_.fail_group(copy_.index());
        writer_.sync(copy_.index(), false);
    }
    co_await channel_->exchange(replies_);
}

} // namespace wharf::postgres
