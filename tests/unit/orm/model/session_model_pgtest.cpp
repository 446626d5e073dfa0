// Random sequences of all that a session can do, against a model of it: README.md.
#include "support/backends.hpp"
#include "support/chances.hpp"
#include "unit/orm/model/driver.hpp"

#include <gtest/gtest.h>

namespace {

using namespace orm_model;

void expect_model(stage& on, int share, int shares, int usual) {
    const auto sequences = wharf::test::chances("WHARF_TEST_MODEL", usual) / shares;
    run_options options;
    options.first_seed = 1 + share * 1'000'000;
    options.sequences = sequences;
    options.families = families(on.is_postgres());
    if (options.families.empty()) GTEST_SKIP() << "all families of steps are switched off";
    const auto failure = run_model(on, options);
    EXPECT_TRUE(failure.empty()) << failure;
    std::cout << sequences << " sequences from seed " << options.first_seed << '\n';
}

// Several tests, so that they run beside each other.
constexpr int shares = 4;

class session_model : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(share, session_model, testing::Range(0, shares), testing::PrintToStringParamName());

TEST_P(session_model, sequences_on_sqlite_leave_what_the_model_says) {
    const wharf::test::on_sqlite database;
    stage on(database.url() + "?synchronous=off", false);
    expect_model(on, GetParam(), shares, 4000);
}

TEST_P(session_model, sequences_on_postgres_leave_what_the_model_says) {
    const wharf::test::on_postgres database;
    stage on(database.url(), true);
    expect_model(on, GetParam(), shares, 200);
}

} // namespace
