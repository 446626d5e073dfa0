// LISTEN and NOTIFY in coroutines.
//
//   wharf::async_listener listener{executor, "postgresql://app@db/shop"};
//   co_await listener.listen("orders");
//   auto event = co_await listener.next();
#pragma once

#include "wharf/asio/asynchronous.hpp"
#include "wharf/pool/listener.hpp"

namespace wharf {

using async_listener = basic_listener<asynchronous>;

} // namespace wharf
