#include "io/tls_files.hpp"

#include "io/tls_error.hpp"
#include "wharf/base/error.hpp"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace wharf::io {
namespace {

[[noreturn]] void refuse_file(const std::string& what, const std::string& file, const std::string& why) {
    throw configuration_error("could not use " + what + " in \"" + file + "\": " + why);
}

[[noreturn]] void refuse_file(const std::string& what, const std::string& file) {
    refuse_file(what, file, take_tls_error().message());
}

struct stat status_of(const std::string& what, const std::string& file) {
    struct stat status{};
    if (::stat(file.c_str(), &status) != 0) refuse_file(what, file, std::generic_category().message(errno));
    return status;
}

void load_revocations(SSL_CTX& context, const tls_options& options) {
    if (options.revocations.empty() && options.revocation_directory.empty()) return;
    auto* store = ::SSL_CTX_get_cert_store(&context);
    if (!options.revocations.empty()) {
        auto* lookup = ::X509_STORE_add_lookup(store, ::X509_LOOKUP_file());
        if (lookup == nullptr || ::X509_load_crl_file(lookup, options.revocations.c_str(), X509_FILETYPE_PEM) <= 0)
            refuse_file("the revocation lists", options.revocations);
    }
    if (!options.revocation_directory.empty()) {
        const auto& directory = options.revocation_directory;
        if (!S_ISDIR(status_of("the revocation lists", directory).st_mode))
            refuse_file("the revocation lists", directory, "not a directory");
        auto* lookup = ::X509_STORE_add_lookup(store, ::X509_LOOKUP_hash_dir());
        if (lookup == nullptr || ::X509_LOOKUP_add_dir(lookup, directory.c_str(), X509_FILETYPE_PEM) != 1)
            refuse_file("the revocation lists", directory);
    }
    ::X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
}

// What OpenSSL asks for the password of a key: a file's answer, never a person's.
struct key_password {
    const std::optional<std::string>& given;
    bool asked{false};

    static int answer(char* into, int size, int /*writing*/, void* self) noexcept {
        auto& password = *static_cast<key_password*>(self);
        password.asked = true;
        if (!password.given || password.given->size() > static_cast<std::size_t>(size)) return -1;
        std::ranges::copy(*password.given, into);
        return static_cast<int>(password.given->size());
    }
};

// As libpq: a key that others can read is a mistake. One of root's may be readable by a group, for system services.
void check_permissions(const std::string& file) {
    const auto status = status_of("the client's private key", file);
    if (!S_ISREG(status.st_mode)) refuse_file("the client's private key", file, "not a regular file");
    const mode_t forbidden = status.st_uid == 0 ? S_IWGRP | S_IXGRP | S_IRWXO : S_IRWXG | S_IRWXO;
    if ((status.st_mode & forbidden) != 0)
        refuse_file("the client's private key", file,
                    "others can read it: its permissions must be 0600 or less, or 0640 where root owns it");
}

void load_key(SSL_CTX& context, const std::string& file, const std::optional<std::string>& given) {
    constexpr const char* what = "the client's private key";
    check_permissions(file);
    key_password password{given};
    ::SSL_CTX_set_default_passwd_cb(&context, &key_password::answer);
    ::SSL_CTX_set_default_passwd_cb_userdata(&context, &password);
    const bool loaded = ::SSL_CTX_use_PrivateKey_file(&context, file.c_str(), SSL_FILETYPE_PEM) == 1;
    if (loaded) ::ERR_clear_error();
    if (!loaded && password.asked)
        refuse_file(what, file,
                    given ? "the password (sslpassword) does not open it"
                          : "it is encrypted, and no password (sslpassword) was given");
    const auto problem = loaded ? std::error_code() : take_tls_error();
    if (!loaded && ::SSL_CTX_use_PrivateKey_file(&context, file.c_str(), SSL_FILETYPE_ASN1) != 1)
        refuse_file(what, file, problem.message());
    ::SSL_CTX_set_default_passwd_cb_userdata(&context, nullptr);
    ::SSL_CTX_set_default_passwd_cb(&context, nullptr);
    ::ERR_clear_error();
}

} // namespace

void trust(SSL_CTX& context, const tls_options& options) {
    if (options.authorities.empty())
        ::SSL_CTX_set_default_verify_paths(&context);
    else if (::SSL_CTX_load_verify_locations(&context, options.authorities.c_str(), nullptr) != 1)
        refuse_file("the trusted certificates", options.authorities);
    load_revocations(context, options);
}

void identify(SSL_CTX& context, const tls_options& options) {
    if (options.certificate.empty()) return;
    if (::SSL_CTX_use_certificate_chain_file(&context, options.certificate.c_str()) != 1)
        refuse_file("the client certificate", options.certificate);
    const auto& key = options.key.empty() ? options.certificate : options.key;
    load_key(context, key, options.key_password);
    if (::SSL_CTX_check_private_key(&context) != 1)
        refuse_file("the client's private key", key, "it is not the key of the certificate");
}

} // namespace wharf::io
