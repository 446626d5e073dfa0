#include "postgres/protocol/message_types.hpp"

namespace wharf::postgres::protocol {

std::string_view name_of(backend_message type) noexcept {
    switch (type) {
    case backend_message::authentication:
        return "Authentication";
    case backend_message::backend_key_data:
        return "BackendKeyData";
    case backend_message::bind_complete:
        return "BindComplete";
    case backend_message::close_complete:
        return "CloseComplete";
    case backend_message::command_complete:
        return "CommandComplete";
    case backend_message::copy_both_response:
        return "CopyBothResponse";
    case backend_message::copy_data:
        return "CopyData";
    case backend_message::copy_done:
        return "CopyDone";
    case backend_message::copy_in_response:
        return "CopyInResponse";
    case backend_message::copy_out_response:
        return "CopyOutResponse";
    case backend_message::data_row:
        return "DataRow";
    case backend_message::empty_query_response:
        return "EmptyQueryResponse";
    case backend_message::error_response:
        return "ErrorResponse";
    case backend_message::function_call_response:
        return "FunctionCallResponse";
    case backend_message::negotiate_protocol_version:
        return "NegotiateProtocolVersion";
    case backend_message::no_data:
        return "NoData";
    case backend_message::notice_response:
        return "NoticeResponse";
    case backend_message::notification_response:
        return "NotificationResponse";
    case backend_message::parameter_description:
        return "ParameterDescription";
    case backend_message::parameter_status:
        return "ParameterStatus";
    case backend_message::parse_complete:
        return "ParseComplete";
    case backend_message::portal_suspended:
        return "PortalSuspended";
    case backend_message::ready_for_query:
        return "ReadyForQuery";
    case backend_message::row_description:
        return "RowDescription";
    }
    return "unknown message";
}

} // namespace wharf::postgres::protocol
