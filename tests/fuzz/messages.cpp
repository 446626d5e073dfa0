// Frames, and the message in each.
#include "input.hpp"

#include "postgres/protocol/authentication.hpp"
#include "postgres/protocol/bind.hpp"
#include "postgres/protocol/command_complete.hpp"
#include "postgres/protocol/copy.hpp"
#include "postgres/protocol/frame.hpp"
#include "postgres/protocol/notice.hpp"
#include "postgres/protocol/row_description.hpp"
#include "postgres/protocol/session_state.hpp"
#include "postgres/protocol/startup.hpp"
#include "wharf/base/error.hpp"

namespace {

using namespace wharf::postgres::protocol;

void decode(const frame& message) {
    switch (message.type) {
    case backend_message::authentication:
        static_cast<void>(decode_authentication(message.body));
        break;
    case backend_message::backend_key_data:
        static_cast<void>(decode_backend_key_data(message.body));
        break;
    case backend_message::command_complete:
        static_cast<void>(affected_rows(decode_command_complete(message.body)));
        break;
    case backend_message::copy_in_response:
    case backend_message::copy_out_response:
        static_cast<void>(decode_copy_response(message));
        break;
    case backend_message::error_response:
    case backend_message::notice_response:
        static_cast<void>(decode_diagnostic(message.body));
        break;
    case backend_message::negotiate_protocol_version:
        static_cast<void>(decode_version_negotiation(message.body));
        break;
    case backend_message::notification_response:
        static_cast<void>(decode_notification(message.body));
        break;
    case backend_message::parameter_status:
        static_cast<void>(decode_parameter_status(message.body));
        break;
    case backend_message::ready_for_query:
        static_cast<void>(decode_ready(message.body));
        break;
    case backend_message::row_description:
        static_cast<void>(decode_row_description(message.body));
        break;
    default: // what a client sends
        static_cast<void>(decode_startup(message.body));
        static_cast<void>(decode_bind(message.body));
    }
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    wharf::fuzz::input in(data, size);
    try {
        for (bytes_view rest = as_bytes(in.rest());;) {
            const frame_status status = look_at_frame(rest, 4096);
            if (!status.complete) return 0;
            const frame message = cut_frame(rest, status);
            const wharf::fuzz::exact body(as_text(message.body));
            decode({message.type, body.bytes()});
            rest = rest.subspan(status.size);
        }
    } catch (const wharf::error&) {
    }
    return 0;
}
