#include "wharf/io/workers.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <latch>
#include <utility>

namespace {

using namespace wharf::io;

class function_job final : public job {
public:
    explicit function_job(std::function<void()> function) : function_(std::move(function)) {}
    void run() noexcept override { function_(); }

private:
    std::function<void()> function_;
};

void submit(workers& to, std::function<void()> function) {
    to.submit(std::make_shared<function_job>(std::move(function)));
}

// Jobs outlive the workers, and own what they use: whoever is woken by the last step of a job may be faster than its
// end.

TEST(workers, as_many_jobs_as_the_maximum__run_at_the_same_time) {
    const auto all_here = std::make_shared<std::latch>(4);
    workers threads(4);
    for (int i = 0; i < 4; ++i)
        submit(threads, [all_here] { all_here->arrive_and_wait(); });
    all_here->wait();
}

TEST(workers, more_jobs_than_threads__all_run) {
    struct shared_state {
        std::atomic<int> count{0};
        std::latch done{1000};
    };
    const auto state = std::make_shared<shared_state>();
    workers threads(3);
    for (int i = 0; i < 1000; ++i) {
        submit(threads, [state] {
            ++state->count;
            state->done.count_down();
        });
    }
    state->done.wait();
    EXPECT_EQ(state->count, 1000);
}

TEST(workers, stopped__drops_what_waits_and_lets_what_runs_end_by_itself) {
    struct shared_state {
        std::latch begun{1};
        std::latch go_on{1};
        std::latch ended{1};
    };
    const auto state = std::make_shared<shared_state>();
    const auto second = std::make_shared<function_job>([] {});
    {
        workers threads(1);
        submit(threads, [state] {
            state->begun.count_down();
            state->go_on.wait();
            state->ended.count_down();
        });
        threads.submit(second);
        state->begun.wait();
        threads.stop();
        EXPECT_FALSE(state->ended.try_wait());
        EXPECT_EQ(second.use_count(), 1);
        threads.submit(second);
        EXPECT_EQ(second.use_count(), 1);
    }
    state->go_on.count_down();
    state->ended.wait();
}

TEST(workers, destroyed_by_one_of_their_jobs__thread_does_not_wait_for_itself) {
    struct shared_state {
        std::latch go_on{1};
        std::latch ended{1};
    };
    const auto state = std::make_shared<shared_state>();
    auto threads = std::make_shared<workers>(1);
    threads->submit(std::make_shared<function_job>([state, kept = threads]() mutable {
        state->go_on.wait();
        kept.reset();
        state->ended.count_down();
    }));
    threads.reset();
    state->go_on.count_down();
    state->ended.wait();
}

} // namespace
