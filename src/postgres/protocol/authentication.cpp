#include "postgres/protocol/authentication.hpp"

#include "postgres/protocol/body_reader.hpp"

namespace wharf::postgres::protocol {

void encode(outgoing_buffer& out, const authentication_request& request) {
    std::uint64_t size = 4 + request.data.size();
    if (request.method == authentication_method::sasl) {
        for (const std::string_view mechanism : request.mechanisms)
            size += string_size(mechanism, "a SASL mechanism");
        ++size;
    }
    body_writer body = out.begin(backend_message::authentication, size);
    body.integer(static_cast<std::int32_t>(request.method));
    if (request.method == authentication_method::sasl) {
        for (const std::string_view mechanism : request.mechanisms)
            body.string(mechanism);
        body.character('\0');
    }
    body.bytes(request.data);
}

authentication_request decode_authentication(bytes_view body) {
    body_reader reader("Authentication", body);
    authentication_request request;
    request.method = static_cast<authentication_method>(reader.int32());
    switch (request.method) {
    case authentication_method::md5_password:
        request.data = reader.bytes(4);
        break;
    case authentication_method::crypt_password:
        request.data = reader.bytes(2);
        break;
    case authentication_method::sasl:
        for (std::string_view name = reader.string(); !name.empty(); name = reader.string())
            request.mechanisms.push_back(name);
        break;
    case authentication_method::gss_continue:
    case authentication_method::sasl_continue:
    case authentication_method::sasl_final:
        request.data = reader.rest();
        break;
    default:
        break;
    }
    reader.finish();
    return request;
}

void encode_password(outgoing_buffer& out, std::string_view password) {
    const std::uint64_t size = string_size(password, "the password");
    out.begin(frontend_message::password, size).string(password);
}

std::string_view decode_password(bytes_view body) {
    body_reader reader("PasswordMessage", body);
    const std::string_view password = reader.string();
    reader.finish();
    return password;
}

void encode(outgoing_buffer& out, const sasl_initial_response& response) {
    const std::uint64_t size = string_size(response.mechanism, "the SASL mechanism") + 4 + response.data.size();
    body_writer body = out.begin(frontend_message::password, size);
    body.string(response.mechanism).integer(static_cast<std::int32_t>(response.data.size())).bytes(response.data);
}

sasl_initial_response decode_sasl_initial_response(bytes_view body) {
    body_reader reader("SASLInitialResponse", body);
    sasl_initial_response response;
    response.mechanism = reader.string();
    const std::int32_t size = reader.int32();
    if (size < -1) reader.fail("has a negative length");
    if (size >= 0) response.data = reader.bytes(static_cast<std::size_t>(size));
    reader.finish();
    return response;
}

void encode_sasl_response(outgoing_buffer& out, bytes_view data) {
    out.begin(frontend_message::password, data.size()).bytes(data);
}

} // namespace wharf::postgres::protocol
