#include "wharf/row/enums.hpp"

#include "row/conversion.hpp"
#include "wharf/base/error.hpp"

namespace wharf::detail {
void refuse_unlisted(std::span<const std::string_view> labels) {
    throw conversion_error("a value of an enum has none of its labels (" + quoted_list(labels) + ")");
}

std::size_t read_label(const cell_view& cell, std::span<const std::string_view> labels) {
    const auto text = text_of(cell, "enum");
    const auto found = std::ranges::find(labels, text);
    if (found == labels.end())
        throw conversion_error("the label \"" + std::string(text) + "\" of type " + type_name(cell) +
                               " is none of those that the C++ enum has (" + quoted_list(labels) + ")");
    return static_cast<std::size_t>(found - labels.begin());
}

} // namespace wharf::detail
