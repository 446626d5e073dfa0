// Login by a client that takes nothing but SCRAM: whoever does not know the password cannot let it in.
#include "input.hpp"

#include "postgres/protocol/login.hpp"
#include "wharf/base/error.hpp"

namespace {

using namespace wharf::postgres::protocol;

login_options careful_client(std::uint8_t how) {
    login_options options;
    options.parameters = {{"user", "bob"}};
    options.password = "pencil";
    options.policy = authentication_policy("scram-sha-256");
    options.tls = (how & 1) != 0;
    options.server_verified = (how & 3) == 3;
    options.local = (how & 4) != 0;
    if ((how & 8) != 0) options.end_point_binding.assign(32, std::byte{7});
    if ((how & 24) == 24) options.binding = binding_demand::require;
    return options;
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    wharf::fuzz::input in(data, size);
    login attempt(careful_client(in.byte()));
    outgoing_buffer out;
    try {
        attempt.start(out);
        for (bytes_view rest = as_bytes(in.rest());;) {
            const frame_status status = look_at_frame(rest, login_message_limit);
            if (!status.complete) return 0;
            const auto step = attempt.receive(cut_frame(rest, status), out);
            wharf::fuzz::require(step != login::step::done);
            if (step == login::step::derive_key) attempt.finish_key(sha256_hash{}, out);
            rest = rest.subspan(status.size);
        }
    } catch (const wharf::error&) {
    }
    return 0;
}
