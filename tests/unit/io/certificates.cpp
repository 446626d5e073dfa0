#include "unit/io/certificates.hpp"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <unistd.h>

namespace wharf::io::test {
namespace {

constexpr long day = 24L * 60 * 60;

void add_extension(X509& to, X509& issuer, int kind, const std::string& value) {
    X509V3_CTX context{};
    X509V3_set_ctx(&context, &issuer, &to, nullptr, nullptr, 0);
    auto* extension = ::X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    if (extension == nullptr) throw std::runtime_error("no extension " + value);
    ::X509_add_ext(&to, extension, -1);
    ::X509_EXTENSION_free(extension);
}

/// Signed by `signer`, or by itself where that is null.
identity make(const certificate_wish& wish, const identity* signer, bool is_authority) {
    static long serial = 1L << 20; // above those of an authority that has signed already
    identity made;
    made.key.reset(EVP_EC_gen("P-256"));
    made.certificate.reset(::X509_new());
    auto& certificate = *made.certificate;
    ::X509_set_version(&certificate, 2);
    ::ASN1_INTEGER_set(::X509_get_serialNumber(&certificate), serial++);
    ::X509_gmtime_adj(X509_getm_notBefore(&certificate), wish.valid_from * day);
    ::X509_gmtime_adj(X509_getm_notAfter(&certificate), wish.valid_to * day);
    ::X509_set_pubkey(&certificate, made.key.get());
    auto* subject = ::X509_get_subject_name(&certificate);
    ::X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                 reinterpret_cast<const unsigned char*>(wish.common_name.data()),
                                 static_cast<int>(wish.common_name.size()), -1, 0);
    auto& issuer = signer != nullptr ? *signer->certificate : certificate;
    ::X509_set_issuer_name(&certificate, ::X509_get_subject_name(&issuer));
    add_extension(certificate, issuer, NID_basic_constraints, is_authority ? "critical,CA:TRUE" : "CA:FALSE");
    if (!is_authority && !wish.names.empty()) add_extension(certificate, issuer, NID_subject_alt_name, wish.names);
    ::X509_sign(&certificate, signer != nullptr ? signer->key.get() : made.key.get(), ::EVP_sha256());
    return made;
}

template <class Write>
std::string write_file(Write write) {
    std::string name = "/tmp/wharf-test-XXXXXX";
    const int native = ::mkstemp(name.data());
    auto* file = ::fdopen(native, "w");
    if (file == nullptr) throw std::runtime_error("no temporary file");
    write(file);
    static_cast<void>(std::fclose(file));
    return name;
}

template <class T>
T* read_file(const std::string& name, T* (*read)(std::FILE*, T**, pem_password_cb*, void*)) {
    auto* file = std::fopen(name.c_str(), "r");
    if (file == nullptr) throw std::runtime_error("cannot read " + name);
    auto* found = read(file, nullptr, nullptr, nullptr);
    static_cast<void>(std::fclose(file));
    if (found == nullptr) throw std::runtime_error("nothing to use in " + name);
    return found;
}

} // namespace

authority::authority()
    : own_(make({.common_name = "test authority"}, nullptr, true)),
      file_(write_file([this](std::FILE* file) { ::PEM_write_X509(file, own_.certificate.get()); })) {}

authority::authority(const std::string& certificate, const std::string& key) : file_(certificate), keeps_file_(true) {
    own_.certificate.reset(read_file<X509>(certificate, &::PEM_read_X509));
    own_.key.reset(read_file<EVP_PKEY>(key, &::PEM_read_PrivateKey));
}

authority::~authority() {
    if (!keeps_file_) ::unlink(file_.c_str());
}

identity authority::issue(const certificate_wish& wish) const {
    return make(wish, &own_, false);
}

identity authority::self_signed(const certificate_wish& wish) {
    return make(wish, nullptr, false);
}

std::string authority::revoke(std::initializer_list<const identity*> revoked) const {
    const std::unique_ptr<X509_CRL, decltype(&::X509_CRL_free)> list(::X509_CRL_new(), &::X509_CRL_free);
    ::X509_CRL_set_version(list.get(), 1);
    ::X509_CRL_set_issuer_name(list.get(), ::X509_get_subject_name(own_.certificate.get()));
    const std::unique_ptr<ASN1_TIME, decltype(&::ASN1_TIME_free)> moment(::ASN1_TIME_new(), &::ASN1_TIME_free);
    ::X509_gmtime_adj(moment.get(), -day);
    ::X509_CRL_set1_lastUpdate(list.get(), moment.get());
    for (const identity* one : revoked) {
        auto* entry = ::X509_REVOKED_new();
        ::X509_REVOKED_set_serialNumber(entry, ::X509_get_serialNumber(one->certificate.get()));
        ::X509_REVOKED_set_revocationDate(entry, moment.get());
        ::X509_CRL_add0_revoked(list.get(), entry);
    }
    ::X509_gmtime_adj(moment.get(), day);
    ::X509_CRL_set1_nextUpdate(list.get(), moment.get());
    ::X509_CRL_sign(list.get(), own_.key.get(), ::EVP_sha256());
    return write_file([&](std::FILE* file) { ::PEM_write_X509_CRL(file, list.get()); });
}

std::string authority::hashed_name() const {
    std::array<char, 32> name{};
    const auto hash = ::X509_NAME_hash_ex(::X509_get_subject_name(own_.certificate.get()), nullptr, nullptr, nullptr);
    std::snprintf(name.data(), name.size(), "%08lx.r0", hash);
    return name.data();
}

std::string write_certificate(const identity& what) {
    return write_file([&what](std::FILE* file) { ::PEM_write_X509(file, what.certificate.get()); });
}

std::string write_key(const identity& what, std::string password) {
    return write_file([&](std::FILE* file) {
        ::PEM_write_PrivateKey(file, what.key.get(), password.empty() ? nullptr : ::EVP_aes_256_cbc(),
                               reinterpret_cast<const unsigned char*>(password.empty() ? nullptr : password.data()),
                               static_cast<int>(password.size()), nullptr, nullptr);
    });
}

std::string write_to_file(const identity& what) {
    return write_file([&what](std::FILE* file) {
        ::PEM_write_X509(file, what.certificate.get());
        ::PEM_write_PrivateKey(file, what.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
}

} // namespace wharf::io::test
