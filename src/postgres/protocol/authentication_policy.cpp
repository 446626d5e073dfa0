#include "postgres/protocol/authentication_policy.hpp"

#include "wharf/base/error.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace wharf::postgres::protocol {
namespace {

using method = authentication_policy::method;

constexpr std::array<std::pair<std::string_view, method>, 7> methods{{{"none", method::none},
                                                                      {"password", method::password},
                                                                      {"md5", method::md5},
                                                                      {"gss", method::gss},
                                                                      {"sspi", method::sspi},
                                                                      {"scram-sha-256", method::scram},
                                                                      {"oauth", method::oauth}}};

[[noreturn]] void refuse(const std::string& why) {
    throw configuration_error("require_auth " + why);
}

method to_method(std::string_view name) {
    std::string known;
    for (const auto& [word, value] : methods) {
        if (word == name) return value;
        known.append(known.empty() ? "" : ", ").append(word);
    }
    refuse("names a method that is none of " + known);
}

} // namespace

authentication_policy::authentication_policy(std::string_view list) {
    std::uint8_t seen = 0;
    bool forbids = false;
    for (std::size_t at = 0; at <= list.size() && !list.empty();) {
        const std::size_t end = std::min(list.find(',', at), list.size());
        std::string_view name = list.substr(at, end - at);
        const bool negated = name.starts_with('!');
        if (negated) name.remove_prefix(1);
        if (seen != 0 && negated != forbids) refuse("mixes methods with and without \"!\"");
        forbids = negated;
        const std::uint8_t one = bit(to_method(name));
        if ((seen & one) != 0) refuse("names a method twice");
        seen = static_cast<std::uint8_t>(seen | one);
        at = end + 1;
    }
    if (seen == 0) return;
    named_ = forbids ? std::uint8_t{0} : seen;
    accepted_ = forbids ? static_cast<std::uint8_t>(~seen) : seen;
}

} // namespace wharf::postgres::protocol
