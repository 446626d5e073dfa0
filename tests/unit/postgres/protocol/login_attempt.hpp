// A client that logs in, and the server's messages for it.
#pragma once

#include "postgres/protocol/authentication.hpp"
#include "postgres/protocol/base64.hpp"
#include "postgres/protocol/login.hpp"
#include "postgres/protocol/session_state.hpp"

#include "wire.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace wharf::postgres::protocol {

inline login_options options_for(std::optional<std::string> password) {
    login_options options;
    options.parameters = {{"user", "bob"}};
    options.password = std::move(password);
    return options;
}

class login_test : public testing::Test {
protected:
    /// The message that `encoder` writes, received by the client.
    template <class... Message>
    login::step receive(login& attempt, const Message&... message) {
        outgoing_buffer server;
        encode(server, message...);
        return receive_bytes(attempt, server.pending());
    }
    login::step receive_bytes(login& attempt, bytes_view bytes) {
        const frame_status status = look_at_frame(bytes, login_message_limit);
        return attempt.receive(cut_frame(bytes, status), client_);
    }
    login::step receive_ok(login& attempt) {
        return receive(attempt, authentication_request{authentication_method::ok, {}, {}});
    }
    login::step receive_ready(login& attempt) { return receive_bytes(attempt, as_bytes(wire("Z\0\0\0\5I"))); }
    login::step receive_sasl(login& attempt, std::vector<std::string_view> mechanisms) {
        return receive(attempt, authentication_request{authentication_method::sasl, std::move(mechanisms), {}});
    }
    login::step receive_data(login& attempt, authentication_method method, std::string_view data) {
        return receive(attempt, authentication_request{method, {}, as_bytes(data)});
    }

    /// Brings `attempt` to where the client has sent its proof.
    void exchange_proof(login& attempt, std::string_view mechanism = "SCRAM-SHA-256") {
        client_.clear();
        receive_sasl(attempt, {mechanism});
        const std::string first = written(client_);
        const std::string nonce = first.substr(first.rfind("r=") + 2);
        server_first_ = "r=" + nonce + "x,s=W22Z,i=1";
        client_first_bare_ = "n=,r=" + nonce;
        ASSERT_EQ(receive_data(attempt, authentication_method::sasl_continue, server_first_), login::step::derive_key);
        client_.clear();
        attempt.finish_key(derive_salted_password(attempt.password(), attempt.challenge()), client_);
    }
    /// After exchange_proof: what an honest server signs with.
    std::string expected_signature(const login& attempt) {
        const std::string proof = written(client_);
        const std::string without_proof = proof.substr(5, proof.rfind(",p=") - 5);
        const std::string signed_text = client_first_bare_ + "," + server_first_ + "," + without_proof;
        const auto key = derive_salted_password(attempt.password(), attempt.challenge());
        std::array<unsigned char, 32> server_key{};
        std::array<unsigned char, 32> signature{};
        unsigned size = 0;
        const std::string_view label = "Server Key";
        HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(label.data()), label.size(), server_key.data(), &size);
        HMAC(EVP_sha256(), server_key.data(), static_cast<int>(server_key.size()),
             reinterpret_cast<const unsigned char*>(signed_text.data()), signed_text.size(), signature.data(), &size);
        return encode_base64(std::as_bytes(std::span(signature)));
    }

    std::string client_first_bare_;
    std::string server_first_;
    outgoing_buffer client_;
};

} // namespace wharf::postgres::protocol
