// Authentication requests of the server and the answers to them.
// Source: PostgreSQL documentation, 55.2.1, 55.3 and 55.7.
#pragma once

#include "postgres/protocol/bytes.hpp"
#include "postgres/protocol/outgoing_buffer.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace wharf::postgres::protocol {

enum class authentication_method : std::int32_t {
    ok = 0,
    kerberos_v5 = 2,
    cleartext_password = 3,
    crypt_password = 4,
    md5_password = 5,
    scm_credential = 6,
    gss = 7,
    gss_continue = 8,
    sspi = 9,
    sasl = 10,
    sasl_continue = 11,
    sasl_final = 12,
};

/// What an Authentication message asks for. Views point into the frame.
struct authentication_request {
    authentication_method method{};
    std::vector<std::string_view> mechanisms{}; ///< sasl: offered, best first
    bytes_view data{};                          ///< md5: the salt; *_continue and sasl_final: the server's message
};

void encode(outgoing_buffer& out, const authentication_request& request);
[[nodiscard]] authentication_request decode_authentication(bytes_view body);

/// PasswordMessage: the password in clear text, or its MD5 answer.
void encode_password(outgoing_buffer& out, std::string_view password);
[[nodiscard]] std::string_view decode_password(bytes_view body);

struct sasl_initial_response {
    std::string_view mechanism{};
    bytes_view data{};
};

void encode(outgoing_buffer& out, const sasl_initial_response& response);
[[nodiscard]] sasl_initial_response decode_sasl_initial_response(bytes_view body);

/// SASLResponse: the mechanism's message and nothing else.
void encode_sasl_response(outgoing_buffer& out, bytes_view data);

} // namespace wharf::postgres::protocol
