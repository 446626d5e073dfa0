// The vector database for coroutines.
#pragma once

#include "wharf/asio/pool.hpp"
#include "wharf/vector/vector_database.hpp"

namespace wharf {

using async_vector_database = basic_vector_database<asynchronous>;

} // namespace wharf
