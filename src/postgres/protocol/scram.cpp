#include "postgres/protocol/scram.hpp"

#include "postgres/protocol/base64.hpp"
#include "postgres/protocol/body_reader.hpp"
#include "wharf/base/error.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <charconv>
#include <climits>
#include <optional>

namespace wharf::postgres::protocol {
namespace {

constexpr std::string_view server_first_name = "the server's first SCRAM message";
constexpr std::string_view server_final_name = "the server's last SCRAM message";

const unsigned char* raw(const std::byte* bytes) noexcept {
    return reinterpret_cast<const unsigned char*>(bytes);
}
unsigned char* raw(std::byte* bytes) noexcept {
    return reinterpret_cast<unsigned char*>(bytes);
}

[[noreturn]] void throw_library_failure() {
    throw authentication_failed("SCRAM failed: OpenSSL could not compute a hash or a random number");
}

sha256_hash hmac(bytes_view key, std::string_view text) {
    sha256_hash result{};
    unsigned size = 0;
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), raw(protocol::as_bytes(text).data()), text.size(),
             raw(result.data()), &size) == nullptr)
        throw_library_failure();
    return result;
}

sha256_hash sha256(bytes_view bytes) {
    sha256_hash result{};
    unsigned size = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), raw(result.data()), &size, EVP_sha256(), nullptr) != 1)
        throw_library_failure();
    return result;
}

// Takes "K=value" from the front of `message`, up to the comma that follows.
std::optional<std::string_view> take_attribute(std::string_view& message, char key) {
    if (message.size() < 2 || message[0] != key || message[1] != '=') return std::nullopt;
    const std::size_t end = std::min(message.find(','), message.size());
    const std::string_view value = message.substr(2, end - 2);
    message.remove_prefix(std::min(end + 1, message.size()));
    return value;
}

bool is_nonce(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= 0x21 && c <= 0x7e && c != ','; });
}

// Text from a peer that is about to go into a message of ours.
std::string printable(std::string_view text) {
    std::string result(text.substr(0, 200));
    std::ranges::replace_if(result, [](char c) { return c < 0x20 || c > 0x7e; }, '?');
    return result;
}

} // namespace

sha256_hash derive_salted_password(std::string_view password, const scram_challenge& challenge) {
    if (password.size() > INT_MAX || challenge.salt.size() > INT_MAX) throw usage_error("the password is too long");
    sha256_hash result{};
    if (PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), raw(challenge.salt.data()),
                          static_cast<int>(challenge.salt.size()), static_cast<int>(challenge.iterations), EVP_sha256(),
                          static_cast<int>(result.size()), raw(result.data())) != 1)
        throw_library_failure();
    return result;
}

std::string make_scram_nonce() {
    std::array<std::byte, 18> bytes{};
    if (RAND_bytes(raw(bytes.data()), static_cast<int>(bytes.size())) != 1) throw_library_failure();
    return encode_base64(bytes);
}

scram_client::scram_client(channel_binding binding, std::string nonce, std::string user)
    : binding_(std::move(binding)), nonce_(std::move(nonce)), user_(std::move(user)), first_bare_(first_bare()) {}

std::string scram_client::gs2_header() const {
    switch (binding_.use) {
    case channel_binding::flag::end_point:
        return "p=tls-server-end-point,,";
    case channel_binding::flag::not_offered:
        return "y,,";
    case channel_binding::flag::unsupported:
        break;
    }
    return "n,,";
}

std::string scram_client::first_message() const {
    return gs2_header() + first_bare_;
}

scram_challenge scram_client::read_server_first(std::string_view message) {
    server_first_ = message;
    const auto nonce = take_attribute(message, 'r');
    const auto salt = nonce ? take_attribute(message, 's') : std::nullopt;
    const auto iterations = salt ? take_attribute(message, 'i') : std::nullopt;
    if (!iterations) throw_violation(server_first_name, "is malformed");
    if (nonce->size() <= nonce_.size() || !nonce->starts_with(nonce_) || !is_nonce(*nonce))
        throw authentication_failed("the server's SCRAM nonce does not extend ours: the login was refused");

    scram_challenge challenge;
    auto bytes = decode_base64(*salt);
    if (!bytes || bytes->empty()) throw_violation(server_first_name, "has a malformed salt");
    challenge.salt = std::move(*bytes);

    const char* end = iterations->data() + iterations->size();
    const auto [stopped, problem] = std::from_chars(iterations->data(), end, challenge.iterations);
    if (problem == std::errc::invalid_argument || stopped != end)
        throw_violation(server_first_name, "has a malformed iteration count");
    if (problem != std::errc{} || challenge.iterations < 1 || challenge.iterations > max_scram_iterations)
        throw authentication_failed("the server asks for " + printable(*iterations) +
                                    " SCRAM iterations; 1 to 1000000 are accepted");
    nonce_ = *nonce;
    return challenge;
}

std::string scram_client::final_message(const sha256_hash& salted_password) {
    const std::string header = gs2_header();
    std::vector<std::byte> bound(as_bytes(header).begin(), as_bytes(header).end());
    if (binding_.use == channel_binding::flag::end_point)
        bound.insert(bound.end(), binding_.data.begin(), binding_.data.end());

    const std::string without_proof = "c=" + encode_base64(bound) + ",r=" + nonce_;
    const std::string auth_message = first_bare_ + "," + server_first_ + "," + without_proof;

    sha256_hash client_key = hmac(salted_password, "Client Key");
    const sha256_hash client_signature = hmac(sha256(client_key), auth_message);
    sha256_hash proof{};
    for (std::size_t i = 0; i < proof.size(); ++i)
        proof[i] = client_key[i] ^ client_signature[i];
    OPENSSL_cleanse(client_key.data(), client_key.size());

    server_signature_ = hmac(hmac(salted_password, "Server Key"), auth_message);
    return without_proof + ",p=" + encode_base64(proof);
}

void scram_client::verify_server_final(std::string_view message) const {
    if (const auto problem = take_attribute(message, 'e'))
        throw authentication_failed("the server ended the login: " + printable(*problem));
    const auto signature = take_attribute(message, 'v');
    const auto bytes = signature ? decode_base64(*signature) : std::nullopt;
    if (!bytes) throw_violation(server_final_name, "is malformed");
    if (bytes->size() != server_signature_.size() ||
        CRYPTO_memcmp(bytes->data(), server_signature_.data(), server_signature_.size()) != 0)
        throw authentication_failed(
            "the server could not prove that it knows the password: its SCRAM signature is wrong");
}

} // namespace wharf::postgres::protocol
