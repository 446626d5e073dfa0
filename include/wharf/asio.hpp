// All of wharf, with the faces for Boost.Asio coroutines: async_pool, async_session, async_vector_database.
//
//   boost::asio::io_context context;
//   wharf::async_engine engine{context.get_executor(), "sqlite:///app.db"};
//   boost::asio::co_spawn(context, work(engine), boost::asio::detached);
//   context.run();
//
// It brings what programs like this need of Asio: contexts, co_spawn, its usual completion tokens, this_coro, timers.
#pragma once

#include "wharf/asio/listener.hpp"
#include "wharf/asio/pool.hpp"
#include "wharf/asio/session.hpp"
#include "wharf/asio/vector_database.hpp"
#include "wharf/wharf.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
