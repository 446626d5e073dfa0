// Certificates made for a test.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace wharf::io::test {

struct free_openssl {
    void operator()(X509* certificate) const noexcept { ::X509_free(certificate); }
    void operator()(EVP_PKEY* key) const noexcept { ::EVP_PKEY_free(key); }
};
using x509_handle = std::unique_ptr<X509, free_openssl>;
using key_handle = std::unique_ptr<EVP_PKEY, free_openssl>;

struct identity {
    x509_handle certificate{};
    key_handle key{};
};

/// What a certificate says. Days count from now.
struct certificate_wish {
    std::string names{"DNS:db.example.org,IP:127.0.0.1"}; ///< as OpenSSL's subjectAltName
    int valid_from{-1};
    int valid_to{1};
};

/// A certificate authority, with its own certificate in a file for as long as it lives.
class authority {
public:
    authority();
    authority(const authority&) = delete;
    authority& operator=(const authority&) = delete;
    ~authority();

    [[nodiscard]] identity issue(const certificate_wish& wish = {}) const;
    [[nodiscard]] static identity self_signed(const certificate_wish& wish = {});
    /// A PEM file with the authority's certificate.
    [[nodiscard]] const std::string& file() const noexcept { return file_; }

private:
    identity own_;
    std::string file_;
};

/// Certificate and key in one PEM file; the caller removes it.
[[nodiscard]] std::string write_to_file(const identity& what);

} // namespace wharf::io::test
