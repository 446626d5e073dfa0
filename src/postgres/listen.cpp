// Waiting for what the server says without being asked.
#include "postgres/connection.hpp"
#include "wharf/base/error.hpp"

namespace wharf::postgres {

// A message that has arrived in part stays in the buffer, so giving up here leaves everything in order.
io::op<void> connection::listen() {
    require_usable();
    if (!settled()) co_await settle();
    replies_.start({});
    try {
        co_await channel_->receive_unasked(replies_);
    } catch (const connection_error&) {
        broken_ = true;
        route_ = nullptr;
        throw;
    }
}

} // namespace wharf::postgres
