// create_tables<T...>() and drop_tables<T...>() for tests of layers that stand above schema.
#pragma once

#include "wharf/schema/create_tables.hpp"
