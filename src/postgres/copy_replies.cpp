// The answers to a COPY among the others.
#include "postgres/copy_replies.hpp"

#include "postgres/protocol/body_reader.hpp"
#include "postgres/protocol/command_complete.hpp"
#include "postgres/reply_reader.hpp"
#include "wharf/base/error.hpp"

namespace wharf::postgres {
namespace {

using protocol::backend_message;
using kind = expected_reply::kind;

} // namespace

void reply_reader::refuse_copy(const expected_reply& reply, const char* why) {
    if (reply.item == expected_reply::no_item) return; // it was given up
    batch_item& item = item_of(reply);
    if (!item.error) item.error = std::make_exception_ptr(usage_error(why));
}

void reply_reader::take_copy(const protocol::frame& message) {
    if (message.type == backend_message::copy_both_response)
        throw usage_error("replication cannot be run as a statement; the connection was given up");
    const bool copies = is_copy(expected_);
    const expected_reply& reply = copies ? expected_.front() : require(kind::execute, message);
    const bool out = reply.what == kind::copy_out;
    if (message.type == backend_message::copy_done) {
        if (!copy_.begun && reply.item != expected_reply::no_item && !item_of(reply).error)
            protocol::throw_violation("CopyDone", "came though no COPY was running");
        return;
    }
    auto response = protocol::decode_copy_response(message);
    if (message.type == backend_message::copy_in_response) {
        if (!copies) {                          // which its text did not tell
            if (!expected_.ends_behind_front()) // the server ends a connection on which anything else comes than data
                throw usage_error("COPY FROM STDIN cannot be run as a statement; the connection was given up");
            refuse_copy(reply,
                        "COPY FROM STDIN cannot be run as a statement: copy_in() and copy_in_text() send its data");
            wants_no_data_ = true;
        } else if (out) {
            refuse_copy(reply, "this COPY reads from STDIN, and data from it were asked for");
            copy_.wants_data = true;
        } else {
            copy_.begun = std::move(response);
        }
    } else if (out) {
        copy_.begun = std::move(response);
    } else {
        refuse_copy(reply, copies ? "this COPY writes to STDOUT, and data for it were given"
                                  : "COPY TO STDOUT cannot be run as a query");
    }
}

// A run of messages in one plain loop. They stay where they are until the next read.
void reply_reader::take_copy_data(receive_buffer& arrived) {
    if (expected_.empty() || (!is_copy(expected_) && expected_.front().what != kind::execute))
        protocol::throw_violation("CopyData", "came out of turn");
    const expected_reply& reply = expected_.front();
    const bool given_up = reply.item == expected_reply::no_item;
    const bool wanted = reply.what == kind::copy_out && copy_.begun && !given_up;
    if (!wanted && !given_up && !item_of(reply).error)
        protocol::throw_violation("CopyData", "came though no COPY was running");
    const protocol::bytes_view readable = arrived.readable();
    std::size_t size = 0;
    for (;;) {
        const protocol::bytes_view rest = readable.subspan(size);
        const auto status = protocol::look_at_frame(rest, message_limit_);
        if (!status.complete || static_cast<backend_message>(rest[0]) != backend_message::copy_data) break;
        if (wanted) copy_.data.push_back(protocol::as_text(protocol::cut_frame(rest, status).body));
        size += status.size;
    }
    arrived.consume(size);
}

void reply_reader::complete_copy(std::string_view tag) {
    const expected_reply& reply = expected_.front();
    if (reply.item != expected_reply::no_item) item_of(reply).affected = protocol::affected_rows(tag);
    if (!copy_.begun) refuse_copy(reply, "this statement is no COPY from STDIN or to STDOUT");
}

bool reply_reader::refuse_data() noexcept {
    wants_no_data_ = false;
    return !expected_.has_one();
}

} // namespace wharf::postgres
