// The codecs of all types that wharf knows by itself.
#pragma once

#include "wharf/row/array.hpp"
#include "wharf/row/arrays.hpp"
#include "wharf/row/codec.hpp"
#include "wharf/row/json.hpp"
#include "wharf/row/numbers.hpp"
#include "wharf/row/strings.hpp"
#include "wharf/row/times.hpp"
#include "wharf/row/uuid.hpp"
