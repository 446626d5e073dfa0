// Certificates made for a test.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <initializer_list>
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
    std::string names{"DNS:db.example.org,IP:127.0.0.1"}; ///< as OpenSSL's subjectAltName; empty: none
    std::string common_name{"issued"};
    int valid_from{-1};
    int valid_to{1};
};

/// A certificate authority, with its own certificate in a file for as long as it lives.
class authority {
public:
    authority();
    /// One that there is already, by its certificate and key in PEM files, which stay.
    authority(const std::string& certificate, const std::string& key);
    authority(const authority&) = delete;
    authority& operator=(const authority&) = delete;
    ~authority();

    [[nodiscard]] identity issue(const certificate_wish& wish = {}) const;
    [[nodiscard]] static identity self_signed(const certificate_wish& wish = {});
    /// A PEM file with the authority's certificate.
    [[nodiscard]] const std::string& file() const noexcept { return file_; }
    /// A PEM file that takes these certificates back, valid for a day; the caller removes it.
    [[nodiscard]] std::string revoke(std::initializer_list<const identity*> revoked) const;
    /// The name of that file in a directory of revocation lists.
    [[nodiscard]] std::string hashed_name() const;

private:
    identity own_;
    std::string file_;
    bool keeps_file_{false};
};

/// Certificate and key in one PEM file; the caller removes it.
[[nodiscard]] std::string write_to_file(const identity& what);
/// The certificate alone.
[[nodiscard]] std::string write_certificate(const identity& what);
/// The key alone, encrypted where a password is given.
[[nodiscard]] std::string write_key(const identity& what, std::string password = {});

} // namespace wharf::io::test
