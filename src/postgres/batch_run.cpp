#include "postgres/batch_run.hpp"

#include "connection/statement_traces.hpp"
#include "postgres/adapt_value.hpp"
#include "postgres/known_types.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/waits.hpp"

#include <algorithm>
#include <utility>

namespace wharf::postgres {
namespace {

using progress = prepared_statement::progress;

// Numbers that are wharf's own are unknown to the server, as are those of types that differ from one database to the
// next; 0 leaves it to infer a type.
std::vector<type_oid> offered_types(const parameters& values) {
    std::vector<type_oid> types;
    types.reserve(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        const type_oid type = values[i].type;
        const bool concrete = type != type_oid::record && type != type_oid::record_array && type >= type_oid::boolean &&
                              !is_foreign(type);
        types.push_back(concrete ? type : type_oid::unspecified);
    }
    return types;
}

} // namespace

batch_run::batch_run(std::span<batch_item> items, statement_cache& statements, type_resolver& types,
                     server_state& server, reply_reader& replies, request_writer& writer, std::string_view guard)
    : items_(items), statements_(statements), types_(types), server_(server), replies_(replies), writer_(writer),
      guard_(guard), prepared_(items.size()), predicted_(server.status) {
    types_.start();
}

void batch_run::stream_last(stream_options options) {
    streams_ = true;
    fetch_size_ = options.fetch_size;
    replies_.hold_rows_of(count() - 1);
}

bool batch_run::write_more() {
    yields_ = false;
    if (types_.asking()) take_types();
    if (replies_.skipping()) { // an error came back though no Sync had been sent
        if (next_ != count()) skip_group();
        close_group(next_ - 1);
    }
    while (next_ < count()) {
        if (!open_) {
            group_first_ = next_;
            at_group_ = predicted_;
            writes_ = false;
            if (offer_types()) continue;
            if (group_has_failed()) { // one of its statements could not be prepared
                skip_group();
                continue;
            }
        }
        if (!items_[next_].utility && statement(next_).state != progress::ready) {
            if (prepare_from(next_)) return true;
            continue;
        }
        if (!items_[next_].utility && !types_.resolve(statement(next_))) return ask_for_types();
        write_item(next_);
        yields_ = ++taken_ % io::rows_between_yields == 0;
        if (yields_) return true;
    }
    guard_ = {};
    return !replies_.expected().empty() || (!open_ && retry_stale());
}

batch_run::index batch_run::group_end(index in_group) const noexcept {
    while (in_group + 1 < count() && !items_[in_group].end_of_group)
        ++in_group;
    return in_group + 1;
}

prepared_statement& batch_run::statement(index item) {
    prepared_statement*& known = prepared_[item];
    if (known == nullptr || !known->is_usable()) known = &statements_.get(items_[item].sql);
    return *known;
}

bool batch_run::group_has_failed() const noexcept {
    const auto group = items_.subspan(next_, group_end(next_) - next_);
    return std::ranges::any_of(group, [](const batch_item& item) { return item.error != nullptr; });
}

// The types of parameters that the server could not infer are those of the values, where nothing is lost by trying.
// False: there is nothing to offer.
bool batch_run::offer_types() {
    bool offered = false;
    if (predicted_ != transaction_status::idle || server_.status != transaction_status::idle) return false;
    for (index item = next_; item < group_end(next_); ++item) {
        prepared_statement* const refused = prepared_[item];
        const parameters* const values = items_[item].values;
        if (refused == nullptr || !refused->undecided || !refused->offered.empty() || values == nullptr) continue;
        prepared_statement& again = statement(item);
        if (again.state == progress::unknown) again.offered = offered_types(*values);
        items_[item].error = nullptr;
        offered = true;
    }
    return offered;
}

// What was learned before this batch may be out of date. False: it was not, or a transaction would suffer if it could
// not be prepared any more.
bool batch_run::prepare_anew(index item) {
    prepared_statement& known = *prepared_[item];
    if (!statements_.is_cached(known)) return false;
    known.state = progress::stale;
    statements_.forget(known);
    if (predicted_ != transaction_status::idle) return false;
    if (item == group_first_ && !sent_) open_ = false;
    return true;
}

// Asks for the description of every unknown statement from `first` up to the next utility. Inside an open group only
// those of the group, in it; else those of later groups too, each with a Sync of its own, so that none suffers from
// the errors of another. False: one of them could not be asked for, and that has been dealt with.
bool batch_run::prepare_from(index first) {
    const index end = open_ ? group_end(first) : count();
    bool asked = false;
    for (index item = first; item < end && !items_[item].utility; ++item) {
        prepared_statement& unknown = statement(item);
        if (unknown.state != progress::unknown) continue;
        if (!prepare_one(item)) {
            if (asked) break; // its turn comes after the answers
            return false;
        }
        asked = true;
        if (!open_) writer_.sync(item, false);
    }
    if (open_) {
        writer_.flush();
        sent_ = true;
    }
    guard_ = {};
    return true;
}

// Asks for the types of the next item's statement that are not known, and for those of all statements behind it.
bool batch_run::ask_for_types() {
    for (index item = next_; item < count(); ++item) {
        prepared_statement* const later = prepared_[item];
        if (later != nullptr && later->state == progress::ready) static_cast<void>(types_.resolve(*later));
    }
    types_.ask(writer_);
    if (open_)
        writer_.flush();
    else
        writer_.sync(request_writer::no_item, false);
    sent_ = sent_ || open_;
    guard_ = {};
    return true;
}

// Without the types the next item cannot be run.
void batch_run::take_types() {
    auto error = types_.take_answer();
    if (!error) return;
    if (open_ && !replies_.skipping()) return fail_here(next_, std::move(error));
    items_[next_].error = std::move(error);
}

bool batch_run::prepare_one(index item) {
    try {
        writer_.prepare(*prepared_[item], item);
        return true;
    } catch (const usage_error&) {
        statements_.forget(*prepared_[item]);
        prepared_[item]->state = progress::refused;
        if (item == next_) fail_here(item, std::current_exception());
        return false;
    }
}

void batch_run::write_item(index item) {
    const batch_item& what = items_[item];
    if (what.prepare_only) { // that has been done
        next_ = item + 1;
        if (open_ && (what.end_of_group || next_ == count())) close_group(item);
        return;
    }
    const statement_verb verb = what.utility ? verb_of(what.sql) : prepared_[item]->verb;
    try {
        if (what.utility ? copies_from_stdin(what.sql) : prepared_[item]->copies_in)
            throw usage_error(
                "COPY FROM STDIN cannot be run as a statement: copy_in() and copy_in_text() send its data");
        open_group();
        if (what.utility)
            writer_.run_once(what.sql, item, verb == statement_verb::commit);
        else
            writer_.execute(*prepared_[item], what.values, item, is_stream(item) ? fetch_size_ : 0);
    } catch (const composite_mismatch&) {
        // Somebody may have changed the type: it is asked for once more.
        if (std::exchange(asked_again_, true)) return fail_here(item, std::current_exception());
        return types_.forget_all();
    } catch (const conversion_error&) {
        if (prepare_anew(item)) return;
        return fail_here(item, std::current_exception());
    } catch (const error&) {
        return fail_here(item, std::current_exception());
    }
    ++written_;
    traces_ = traces_ || (what.utility ? wharf::leaves_traces(what.sql) : prepared_[item]->traces);
    if (server_.observer() != nullptr && !what.internal)
        server_.observer()->on_statement(what.sql, what.values == nullptr ? 0 : what.values->size());
    if (verb == statement_verb::begin) predicted_ = transaction_status::active;
    if (verb == statement_verb::commit || verb == statement_verb::rollback) predicted_ = transaction_status::idle;
    const bool changes = verb == statement_verb::other || verb == statement_verb::procedure;
    if (changes && predicted_ == transaction_status::idle) writes_ = true;
    end_item(item);
}

void batch_run::end_item(index item) {
    next_ = item + 1;
    if (is_stream(item) && fetch_size_ != 0)
        writer_.flush();
    else if (items_[item].end_of_group || next_ == count())
        close_group(item);
}

void batch_run::open_group() {
    if (open_) return;
    open_ = true;
    sent_ = !guard_.empty();
    if (sent_) writer_.require(guard_, request_writer::no_item);
}

void batch_run::close_group(index last_item) {
    writer_.sync(last_item, group_commits());
    open_ = false;
    writes_ = false;
}

// An error found on this side. The server has to know of it only when it has got, or is going to get, earlier items of
// the group: they must share the fate of the group.
void batch_run::fail_here(index item, std::exception_ptr error) {
    items_[item].error = std::move(error);
    next_ = item;
    if (item == group_first_ && !sent_) open_ = false;
    const bool tell = open_;
    if (tell) writer_.fail_group(item);
    skip_group();
    if (tell) close_group(next_ - 1);
}

// Gives the items of the current group that have not been run an error, and goes on behind it.
void batch_run::skip_group() {
    const index end = group_end(next_);
    for (index item = next_; item < end; ++item) {
        batch_item& skipped = items_[item];
        if (skipped.error) continue;
        skipped.error = make_skipped_error(skipped.sql);
        skipped.skipped = true;
    }
    next_ = end;
}

// A statement that the server had forgotten, or that has other columns now, makes its group fail; outside a transaction
// nothing of it is left then, and it is prepared and run once more. Inside one the error stands, since the transaction
// has failed with it. Groups in front of others are not run again, or they would come behind them.
bool batch_run::retry_stale() {
    const index stale = replies_.stale_item();
    if (retried_ || stale == request_writer::no_item) return false;
    retried_ = true;
    const bool in_last_group = stale >= group_first_ && group_end(stale) == count();
    if (!in_last_group || at_group_ != transaction_status::idle || server_.status != transaction_status::idle)
        return false;
    for (index item = group_first_; item < stale; ++item) { // a commit among them would have kept what was before it
        const statement_verb verb = items_[item].utility ? verb_of(items_[item].sql) : prepared_[item]->verb;
        if (verb != statement_verb::read && verb != statement_verb::other) return false;
    }
    for (index item = group_first_; item < count(); ++item) {
        if (auto* const known = std::exchange(prepared_[item], nullptr)) statements_.forget(*known);
        items_[item].error = nullptr;
        items_[item].skipped = false;
        items_[item].undone = false;
        items_[item].affected = 0;
    }
    next_ = group_first_;
    predicted_ = transaction_status::idle;
    return write_more();
}

} // namespace wharf::postgres
