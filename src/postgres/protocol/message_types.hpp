// The type bytes of protocol 3, and the names under which errors mention them.
// Source: PostgreSQL documentation, 55.7 (message formats).
#pragma once

#include <cstdint>
#include <string_view>

namespace wharf::postgres::protocol {

/// Messages that the server sends.
enum class backend_message : char {
    authentication = 'R',
    backend_key_data = 'K',
    bind_complete = '2',
    close_complete = '3',
    command_complete = 'C',
    copy_both_response = 'W',
    copy_data = 'd',
    copy_done = 'c',
    copy_in_response = 'G',
    copy_out_response = 'H',
    data_row = 'D',
    empty_query_response = 'I',
    error_response = 'E',
    function_call_response = 'V',
    negotiate_protocol_version = 'v',
    no_data = 'n',
    notice_response = 'N',
    notification_response = 'A',
    parameter_description = 't',
    parameter_status = 'S',
    parse_complete = '1',
    portal_suspended = 's',
    ready_for_query = 'Z',
    row_description = 'T',
};

/// Messages that the client sends. Startup, SSLRequest and CancelRequest carry no type byte.
enum class frontend_message : char {
    bind = 'B',
    close = 'C',
    copy_data = 'd',
    copy_done = 'c',
    copy_fail = 'f',
    describe = 'D',
    execute = 'E',
    flush = 'H',
    parse = 'P',
    password = 'p', // also SASLInitialResponse and SASLResponse
    query = 'Q',
    sync = 'S',
    terminate = 'X',
};

/// How a value is written: as text, or in the type's binary form.
enum class format_code : std::int16_t { text = 0, binary = 1 };

/// What Describe and Close apply to.
enum class target : char { statement = 'S', portal = 'P' };

/// The protocol's name of a message; "unknown message" for other bytes.
[[nodiscard]] std::string_view name_of(backend_message type) noexcept;

} // namespace wharf::postgres::protocol
