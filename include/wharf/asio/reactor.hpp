// The reactor behind wharf's asynchronous faces: it runs ops on a Boost.Asio execution context.
#pragma once

#include "wharf/io/background.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>

namespace wharf {

/// The reactor of the executor's execution context, made at its first use: one per context, however many threads run
/// it. An io_context, a thread_pool, or a strand on either.
///
/// Ops that a coroutine awaits (asynchronous::run) count as work: io_context::run() does not return while one waits.
/// What is spawned does not: it goes on as long as the context runs for another reason. A coroutine on another context
/// may await ops here; then this context needs a work guard, or work of its own, to be running.
///
/// The reactor ends with its context, which must outlive whatever awaits or spawns. Ops that wait by then are destroyed
/// with their coroutines; those of coroutines on other contexts end with wharf::cancelled.
[[nodiscard]] std::shared_ptr<io::background> reactor_of(const boost::asio::any_io_executor& executor);

} // namespace wharf
