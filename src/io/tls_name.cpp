#include "io/tls_name.hpp"

#include <arpa/inet.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <memory>

namespace wharf::io {
namespace {

struct free_names {
    void operator()(GENERAL_NAMES* names) const noexcept { ::GENERAL_NAMES_free(names); }
};

// An IP address as a certificate has it: 4 or 16 bytes; none for a name.
struct address_bytes {
    std::array<char, sizeof(in6_addr)> bytes{};
    std::size_t size{0};

    explicit address_bytes(std::string_view host) noexcept {
        std::array<char, INET6_ADDRSTRLEN> text{};
        if (host.size() >= text.size()) return;
        std::ranges::copy(host, text.begin());
        if (::inet_pton(AF_INET, text.data(), bytes.data()) == 1)
            size = sizeof(in_addr);
        else if (::inet_pton(AF_INET6, text.data(), bytes.data()) == 1)
            size = sizeof(in6_addr);
    }
    [[nodiscard]] std::string_view view() const noexcept { return {bytes.data(), size}; }
};

char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equal(std::string_view left, std::string_view right) noexcept {
    return std::ranges::equal(left, right, {}, lower, lower);
}

std::string_view text_of(const ASN1_STRING* string) noexcept {
    return {reinterpret_cast<const char*>(::ASN1_STRING_get0_data(string)),
            static_cast<std::size_t>(::ASN1_STRING_length(string))};
}

// `name` is the certificate's. A NUL in it equals nothing: no host has one.
bool stands_for(std::string_view name, std::string_view host, bool host_is_address) noexcept {
    if (equal(name, host)) return true;
    if (host_is_address || !name.starts_with("*.") || name.size() < 3) return false;
    const auto dot = host.find('.');
    return dot != std::string_view::npos && dot > 0 && equal(name.substr(1), host.substr(dot));
}

bool common_name_stands_for(const X509& certificate, std::string_view host, bool host_is_address) noexcept {
    const auto* subject = ::X509_get_subject_name(&certificate);
    const int at = ::X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (at < 0) return false;
    const auto* name = ::X509_NAME_ENTRY_get_data(::X509_NAME_get_entry(subject, at));
    return name != nullptr && stands_for(text_of(name), host, host_is_address);
}

} // namespace

bool is_address(std::string_view host) noexcept {
    return address_bytes(host).size != 0;
}

bool is_certificate_of(const X509& certificate, std::string_view host) noexcept {
    if (host.empty()) return false;
    const address_bytes address(host);
    const bool host_is_address = address.size != 0;
    int found = 0;
    const std::unique_ptr<GENERAL_NAMES, free_names> names(
        static_cast<GENERAL_NAMES*>(::X509_get_ext_d2i(&certificate, NID_subject_alt_name, &found, nullptr)));
    if (!names && found != -1) return false; // there, and malformed or there twice
    bool has_that_kind = false;
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const auto* name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type == GEN_DNS) {
            has_that_kind = has_that_kind || !host_is_address;
            if (stands_for(text_of(name->d.dNSName), host, host_is_address)) return true;
        } else if (name->type == GEN_IPADD) {
            has_that_kind = has_that_kind || host_is_address;
            if (host_is_address && text_of(name->d.iPAddress) == address.view()) return true;
        }
    }
    return !has_that_kind && common_name_stands_for(certificate, host, host_is_address);
}

} // namespace wharf::io
