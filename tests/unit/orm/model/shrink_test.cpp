// The tools of the model: shortening a sequence, and steps as text.
#include "unit/orm/model/play.hpp"
#include "unit/orm/model/shrink.hpp"

#include <gtest/gtest.h>

namespace {

TEST(shrink, only_the_steps_that_are_needed_are_left) {
    std::vector<int> steps(80);
    for (int i = 0; i < 80; ++i)
        steps[static_cast<std::size_t>(i)] = i;
    const auto fails = [](const std::vector<int>& some) {
        const auto has = [&](int step) { return std::find(some.begin(), some.end(), step) != some.end(); };
        return has(3) && has(41) && has(79);
    };
    EXPECT_EQ(orm_model::shrink(steps, fails, 1'000), (std::vector<int>{3, 41, 79}));
}

TEST(shrink, as_many_attempts_as_allowed_are_made) {
    int attempts = 0;
    const auto fails = [&](const std::vector<int>&) {
        ++attempts;
        return false;
    };
    EXPECT_EQ(orm_model::shrink(std::vector<int>(80), fails, 5).size(), 80U);
    EXPECT_EQ(attempts, 5);
}

TEST(steps, text_of_steps_is_read_back) {
    const std::string text = "add 1 0 4 5; set 1 1 3; flush; rollback 4";
    EXPECT_EQ(orm_model::to_text(orm_model::read_steps(text)), text);
    EXPECT_THROW(static_cast<void>(orm_model::read_steps("jump")), std::invalid_argument);
}

} // namespace
