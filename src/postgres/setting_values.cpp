#include "postgres/setting_values.hpp"

#include "postgres/protocol/authentication_policy.hpp"
#include "wharf/base/error.hpp"

#include <array>
#include <charconv>
#include <span>
#include <utility>

namespace wharf::postgres {
namespace {

template <class Value>
using choice = std::pair<std::string_view, Value>;

template <class Value, std::size_t Count>
Value choose(std::string_view name, std::string_view text, const std::array<choice<Value>, Count>& choices) {
    std::string known;
    for (const auto& [word, value] : choices) {
        if (word == text) return value;
        known.append(known.empty() ? "" : ", ").append(word);
    }
    throw configuration_error(std::string(name) + " is none of " + known);
}

} // namespace

ssl_mode to_ssl_mode(std::string_view text) {
    static constexpr std::array<choice<ssl_mode>, 6> choices{{{"disable", ssl_mode::disable},
                                                              {"allow", ssl_mode::allow},
                                                              {"prefer", ssl_mode::prefer},
                                                              {"require", ssl_mode::require},
                                                              {"verify-ca", ssl_mode::verify_ca},
                                                              {"verify-full", ssl_mode::verify_full}}};
    return choose("sslmode", text, choices);
}

wharf::cancellation to_cancellation(std::string_view text) {
    static constexpr std::array<choice<wharf::cancellation>, 2> choices{
        {{"close", wharf::cancellation::close}, {"cancel_and_drain", wharf::cancellation::cancel_and_drain}}};
    return choose("cancellation", text, choices);
}

ssl_negotiation to_ssl_negotiation(std::string_view text) {
    static constexpr std::array<choice<ssl_negotiation>, 2> choices{
        {{"postgres", ssl_negotiation::postgres}, {"direct", ssl_negotiation::direct}}};
    return choose("sslnegotiation", text, choices);
}

channel_binding_mode to_channel_binding(std::string_view text) {
    static constexpr std::array<choice<channel_binding_mode>, 3> choices{{{"disable", channel_binding_mode::disable},
                                                                          {"prefer", channel_binding_mode::prefer},
                                                                          {"require", channel_binding_mode::require}}};
    return choose("channel_binding", text, choices);
}

ssl_certificate_mode to_certificate_mode(std::string_view text) {
    static constexpr std::array<choice<ssl_certificate_mode>, 3> choices{{{"disable", ssl_certificate_mode::disable},
                                                                          {"allow", ssl_certificate_mode::allow},
                                                                          {"require", ssl_certificate_mode::require}}};
    return choose("sslcertmode", text, choices);
}

protocol_version to_protocol_version(std::string_view name, std::string_view text) {
    static constexpr std::array<choice<protocol_version>, 3> choices{
        {{"3.0", protocol_version::v3_0}, {"3.2", protocol_version::v3_2}, {"latest", protocol_version::v3_2}}};
    return choose(name, text, choices);
}

std::string to_tls_version(std::string_view name, std::string_view text) {
    std::string lower;
    for (const char c : text)
        lower.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    if (lower == "tlsv1" || lower == "tlsv1.1")
        throw configuration_error(std::string(name) + " is a version of TLS that is broken; use TLSv1.2 or TLSv1.3");
    static constexpr std::array<choice<std::string_view>, 2> choices{{{"tlsv1.2", "TLSv1.2"}, {"tlsv1.3", "TLSv1.3"}}};
    return std::string(choose<std::string_view>(name, lower, choices));
}

bool to_flag(std::string_view name, std::string_view text) {
    static constexpr std::array<choice<bool>, 2> choices{{{"0", false}, {"1", true}}};
    return choose(name, text, choices);
}

session_target to_session_target(std::string_view text) {
    static constexpr std::array<choice<session_target>, 6> choices{
        {{"any", session_target::any},
         {"read-write", session_target::read_write},
         {"read-only", session_target::read_only},
         {"primary", session_target::primary},
         {"standby", session_target::standby},
         {"prefer-standby", session_target::prefer_standby}}};
    return choose("target_session_attrs", text, choices);
}

host_order to_host_order(std::string_view text) {
    static constexpr std::array<choice<host_order>, 2> choices{
        {{"disable", host_order::as_given}, {"random", host_order::random}}};
    return choose("load_balance_hosts", text, choices);
}

int to_number(std::string_view name, std::string_view text) {
    constexpr std::string_view spaces = " \t\n\v\f\r";
    text.remove_prefix(std::min(text.find_first_not_of(spaces), text.size()));
    text = text.substr(0, text.find_last_not_of(spaces) + 1);
    if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
    int value = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || stop != end) throw configuration_error(std::string(name) + " is no whole number");
    return value;
}

std::string to_required_authentication(std::string_view text) {
    static_cast<void>(protocol::authentication_policy(text));
    return std::string(text);
}

} // namespace wharf::postgres
