// The codecs of all types that wharf knows by itself.
#pragma once

#include "wharf/row/array.hpp"
#include "wharf/row/arrays.hpp"
#include "wharf/row/bit_string.hpp"
#include "wharf/row/codec.hpp"
#include "wharf/row/decimal.hpp"
#include "wharf/row/geometry.hpp"
#include "wharf/row/interval.hpp"
#include "wharf/row/json.hpp"
#include "wharf/row/network.hpp"
#include "wharf/row/numbers.hpp"
#include "wharf/row/ranges.hpp"
#include "wharf/row/strings.hpp"
#include "wharf/row/system_types.hpp"
#include "wharf/row/time_of_day.hpp"
#include "wharf/row/times.hpp"
#include "wharf/row/uuid.hpp"
