// The house's rules that no compiler knows. Each takes one file and says where it breaks the rule.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wharf::checks {

struct finding {
    int line{};
    std::string text{};
};

/// A layer includes only what stands above it; only asio's folders include Boost; no public header includes a header
/// of libpq, SQLite or OpenSSL. `path` is relative to the top of the repository, with forward slashes.
std::vector<finding> check_layers(std::string_view path, std::string_view source);

/// An expression that contains co_await contains neither braces nor ?: (GCC 12 miscompiles some of these), and no
/// handler awaits. An expression reaches from its statement's beginning to its end; the braces of blocks and of the
/// lambda around it are not its own.
std::vector<finding> check_co_await(std::string_view path, std::string_view source);

/// No file under src/ or include/ has more than 500 lines.
std::vector<finding> check_length(std::string_view path, std::string_view source);

} // namespace wharf::checks
