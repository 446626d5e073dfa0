#include "unit/orm/model/step.hpp"

#include "unit/orm/model/play.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace orm_model {

std::string to_text(const std::vector<step>& steps) {
    std::string text;
    for (const auto& one : steps) {
        text.append(text.empty() ? "" : "; ").append(one.what->name);
        auto last = one.on.size();
        while (last > 0 && one.on[last - 1] == 0)
            --last;
        for (std::size_t i = 0; i < last; ++i)
            text.append(" ").append(std::to_string(one.on[i]));
    }
    return text;
}

std::vector<step> read_steps(std::string_view text) {
    std::vector<step> steps;
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line, ';');) {
        std::istringstream words(line);
        std::string name;
        if (!(words >> name)) continue;
        const auto& all = operations();
        const auto found = std::find_if(all.begin(), all.end(), [&](const operation& one) { return one.name == name; });
        if (found == all.end()) throw std::invalid_argument("there is no step " + name);
        step made{&*found, {}};
        for (std::size_t i = 0; i < made.on.size() && words >> made.on[i]; ++i) {
        }
        steps.push_back(made);
    }
    return steps;
}

} // namespace orm_model
