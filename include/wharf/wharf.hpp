// All of wharf but what needs Boost.Asio: pool, session, mapping, schema, vector database. See <wharf/asio.hpp>.
#pragma once

#include "wharf/base/database_error.hpp"
#include "wharf/base/error.hpp"
#include "wharf/base/url.hpp"
#include "wharf/orm/col.hpp"
#include "wharf/orm/engine.hpp"
#include "wharf/orm/mapping.hpp"
#include "wharf/orm/predicate.hpp"
#include "wharf/orm/query.hpp"
#include "wharf/orm/retry.hpp"
#include "wharf/orm/session.hpp"
#include "wharf/orm/session_factory.hpp"
#include "wharf/orm/sql_recorder.hpp"
#include "wharf/pool/pool.hpp"
#include "wharf/row/codecs.hpp"
#include "wharf/schema/create_tables.hpp"
#include "wharf/vector/vector_database.hpp"
