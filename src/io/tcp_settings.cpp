#include "io/tcp_settings.hpp"

#include "wharf/base/error.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <system_error>

namespace wharf::io {
namespace {

// `value` 0: leave it as the system has it.
void set(const descriptor& socket, int name, std::int64_t value, const char* setting) {
    if (value <= 0) return;
    const int wanted = static_cast<int>(std::min<std::int64_t>(value, std::numeric_limits<int>::max()));
    if (::setsockopt(socket.native(), IPPROTO_TCP, name, &wanted, sizeof wanted) == 0) return;
    throw configuration_error(std::string(setting) +
                              " cannot be set to this value: " + std::generic_category().message(errno));
}

} // namespace

void apply(const tcp_options& options, const descriptor& socket) {
    const int on = 1;
    static_cast<void>(::setsockopt(socket.native(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
    set(socket, TCP_USER_TIMEOUT, options.user_timeout.count(), "tcp_user_timeout");
    if (!options.keepalive) return;
    static_cast<void>(::setsockopt(socket.native(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on));
    set(socket, TCP_KEEPIDLE, options.keepalive_idle.count(), "keepalives_idle");
    set(socket, TCP_KEEPINTVL, options.keepalive_interval.count(), "keepalives_interval");
    set(socket, TCP_KEEPCNT, options.keepalive_count, "keepalives_count");
}

} // namespace wharf::io
