#include "checks/rules.hpp"
#include "checks/tokens.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

namespace wharf::checks {

namespace {

constexpr std::array<std::string_view, 13> layers = {"base", "io",  "row", "connection", "postgres", "sqlite", "open",
                                                     "pool", "sql", "orm", "schema",     "vector",   "asio"};
constexpr std::size_t asio = layers.size() - 1;

std::optional<std::size_t> layer_named(std::string_view name) {
    const auto found = std::find(layers.begin(), layers.end(), name);
    if (found == layers.end()) return std::nullopt;
    return static_cast<std::size_t>(found - layers.begin());
}

// The layer of a path below one of the rooms; nothing for an umbrella header and for other folders.
std::optional<std::size_t> layer_of(std::string_view path) {
    for (const std::string_view room : {"include/wharf/", "src/", "tests/unit/"}) {
        if (path.starts_with(room)) {
            const auto below = path.substr(room.size());
            return layer_named(below.substr(0, below.find('/')));
        }
    }
    return std::nullopt;
}

// The file that an include means, relative to the top of the repository as far as the rule needs it.
std::string target_of(std::string_view path, const include_line& include) {
    if (include.path.starts_with("wharf/")) return "include/" + include.path;
    const auto first = std::string_view(include.path).substr(0, include.path.find('/'));
    if (include.quoted && include.path.find('/') != std::string::npos && layer_named(first)) {
        return "src/" + include.path;
    }
    if (!include.quoted) return {};
    return (std::filesystem::path(path).parent_path() / include.path).lexically_normal().generic_string();
}

bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> beginnings) {
    return std::any_of(beginnings.begin(), beginnings.end(),
                       [&](std::string_view beginning) { return text.starts_with(beginning); });
}

} // namespace

std::vector<finding> check_layers(std::string_view path, std::string_view source) {
    std::vector<finding> found;
    const auto own = layer_of(path);
    const bool is_public = path.starts_with("include/");
    const bool may_use_boost = own == asio || path == "include/wharf/asio.hpp" || !(own || is_public);
    for (const auto& include : includes_of(source)) {
        if (!may_use_boost && starts_with_any(include.path, {"boost/", "asio/"})) {
            found.push_back({include.line, "only asio includes Boost: " + include.path});
        }
        if (is_public && starts_with_any(include.path, {"sqlite3", "openssl/", "libpq"})) {
            found.push_back({include.line, "a public header shows what it is built on: " + include.path});
        }
        const auto target = target_of(path, include);
        if (target == "include/wharf/wharf.hpp" || target == "include/wharf/asio.hpp") {
            if (own && !path.starts_with("tests/")) {
                found.push_back({include.line, "a layer includes an umbrella header: " + include.path});
            } else if (own != asio && target.ends_with("asio.hpp") && (own || is_public)) {
                found.push_back({include.line, "nothing includes asio: " + include.path});
            }
        }
        const auto other = layer_of(target);
        if (!other) continue;
        if (own && *other > *own) {
            found.push_back({include.line, std::string(layers.at(*own)) + " stands above " +
                                               std::string(layers.at(*other)) +
                                               " and must not include from it: " + include.path});
        }
        if (path == "include/wharf/wharf.hpp" && *other == asio) {
            found.push_back({include.line, "wharf.hpp is the umbrella without asio: " + include.path});
        }
    }
    return found;
}

std::vector<finding> check_length(std::string_view path, std::string_view source) {
    if (!starts_with_any(path, {"src/", "include/"})) return {};
    const auto lines = std::count(source.begin(), source.end(), '\n');
    if (lines <= 500) return {};
    return {{501, std::to_string(lines) + " lines; does it hold one idea?"}};
}

} // namespace wharf::checks
