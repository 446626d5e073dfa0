// A connection to one server, encrypted and logged in.
#include "io/wipe.hpp"
#include "postgres/connect.hpp"
#include "postgres/file_password.hpp"
#include "wharf/io/peer.hpp"

#include <utility>

namespace wharf::postgres {
namespace {

using settings_sent = login_memory::settings_sent;

void forget(settings* where) noexcept {
    if (where->password) io::wipe(*where->password);
    if (where->certificate_key_password) io::wipe(*where->certificate_key_password);
    delete where;
}

// The key of a connection must not travel in the clear where the connection itself does not, and a request to cancel
// must not fail at what the connection has not even tried.
std::shared_ptr<const settings> settings_to_cancel(std::shared_ptr<const settings> where, const server_address& server,
                                                   bool encrypted) {
    const ssl_mode mode = where->mode_for(server);
    const bool as_it_was = mode == ssl_mode::allow ? !encrypted : mode != ssl_mode::prefer || encrypted;
    if (as_it_was) return where;
    settings changed = *where;
    changed.sslmode = encrypted ? ssl_mode::prefer : ssl_mode::disable;
    return share(std::move(changed));
}

connection_limits limits_of(const settings& where) {
    connection_limits limits;
    auto& statements = limits.statements;
    statements.named = where.statement_cache_size != 0;
    if (statements.named) statements.size = where.statement_cache_size; // else the usual number of descriptions
    statements.max_age = where.statement_cache_max_age;
    statements.max_length = where.statement_cache_max_length;
    limits.message_limit = where.message_limit;
    return limits;
}

// `encrypted` says, also after a failure, whether TLS was on.
io::op<std::unique_ptr<connection>> attempt_with(std::shared_ptr<const settings> where, server_address server,
                                                 ssl_mode mode, std::shared_ptr<login_memory> memory,
                                                 settings_sent own_settings, bool& encrypted) {
    encrypted = false;
    secured_stream stream = co_await open_stream(*where, server, mode);
    encrypted = stream.tls;
    server_address reached = server; // a name may have several addresses; a request to cancel goes to this one
    if (!server.is_unix_socket()) reached.address = io::peer_address(*stream.stream);
    auto options = make_login_options(*where, server, stream, own_settings);
    const std::string about_password = co_await add_file_password(options, *where, server);
    const connection_limits limits = limits_of(*where);
    std::shared_ptr<scram_keys> keys(memory, &memory->keys);
    std::unique_ptr<connection> made;
    try {
        made = co_await log_in(std::move(stream.stream), std::move(options), limits, std::move(keys));
    } catch (const protocol::login_not_permitted&) {
        throw; // no password would help
    } catch (const authentication_failed& refused) {
        if (about_password.empty()) throw;
        throw authentication_failed(refused.what() + ("; " + about_password));
    }
    made->cancel_through(settings_to_cancel(where, server, encrypted), std::move(reached));
    made->when_given_up(where->cancellation);
    co_return std::move(made);
}

// Once more with fewer settings of its own where a pooler does not know them all.
io::op<std::unique_ptr<connection>> attempt(std::shared_ptr<const settings> where, server_address server, ssl_mode mode,
                                            std::shared_ptr<login_memory> memory, bool& encrypted) {
    settings_sent own_settings = memory->own_settings;
    for (;;) {
        try {
            co_return co_await attempt_with(where, server, mode, memory, own_settings, encrypted);
        } catch (const protocol::setting_refused&) {
            if (own_settings == settings_sent::none) throw;
        }
        own_settings = own_settings == settings_sent::all ? settings_sent::known_to_poolers : settings_sent::none;
        memory->own_settings = own_settings;
    }
}

} // namespace

std::shared_ptr<const settings> share(settings where) {
    return {new settings(std::move(where)), &forget};
}

// Only what the other way may do better leads to it, as in libpq; a wrong password does not, which is tried once.
io::op<std::unique_ptr<connection>> establish(std::shared_ptr<const settings> where, server_address server,
                                              std::shared_ptr<login_memory> memory) {
    const ssl_mode mode = where->mode_for(server);
    const bool reluctant = mode == ssl_mode::allow;
    const ssl_mode first = reluctant ? ssl_mode::disable : mode;
    bool encrypted = false;
    std::string problem;
    try {
        co_return co_await attempt(where, server, first, memory, encrypted);
    } catch (const tls_unavailable& failed) {
        if (mode != ssl_mode::prefer) throw;
        problem = failed.what();
    } catch (const protocol::login_not_permitted& refused) {
        if (!reluctant && !(mode == ssl_mode::prefer && encrypted)) throw;
        problem = refused.what();
    }
    const ssl_mode second = reluctant ? ssl_mode::require : ssl_mode::disable;
    try {
        co_return co_await attempt(std::move(where), std::move(server), second, std::move(memory), encrypted);
    } catch (const authentication_failed& refused) {
        const std::string way = reluctant ? "; with TLS: " : "; without TLS: ";
        throw authentication_failed(problem + way + refused.what());
    } catch (const tls_not_offered& failed) {
        throw tls_not_offered(problem + "; with TLS: " + failed.what());
    } catch (const connect_failed& failed) {
        const std::string way = reluctant ? "; with TLS: " : "; without TLS: ";
        throw connect_failed(problem + way + failed.what());
    }
}

} // namespace wharf::postgres
