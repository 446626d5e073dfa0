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

TEST(workers, stopped__waits_for_what_runs_and_owns_nothing_afterwards) {
    std::latch begun(1);
    std::latch go_on(1);
    std::atomic<bool> ended{false};
    const auto second = std::make_shared<function_job>([] {});
    workers threads(1);
    submit(threads, [&] {
        begun.count_down();
        go_on.wait();
        ended = true;
    });
    threads.submit(second);
    begun.wait();
    std::thread helper([&go_on] { go_on.count_down(); });
    threads.stop();
    EXPECT_TRUE(ended);
    EXPECT_EQ(second.use_count(), 1);
    threads.submit(second);
    EXPECT_EQ(second.use_count(), 1);
    helper.join();
}

} // namespace
