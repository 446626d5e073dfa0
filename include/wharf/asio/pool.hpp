// The pool in coroutines.
//
//   wharf::async_pool pool{executor, "postgresql://app@db/shop", {.min_size = 2, .max_size = 10}};
//   co_await pool.open();
//   auto conn = co_await pool.acquire();
//   auto id = (co_await conn.query<std::int64_t>("INSERT INTO t(title) VALUES ($1) RETURNING id", title)).one();
#pragma once

#include "wharf/asio/asynchronous.hpp"
#include "wharf/pool/pool.hpp"

namespace wharf {

using async_pool = basic_pool<asynchronous>;
using async_connection = basic_connection<asynchronous>;
using async_transaction = basic_transaction<asynchronous>;

} // namespace wharf
