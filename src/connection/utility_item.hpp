// Statements that the connection adds itself.
#pragma once

#include "wharf/connection/driver.hpp"

#include <string_view>

namespace wharf {

[[nodiscard]] inline batch_item utility_item(std::string_view sql) {
    batch_item item;
    item.sql = sql;
    item.utility = true;
    return item;
}

} // namespace wharf
