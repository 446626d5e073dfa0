#include "postgres/certificate_files.hpp"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>

namespace wharf::postgres {
namespace {

std::string home_directory() {
    if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') return home;
    std::array<char, 4096> buffer{};
    passwd entry{};
    passwd* found = nullptr;
    if (::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) return {};
    return found->pw_dir;
}

// The file of this name in ~/.postgresql, where there is one.
std::string own_file(const char* name) {
    const std::string home = home_directory();
    if (home.empty()) return {};
    std::string path = home + "/.postgresql/" + name;
    return ::access(path.c_str(), F_OK) == 0 ? path : std::string();
}

bool holds_key(const std::string& file) {
    std::ifstream lines(file);
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with("-----BEGIN ") && line.find("PRIVATE KEY-----") != std::string::npos) return true;
    return false;
}

// libpq takes ~/.postgresql/postgresql.key; others take the file of the certificate, which is looked at first.
std::string key_for(const std::string& certificate) {
    if (certificate.empty() || holds_key(certificate)) return {};
    return own_file("postgresql.key");
}

} // namespace

certificate_files find_certificate_files(const settings& where) {
    certificate_files files;
    if (where.root_certificate.empty())
        files.authorities = own_file("root.crt");
    else if (where.root_certificate != "system")
        files.authorities = where.root_certificate;
    files.revocations = where.certificate_revocation_list;
    files.revocation_directory = where.certificate_revocation_directory;
    if (files.revocations.empty() && files.revocation_directory.empty() && where.root_certificate != "system")
        files.revocations = own_file("root.crl");
    if (where.certificate_mode == ssl_certificate_mode::disable) return files;
    files.certificate = where.certificate.empty() ? own_file("postgresql.crt") : where.certificate;
    files.key = where.certificate_key.empty() ? key_for(files.certificate) : where.certificate_key;
    return files;
}

} // namespace wharf::postgres
