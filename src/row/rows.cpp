#include "wharf/row/rows.hpp"

#include "wharf/base/error.hpp"

#include <string>

namespace wharf::detail {

void expect_one_row(std::size_t count) {
    if (count == 0) throw no_result("the query returned no row where exactly one was asked for");
    if (count > 1)
        throw multiple_results("the query returned " + std::to_string(count) + " rows where exactly one was asked for");
}

} // namespace wharf::detail
