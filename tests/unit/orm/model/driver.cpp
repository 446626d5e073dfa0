#include "unit/orm/model/driver.hpp"

#include "unit/orm/model/shrink.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <iostream>
#include <sstream>

namespace orm_model {
namespace {

struct family {
    std::string_view name;
    bool on_sqlite;
    bool on_postgres;
};

// What is off fails as things are: see README.md.
// clang-format off
constexpr family all_families[]{
    {"core", true, true},
    {"relate_by_key", true, true},
    {"relate_by_member", true, true},
    {"replace", true, true},
    {"add_again", true, true},
    {"savepoints", true, true},
    {"reading", true, true},
    {"raw_sql", true, true},
    {"failures", true, true},
    {"stored_values", true, true}, // stored_values_pgtest.cpp
    {"add_deleted", true, true},
    {"release_unused", true, true},
    {"close", true, true},
    {"expunge", true, true},
    {"attach", true, true}, // what was closed or expunged is changed, and added again
    {"other_update", true, true},
    {"other_insert", true, true},
    {"other_delete", true, true},
};
// clang-format on

constexpr int most_attempts = 400; // to shorten a sequence

/// Plays steps that are known. Empty when all is well.
std::string replay(stage& on, const std::vector<step>& steps, std::size_t* reached = nullptr) {
    on.empty();
    play in(on);
    const bool talks = std::getenv("WHARF_TEST_MODEL_STEPS") != nullptr;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (reached != nullptr) *reached = i;
        if (in.model.failed && !steps[i].what->after_failure) continue;
        try {
            const bool was_run = steps[i].what->run(in, steps[i]);
            in.note_locks();
            on.settle();
            if (talks) std::cerr << (was_run ? "  " : "- ") << to_text({steps[i]}) << '\n';
        } catch (const std::exception& error) {
            return error.what();
        }
    }
    return {};
}

class chooser {
public:
    explicit chooser(const std::set<std::string, std::less<>>& families) : dares_(families.contains("failures")) {
        for (const auto& one : operations()) {
            if (!families.contains(one.family)) continue;
            for (int i = 0; i < one.weight; ++i)
                bag_.push_back(&one);
        }
    }
    [[nodiscard]] step operator()(const play& in, generator& random) const {
        for (;;) {
            step made{bag_[random() % bag_.size()], {}};
            if (in.model.failed && !made.what->after_failure) continue;
            if (!made.what->choose(in, random, made)) continue;
            if (!dares_) make_careful(made);
            return made;
        }
    }

private:
    /// No step that is meant to fail.
    static void make_careful(step& made) {
        const auto name = made.what->name;
        if ((name == "flush" || name == "commit") && made.on[0] == 0) made.on[0] = 2;
        if (name == "release" && made.on[1] == 0) made.on[1] = 1;
    }

    std::vector<const operation*> bag_{};
    bool dares_;
};

/// What is the same about failures of one kind: their words without numbers and values.
std::string kind_of(const std::string& failure) {
    std::string words;
    for (const char c : failure.substr(0, failure.find('[')))
        if (std::isdigit(static_cast<unsigned char>(c)) == 0) words += c;
    return words;
}

struct failed_sequence {
    int seed;
    std::vector<step> steps;
    std::string found;
};

std::string describe(stage& on, const failed_sequence& failed) {
    const auto fails = [&, kind = kind_of(failed.found)](const std::vector<step>& some) {
        return kind_of(replay(on, some)) == kind;
    };
    const bool again = fails(failed.steps);
    const auto shortest = again ? shrink(failed.steps, fails, most_attempts) : failed.steps;
    std::ostringstream text;
    text << "sequence " << failed.seed << ": " << (again ? replay(on, shortest) : failed.found + " (not again)")
         << "\nplay it again with WHARF_TEST_MODEL_STEPS='" << to_text(shortest) << "'\n";
    for (const auto& one : shortest)
        text << "    " << to_text({one}) << '\n';
    return text.str();
}

failed_sequence play_sequence(stage& on, const run_options& options, const chooser& choose, int seed) {
    std::vector<step> steps;
    std::string found;
    on.empty();
    {
        play in(on);
        generator random(static_cast<unsigned>(seed));
        random.discard(20); // neighbouring seeds begin alike
        for (int i = 0; i < options.steps && found.empty(); ++i) {
            steps.push_back(choose(in, random));
            try {
                const bool was_run = steps.back().what->run(in, steps.back());
                if (!was_run && !in.model.failed) steps.pop_back();
                in.note_locks();
                on.settle();
            } catch (const std::exception& error) {
                found = error.what();
            }
        }
    }
    return {seed, std::move(steps), std::move(found)};
}

} // namespace

std::set<std::string, std::less<>> families(bool postgres) {
    std::set<std::string, std::less<>> chosen;
    const auto* const given = std::getenv("WHARF_TEST_MODEL_ONLY");
    std::string only = given == nullptr ? "" : given;
    const bool without = only.rfind('-', 0) == 0;
    std::replace(only.begin(), only.end(), '-', ',');
    for (const auto& one : all_families) {
        const bool named = ("," + only + ",").find("," + std::string(one.name) + ",") != std::string::npos;
        if (only.empty() ? (postgres ? one.on_postgres : one.on_sqlite) : named != without) chosen.emplace(one.name);
    }
    return chosen;
}

std::string run_model(stage& on, const run_options& options) {
    if (const auto* const given = std::getenv("WHARF_TEST_MODEL_STEPS")) return replay(on, read_steps(given));
    const chooser choose(options.families);
    const auto* const only = std::getenv("WHARF_TEST_MODEL_SEED");
    const int first = only == nullptr ? options.first_seed : std::stoi(only);
    const int last = only == nullptr ? options.first_seed + options.sequences : first + 1;
    const bool goes_on = std::getenv("WHARF_TEST_MODEL_GOES_ON") != nullptr;
    std::map<std::string, std::pair<int, std::string>> failures; // by kind: how many, and the first
    for (int seed = first; seed < last && (goes_on || failures.empty()); ++seed) {
        const auto played = play_sequence(on, options, choose, seed);
        if (played.found.empty()) continue;
        auto& known = failures[kind_of(played.found)];
        if (++known.first == 1) known.second = describe(on, played);
    }
    std::string text;
    for (const auto& [kind, known] : failures)
        text += std::to_string(known.first) + " of this kind; " + known.second + '\n';
    return text;
}

} // namespace orm_model
