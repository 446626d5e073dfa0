// Random sequences of all that can happen to a pool, in virtual time: after each step the books are right, and at the
// end every promise is kept. See README.md.
#include "support/chances.hpp"
#include "unit/orm/model/shrink.hpp"
#include "unit/pool/model/play.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <random>

namespace wharf::test::pool_model {
namespace {

constexpr int usual_sequences = 800;
constexpr int steps_each = 60;
constexpr int most_attempts = 2'000; // to shorten a sequence

std::vector<step> steps_from(unsigned seed) {
    std::mt19937 random(seed);
    std::vector<step> steps;
    for (int i = 0; i < steps_each; ++i) {
        step next{any_action(static_cast<unsigned>(random() >> 1))};
        next.to = static_cast<unsigned>(random() % 8);
        next.how = static_cast<unsigned>(random() % 8);
        steps.push_back(next);
    }
    return steps;
}

/// Empty when every promise was kept.
std::string failure_of(const pool_options& settings, const std::vector<step>& steps) {
    try {
        play in(settings);
        for (const auto& next : steps)
            in.run(next);
        in.end();
    } catch (const std::exception& broken) {
        return broken.what();
    }
    return {};
}

/// Empty when all is well; else seed, settings, the shortest sequence found and what is wrong with it.
std::string try_seed(unsigned seed) {
    const auto settings = settings_from(seed);
    auto steps = steps_from(seed);
    if (failure_of(settings, steps).empty()) return {};
    steps = orm_model::shrink(
        std::move(steps), [&](const auto& fewer) { return !failure_of(settings, fewer).empty(); }, most_attempts);
    return "seed " + std::to_string(seed) + ": " + failure_of(settings, steps) + "\n  WHARF_TEST_POOL_STEPS='" +
           to_text(steps) + "' WHARF_TEST_POOL_SEED=" + std::to_string(seed) + "\n  " + to_text(settings);
}

TEST(pool_model, random_sequences_keep_every_promise) {
    if (const char* known = std::getenv("WHARF_TEST_POOL_STEPS")) {
        const auto seed = static_cast<unsigned>(chances("WHARF_TEST_POOL_SEED", 1));
        EXPECT_EQ(failure_of(settings_from(seed), read_steps(known)), "");
        return;
    }
    const auto first = static_cast<unsigned>(chances("WHARF_TEST_POOL_SEED", 1));
    const auto sequences = static_cast<unsigned>(chances("WHARF_TEST_POOL_MODEL", usual_sequences));
    int failures = 0;
    for (unsigned seed = first; seed < first + sequences && failures < 5; ++seed) {
        const auto failure = try_seed(seed);
        if (failure.empty()) continue;
        ++failures;
        ADD_FAILURE() << failure;
    }
    std::cout << sequences << " sequences from seed " << first << '\n';
}

TEST(pool_model, steps_read_back_from_their_text_are_the_same) {
    const auto steps = steps_from(7);
    EXPECT_EQ(to_text(read_steps(to_text(steps))), to_text(steps));
}

} // namespace
} // namespace wharf::test::pool_model
