// The input of the demo: the packages of a Debian system, from dpkg's status file.
#pragma once

#include <filesystem>
#include <istream>
#include <string>
#include <vector>

namespace demo {

struct package {
    std::string name{};
    std::string section{};
    std::string maintainer{};
    std::string version{};
    std::string summary{};     ///< the first line of the description
    std::string description{}; ///< the whole description
};

/// Where dpkg keeps it.
inline constexpr const char* dpkg_status = "/var/lib/dpkg/status";

/// Reads the paragraphs of a status file. Paragraphs without a name or a description are passed over.
[[nodiscard]] std::vector<package> read_packages(std::istream& status);

/// Throws std::runtime_error when the file cannot be read or holds no package.
[[nodiscard]] std::vector<package> read_packages(const std::filesystem::path& status);

} // namespace demo
