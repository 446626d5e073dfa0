#include "unit/pool/model/step.hpp"

#include <algorithm>
#include <numeric>
#include <sstream>
#include <stdexcept>

namespace wharf::test::pool_model {
namespace {

struct known_action {
    action what;
    std::string_view name;
    unsigned weight;
};

constexpr std::array all_actions{
    known_action{action::acquire, "acquire", 16},
    known_action{action::acquire_later, "acquire_later", 6},
    known_action{action::try_now, "try_now", 5},
    known_action{action::stopped, "stopped", 1},
    known_action{action::release, "release", 22},
    known_action{action::begin, "begin", 4},
    known_action{action::use, "use", 4},
    known_action{action::cancel, "cancel", 3},
    known_action{action::cancel_later, "cancel_later", 3},
    known_action{action::destroy, "destroy", 3},
    known_action{action::connects, "connects", 4},
    known_action{action::pings, "pings", 2},
    known_action{action::rolls_back, "rolls_back", 2},
    known_action{action::undoes, "undoes", 2},
    known_action{action::closes, "closes", 2},
    known_action{action::dies_idle, "dies_idle", 2},
    known_action{action::dies_busy, "dies_busy", 2},
    known_action{action::freezes, "freezes", 1},
    known_action{action::turns_read_only, "turns_read_only", 2},
    known_action{action::run_one, "run_one", 12},
    known_action{action::settle, "settle", 8},
    known_action{action::time_passes, "time_passes", 12},
    known_action{action::stalls, "stalls", 3},
    known_action{action::open, "open", 1},
    known_action{action::close, "close", 0}, // any_action() has them once in a while
    known_action{action::drop, "drop", 0},
};

} // namespace

std::string to_text(const std::vector<step>& steps) {
    std::ostringstream text;
    for (const auto& one : steps) {
        const auto found = std::find_if(all_actions.begin(), all_actions.end(),
                                        [&](const auto& known) { return known.what == one.what; });
        text << (text.tellp() > 0 ? "; " : "") << found->name << ' ' << one.to << ' ' << one.how;
    }
    return text.str();
}

std::vector<step> read_steps(std::string_view text) {
    std::vector<step> steps;
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line, ';');) {
        std::istringstream words(line);
        std::string name;
        if (!(words >> name)) continue;
        const auto found =
            std::find_if(all_actions.begin(), all_actions.end(), [&](const auto& known) { return known.name == name; });
        if (found == all_actions.end()) throw std::invalid_argument("there is no step " + name);
        step made{found->what};
        words >> made.to >> made.how;
        steps.push_back(made);
    }
    return steps;
}

action any_action(unsigned chance) {
    constexpr unsigned once = 500;
    if (chance % once == 0) return action::close;
    if (chance % once == 1) return action::drop;
    chance /= once;
    static const auto total = std::accumulate(all_actions.begin(), all_actions.end(), 0U,
                                              [](unsigned sum, const auto& one) { return sum + one.weight; });
    chance %= total;
    for (const auto& one : all_actions) {
        if (chance < one.weight) return one.what;
        chance -= one.weight;
    }
    return action::settle;
}

} // namespace wharf::test::pool_model
