// Any text. What stands in quotes that it cannot end has no placeholders, and text behind it has those that it had.
#include "input.hpp"

#include "wharf/connection/placeholders.hpp"

#include <string>

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    wharf::fuzz::input in(data, size);
    const std::string text(in.rest());
    const auto count = wharf::count_placeholders(text);
    wharf::fuzz::require(count <= wharf::most_placeholders + 1);
    if (text.find("$fuzz$") == std::string::npos && !text.ends_with("$fuzz")) {
        const std::string quoted = "$fuzz$" + text + "$fuzz$ ";
        wharf::fuzz::require(wharf::count_placeholders(quoted) == 0);
        wharf::fuzz::require(wharf::count_placeholders(quoted + text) == count);
    }
    if (text.find('\'') == std::string::npos)
        wharf::fuzz::require(wharf::count_placeholders("'" + text + "' " + text) == count);
    if (text.find_first_of("\r\n") == std::string::npos)
        wharf::fuzz::require(wharf::count_placeholders("--" + text + "\n" + text) == count);
    return 0;
}
