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

TEST(workers, as_many_jobs_as_the_maximum__run_at_the_same_time) {
    std::latch all_here(4);
    workers threads(4);
    for (int i = 0; i < 4; ++i)
        submit(threads, [&all_here] { all_here.arrive_and_wait(); });
    all_here.wait();
}

TEST(workers, more_jobs_than_threads__all_run) {
    std::atomic<int> count{0};
    std::latch done(1000);
    workers threads(3);
    for (int i = 0; i < 1000; ++i) {
        submit(threads, [&] {
            ++count;
            done.count_down();
        });
    }
    done.wait();
    EXPECT_EQ(count, 1000);
}

TEST(workers, stopped__drops_what_waits_and_lets_what_runs_end_by_itself) {
    struct shared_state {
        std::latch begun{1};
        std::latch go_on{1};
        std::latch ended{1};
    };
    const auto state = std::make_shared<shared_state>(); // the job outlives the workers, and owns what it uses
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
    std::latch ended(1);
    auto threads = std::make_shared<workers>(1);
    std::latch go_on(1);
    threads->submit(std::make_shared<function_job>([&ended, &go_on, kept = threads]() mutable {
        go_on.wait();
        kept.reset();
        ended.count_down();
    }));
    threads.reset();
    go_on.count_down();
    ended.wait();
}

} // namespace
