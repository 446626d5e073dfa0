#include "vector/content_hash.hpp"

#include "vector/canonical_json.hpp"
#include "wharf/row/bytes.hpp"

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <stdexcept>

namespace wharf {

std::string content_hash(std::string_view title, std::string_view content, std::string_view metadata) {
    const auto canonical = canonical_json(metadata);
    const std::string_view spelled = canonical ? std::string_view(*canonical) : metadata;
    std::string text;
    for (const auto part : {title, content, spelled}) {
        append(text, static_cast<std::uint64_t>(part.size()));
        text += part;
    }
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
        throw std::runtime_error("OpenSSL offers no SHA-256");
    }
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    for (unsigned i = 0; i < size; ++i) {
        hex += digits[digest[i] >> 4];
        hex += digits[digest[i] & 15];
    }
    return hex;
}

} // namespace wharf
