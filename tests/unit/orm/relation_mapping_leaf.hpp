// A class that two source files use, of which only one has the class that it points to.
#pragma once

#include "wharf/orm/belongs_to.hpp"
#include "wharf/orm/describe.hpp"

#include <cstdint>

namespace plants {

struct root;
struct leaf {
    std::int64_t id{};
    wharf::belongs_to<root> grows_from{};
};
constexpr auto wharf_mapping(wharf::type<leaf>) {
    return wharf::table<leaf>("leaves", wharf::primary_key<&leaf::id>(), wharf::relation<&leaf::grows_from>());
}

} // namespace plants
