// Login over a stream.
#include "postgres/connect.hpp"

#include "io/wipe.hpp"
#include "postgres/protocol/saslprep.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/waits.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

namespace wharf::postgres {
namespace {

using step = protocol::login::step;

// What the key is made from, for another thread; the copy of the password goes with it.
class key_derivation {
public:
    explicit key_derivation(const protocol::login& attempt)
        : password_(attempt.password()), challenge_(attempt.challenge()) {}
    key_derivation(key_derivation&&) = default;
    key_derivation& operator=(key_derivation&&) = delete;
    ~key_derivation() { io::wipe(password_); }

    protocol::sha256_hash operator()() const {
        std::string prepared = protocol::saslprep(password_);
        const auto key = protocol::derive_salted_password(prepared, challenge_);
        io::wipe(prepared);
        return key;
    }

private:
    std::string password_;
    protocol::scram_challenge challenge_;
};

// The key that a login was made with, if any.
struct used_key {
    std::optional<protocol::sha256_hash> key{};

    ~used_key() {
        if (key) OPENSSL_cleanse(key->data(), key->size());
    }
};

std::int32_t version_number(protocol_version version) noexcept {
    return version == protocol_version::v3_2 ? protocol::protocol_3_2 : protocol::protocol_3_0;
}

io::op<void> converse(channel& link, protocol::login& attempt, server_state& server, scram_keys& keys) {
    attempt.start(link.out());
    used_key used;
    for (step now = step::wait; now != step::done;) {
        co_await link.send();
        const auto status = protocol::look_at_frame(link.in().readable(), protocol::login_message_limit);
        if (!status.complete) {
            co_await link.receive(status.size);
            continue;
        }
        const auto message = protocol::cut_frame(link.in().readable(), status);
        now = server.take(message) ? step::wait : attempt.receive(message, link.out());
        link.in().consume(status.size);
        if (now != step::derive_key) continue;
        used.key = keys.find(attempt.challenge());
        if (!used.key) {
            key_derivation derivation(attempt);
            used.key = co_await io::offload(std::move(derivation));
        }
        attempt.finish_key(*used.key, link.out());
    }
    link.out().wipe();
    if (used.key) keys.keep(attempt.challenge(), *used.key);
}

} // namespace

io::op<std::unique_ptr<connection>> log_in(std::unique_ptr<io::stream> stream, protocol::login_options options,
                                           connection_limits limits, std::shared_ptr<scram_keys> keys) {
    auto link = std::make_unique<channel>(std::move(stream));
    server_state server;
    protocol::login attempt(std::move(options));
    std::string lost;
    try {
        co_await converse(*link, attempt, server, *keys);
    } catch (const connection_lost& problem) {
        lost = problem.what();
    }
    if (!lost.empty()) throw connect_failed("login was cut off: " + lost);
    server.key = attempt.key();
    server.logged_in();
    co_return std::make_unique<connection>(std::move(link), std::move(server), limits);
}

namespace {

using settings_sent = login_memory::settings_sent;

struct own_setting {
    std::string_view name;
    std::string_view value;
    bool known_to_poolers;
};

// PgBouncer knows the first without being told to ignore it. A larger number of digits does not change what PostgreSQL
// 12 and later write.
constexpr std::array<own_setting, 4> fixed_settings{{{"DateStyle", "ISO", true},
                                                     {"IntervalStyle", "postgres", false},
                                                     {"bytea_output", "hex", false},
                                                     {"extra_float_digits", "3", false}}};

bool same_name(std::string_view one, std::string_view other) noexcept {
    return std::ranges::equal(one, other, [](char a, char b) { return (a | 0x20) == (b | 0x20); });
}

// In the parameters, or as "-c name=value" in the options.
bool sets(const settings& where, std::string_view name) {
    for (const auto& [known, value] : where.parameters)
        if (same_name(known, name)) return true;
    const std::string_view options = where.options;
    for (std::size_t at = 0; at + name.size() <= options.size(); ++at)
        if (same_name(options.substr(at, name.size()), name)) return true;
    return false;
}

void add_own_settings(protocol::login_options& to, const settings& where, settings_sent which) {
    for (const own_setting& setting : fixed_settings) {
        const bool wanted =
            which == settings_sent::all || (which == settings_sent::known_to_poolers && setting.known_to_poolers);
        if (!wanted || sets(where, setting.name)) continue;
        to.parameters.emplace_back(setting.name, setting.value);
        to.own_settings.push_back(setting.name);
    }
}

protocol::binding_demand to_demand(channel_binding_mode mode) noexcept {
    switch (mode) {
    case channel_binding_mode::disable:
        return protocol::binding_demand::disable;
    case channel_binding_mode::prefer:
        return protocol::binding_demand::prefer;
    case channel_binding_mode::require:
        break;
    }
    return protocol::binding_demand::require;
}

} // namespace

protocol::login_options make_login_options(const settings& where, const server_address& server,
                                           const secured_stream& stream, login_memory::settings_sent own_settings) {
    protocol::login_options options;
    auto& startup = options.parameters;
    startup.emplace_back("user", where.user);
    if (!where.database.empty()) startup.emplace_back("database", where.database);
    startup.emplace_back("client_encoding", "UTF8");
    if (!where.application_name.empty()) startup.emplace_back("application_name", where.application_name);
    if (!where.options.empty()) startup.emplace_back("options", where.options);
    startup.insert(startup.end(), where.parameters.begin(), where.parameters.end());
    add_own_settings(options, where, own_settings);
    options.version = version_number(where.max_protocol_version);
    options.minimum_version = version_number(where.min_protocol_version);
    options.password = where.password;
    options.tls = stream.tls;
    options.server_verified = stream.server_verified;
    options.local = server.is_local();
    options.policy = protocol::authentication_policy(where.require_auth);
    options.binding = to_demand(where.channel_binding);
    const auto end_point = protocol::as_bytes(stream.end_point);
    options.end_point_binding.assign(end_point.begin(), end_point.end());
    return options;
}

} // namespace wharf::postgres
