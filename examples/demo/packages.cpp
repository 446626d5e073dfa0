#include "packages.hpp"

#include <fstream>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace demo {
namespace {

std::string_view without_leading_space(std::string_view text) {
    const auto start = text.find_first_not_of(" \t");
    return start == std::string_view::npos ? std::string_view() : text.substr(start);
}

std::string* field_named(package& into, std::string_view name) {
    if (name == "Package") return &into.name;
    if (name == "Section") return &into.section;
    if (name == "Maintainer") return &into.maintainer;
    if (name == "Version") return &into.version;
    if (name == "Description") return &into.summary;
    return nullptr;
}

/// A line of a description after the first: " text", or " ." for an empty one.
void add_description_line(std::string& description, std::string_view line) {
    const auto text = without_leading_space(line);
    description += '\n';
    if (text != ".") description += text;
}

} // namespace

std::vector<package> read_packages(std::istream& status) {
    std::vector<package> all;
    package current;
    bool in_description = false;
    const auto finish = [&] {
        if (!current.name.empty() && !current.summary.empty()) {
            current.description.insert(0, current.summary);
            all.push_back(std::move(current));
        }
        current = package();
        in_description = false;
    };

    std::string line;
    while (std::getline(status, line)) {
        if (line.empty()) {
            finish();
        } else if (line.front() == ' ') {
            if (in_description) add_description_line(current.description, line);
        } else if (const auto colon = line.find(':'); colon != std::string::npos) {
            const auto name = std::string_view(line).substr(0, colon);
            in_description = name == "Description";
            if (auto* field = field_named(current, name)) {
                *field = without_leading_space(std::string_view(line).substr(colon + 1));
            }
        }
    }
    finish();
    return all;
}

std::vector<package> read_packages(const std::filesystem::path& status) {
    std::ifstream file(status);
    if (!file)
        throw std::runtime_error("cannot read " + status.string() + ": the demo reads the packages of a Debian system");
    auto all = read_packages(file);
    if (all.empty()) throw std::runtime_error(status.string() + " describes no package");
    return all;
}

} // namespace demo
