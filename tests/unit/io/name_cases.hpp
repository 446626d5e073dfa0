// A table of certificates and hosts, and whether the one is the other's.
#pragma once

#include <string>
#include <vector>

namespace wharf::io::test {

struct name_case {
    std::string names; ///< the alternative names, as OpenSSL writes them
    std::string common_name;
    std::string host;
    bool accepted;
    bool libpq_differs{false};
};

inline const std::vector<name_case>& name_cases() {
    static const std::vector<name_case> table{
        {"DNS:db.example.org", "x", "db.example.org", true},
        {"DNS:db.example.org", "x", "DB.Example.ORG", true},
        {"DNS:DB.example.org", "x", "db.example.org", true},
        {"DNS:db.example.org", "x", "db.example.com", false},
        {"DNS:db.example.org", "x", "db.example.org.", false},
        {"DNS:db.example.org", "x", "xdb.example.org", false},
        {"DNS:db.example.org", "x", "example.org", false},
        {"DNS:one.example.org,DNS:two.example.org", "x", "two.example.org", true},
        // one label, the leftmost, whole
        {"DNS:*.example.org", "x", "db.example.org", true},
        {"DNS:*.example.org", "x", "a.db.example.org", false},
        {"DNS:*.example.org", "x", "example.org", false},
        {"DNS:*.example.org", "x", ".example.org", false},
        {"DNS:d*.example.org", "x", "db.example.org", false},
        {"DNS:*b.example.org", "x", "db.example.org", false},
        {"DNS:db.*.org", "x", "db.example.org", false},
        {"DNS:*", "x", "localhost", false},
        {"DNS:*.", "x", "localhost", false},
        {"DNS:*.internal", "x", "db.internal", true},
        // the common name, only where no alternative name is of the host's kind
        {"", "db.example.org", "db.example.org", true},
        {"", "*.example.org", "db.example.org", true},
        {"", "db.example.org", "other.example.org", false},
        {"DNS:other.example.org", "db.example.org", "db.example.org", false},
        {"IP:127.0.0.1", "db.example.org", "db.example.org", true},
        {"email:a@example.org", "db.example.org", "db.example.org", true},
        {"DNS:db.example.org", "192.0.2.1", "192.0.2.1", true},
        {"IP:192.0.2.9", "192.0.2.1", "192.0.2.1", false},
        // addresses
        {"IP:192.0.2.1", "x", "192.0.2.1", true},
        {"IP:192.0.2.1", "x", "192.0.2.2", false},
        {"IP:2001:db8::1", "x", "2001:db8::1", true},
        {"IP:2001:db8::1", "x", "2001:0DB8:0:0::1", true},
        {"IP:2001:db8::1", "x", "2001:db8::2", false},
        {"DNS:192.0.2.1", "x", "192.0.2.1", true},
        {"DNS:*.0.2.1", "x", "192.0.2.1", false, true},
        {"", "*.0.2.1", "192.0.2.1", false, true},
        {"IP:192.0.2.1", "x", "db.example.org", false},
        {"DNS:db.example.org", "x", "", false},
    };
    return table;
}

} // namespace wharf::io::test
