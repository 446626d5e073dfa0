// Parameters arrive in the type that belongs to their C++ type; the statement may want another one. What can be changed
// without loss is changed here, before anything is sent.
#pragma once

#include "postgres/protocol/message_types.hpp"
#include "wharf/row/cell.hpp"
#include "wharf/row/parameters.hpp"
#include "wharf/row/type_oid.hpp"
#include "wharf/row/user_types.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace wharf::postgres {

/// Parameters as Bind wants them.
struct adapted_parameters {
    std::string bytes{};                          ///< lengths and values, one after the other
    std::vector<protocol::format_code> formats{}; ///< empty: all binary

    void clear() noexcept {
        bytes.clear();
        formats.clear();
    }
};

/// Whether the values can be sent as they are.
[[nodiscard]] bool fits_as_it_is(const parameters& values, std::span<const type_oid> wanted) noexcept;

/// Changes what does not fit: widths of numbers with a range check, numbers to numeric, text to any type (in text
/// format), arrays element by element. Throws conversion_error, which names the number of the parameter and both types,
/// never the value. `types` (null: nothing) is what is known of user types. Precondition: as many values as wanted
/// types.
void adapt_parameters(const parameters& values, std::span<const type_oid> wanted, const user_types* types,
                      adapted_parameters& out);

} // namespace wharf::postgres
