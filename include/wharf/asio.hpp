// All of wharf, with the faces for Boost.Asio coroutines: async_pool, async_session, async_vector_database.
#pragma once

#include "wharf/asio/listener.hpp"
#include "wharf/asio/pool.hpp"
#include "wharf/asio/session.hpp"
#include "wharf/asio/vector_database.hpp"
#include "wharf/wharf.hpp"
