// wharf_checks RULE TOP: applies one of the rules to every source file of the repository. Ends with 1 when a file
// breaks it, with the places on standard output.

#include "checks/rules.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

namespace {

using rule = std::vector<wharf::checks::finding> (*)(std::string_view, std::string_view);

const std::map<std::string, rule> rules = {
    {"layers", wharf::checks::check_layers},
    {"co_await", wharf::checks::check_co_await},
    {"length", wharf::checks::check_length},
};

std::vector<std::filesystem::path> files_below(const std::filesystem::path& top) {
    std::vector<std::filesystem::path> files;
    for (const char* folder : {"include", "src", "tests", "examples", "bench", "tools"}) {
        if (!std::filesystem::exists(top / folder)) continue;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(top / folder)) {
            const auto extension = entry.path().extension();
            if (entry.is_regular_file() && (extension == ".hpp" || extension == ".cpp" || extension == ".ipp")) {
                files.push_back(entry.path());
            }
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

} // namespace

int main(int count, char** arguments) {
    const auto chosen = count == 3 ? rules.find(arguments[1]) : rules.end();
    if (chosen == rules.end()) {
        std::cerr << "usage: wharf_checks layers|co_await|length TOP\n";
        return 2;
    }
    const std::filesystem::path top = arguments[2];
    const auto files = files_below(top);
    if (files.empty()) {
        std::cerr << "no source files below " << top << '\n';
        return 2;
    }
    std::size_t broken = 0;
    for (const auto& file : files) {
        std::ifstream stream(file);
        const std::string source{std::istreambuf_iterator<char>(stream), {}};
        const auto path = file.lexically_relative(top).generic_string();
        for (const auto& found : chosen->second(path, source)) {
            std::cout << path << ':' << found.line << ": " << found.text << '\n';
            ++broken;
        }
    }
    std::cout << files.size() << " files, " << broken << " findings\n";
    return broken == 0 ? 0 : 1;
}
