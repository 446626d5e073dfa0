// Two messages of a server, a line each. Its signature is never right, since it cannot know the key.
#include "input.hpp"

#include "postgres/protocol/base64.hpp"
#include "postgres/protocol/scram.hpp"
#include "wharf/base/error.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wharf::postgres::protocol;
    wharf::fuzz::input in(data, size);
    const std::string_view first = in.until('\n');
    const std::string_view last = in.rest();
    if (const auto bytes = decode_base64(last)) wharf::fuzz::require(encode_base64(*bytes) == last);
    try {
        scram_client client({channel_binding::flag::unsupported, {}}, "nonce");
        static_cast<void>(client.first_message());
        const scram_challenge challenge = client.read_server_first(first);
        wharf::fuzz::require(challenge.iterations >= 1 && challenge.iterations <= max_scram_iterations);
        static_cast<void>(client.final_message(sha256_hash{}));
        client.verify_server_final(last);
        wharf::fuzz::require(false);
    } catch (const wharf::error&) {
    }
    return 0;
}
