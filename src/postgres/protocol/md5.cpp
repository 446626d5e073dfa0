#include "postgres/protocol/md5.hpp"

#include "io/wipe.hpp"
#include "wharf/base/error.hpp"

#include <openssl/evp.h>

#include <array>

namespace wharf::postgres::protocol {
namespace {

std::string hexadecimal_md5(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
    unsigned size = 0;
    if (EVP_Digest(text.data(), text.size(), hash.data(), &size, EVP_md5(), nullptr) != 1)
        throw authentication_failed("the server asks for an md5 password, and this OpenSSL has no MD5");
    constexpr std::string_view digits = "0123456789abcdef";
    std::string result;
    for (unsigned i = 0; i < size; ++i)
        result.append({digits[hash[i] >> 4U], digits[hash[i] & 15U]});
    return result;
}

} // namespace

std::string md5_answer(std::string_view password, std::string_view user, bytes_view salt) {
    std::string secret(password);
    secret += user;
    std::string inner = hexadecimal_md5(secret); // as good as the password: it is what the server keeps
    io::wipe(secret);
    inner += as_text(salt);
    std::string answer = "md5" + hexadecimal_md5(inner);
    io::wipe(inner);
    return answer;
}

} // namespace wharf::postgres::protocol
