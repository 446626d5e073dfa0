// Acquire and release: alone, and eight threads on four connections that are held for no time at all.
#include "references.hpp"
#include "wharf/io/blocking.hpp"
#include "wharf/io/waits.hpp"
#include "wharf/pool/pool_core.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <list>
#include <memory>
#include <thread>

namespace {

using wharf::io::op;

/// A connection that nothing runs on.
class idle_driver final : public wharf::driver {
public:
    op<void> run(std::span<wharf::batch_item>) override { co_return; }
    void reset_before_next() noexcept override {}
    op<void> ping() override { co_return; }
    op<void> close() override { co_return; }
    [[nodiscard]] wharf::backend kind() const noexcept override { return wharf::backend::sqlite; }
    [[nodiscard]] wharf::transaction_status status() const noexcept override { return wharf::transaction_status::idle; }
    [[nodiscard]] bool usable() const noexcept override { return true; }
    [[nodiscard]] const wharf::driver_counters& counters() const noexcept override { return counters_; }
    void observe(wharf::statement_observer*) noexcept override {}

private:
    wharf::driver_counters counters_{};
};

class idle_connector final : public wharf::connector {
public:
    op<std::unique_ptr<wharf::driver>> connect() override { co_return std::make_unique<idle_driver>(); }
    [[nodiscard]] wharf::backend kind() const noexcept override { return wharf::backend::sqlite; }
    [[nodiscard]] std::string description() const override { return "nothing"; }
};

/// Runs each op until it first waits; that is as far as the pool's own work goes here.
class one_step_background final : public wharf::io::background {
public:
    void spawn(op<void> work) override {
        auto& made = started_.emplace_back();
        std::move(work).start_on(made.runner, made.out);
    }
    void go() {
        for (auto& made : started_)
            static_cast<void>(made.runner.pump());
    }

private:
    struct started {
        wharf::io::outcome<void> out{};
        wharf::io::task runner{wharf::io::detail::blocking_surroundings()};
    };
    std::list<started> started_{};
};

struct opened_pool {
    explicit opened_pool(std::size_t size) {
        wharf::pool_options options;
        options.min_size = options.max_size = size;
        options.max_connecting = size;
        options.fail_fast = false;
        core = std::make_unique<wharf::pool_core>(
            std::make_shared<idle_connector>(), [this] { return background; }, options);
        wharf::io::run(core->open());
        background->go();
    }
    std::shared_ptr<one_step_background> background = std::make_shared<one_step_background>();
    std::unique_ptr<wharf::pool_core> core{};
};

void alone_mutex_reference(benchmark::State& state) {
    wharf::bench::barging_reference reference(4);
    for (auto _ : state) {
        const auto connection = reference.take();
        benchmark::DoNotOptimize(connection);
        reference.put(connection);
    }
}
BENCHMARK(alone_mutex_reference);

void alone_pool(benchmark::State& state) {
    const opened_pool pool(4);
    for (auto _ : state) {
        auto lent = pool.core->try_acquire_now();
        benchmark::DoNotOptimize(lent);
    }
}
BENCHMARK(alone_pool);

template <class Reference>
void contended(benchmark::State& state) {
    static Reference reference(4);
    for (auto _ : state) {
        const auto connection = reference.acquire();
        benchmark::DoNotOptimize(connection);
        reference.release(connection);
    }
}
void contended_barging_reference(benchmark::State& state) {
    contended<wharf::bench::barging_reference>(state);
}
void contended_handing_reference(benchmark::State& state) {
    contended<wharf::bench::handing_reference>(state);
}
BENCHMARK(contended_barging_reference)->Threads(8)->UseRealTime();
BENCHMARK(contended_handing_reference)->Threads(8)->UseRealTime();

void contended_pool(benchmark::State& state) {
    static const opened_pool pool(4);
    for (auto _ : state) {
        auto lent = pool.core->try_acquire_now();
        if (!lent) lent = wharf::io::run(pool.core->acquire());
        benchmark::DoNotOptimize(lent);
    }
}
BENCHMARK(contended_pool)->Threads(8)->UseRealTime();

} // namespace

int main(int argc, char** argv) {
    // A pool has a thread of its own, and with a second thread the C library's locks cost what they cost then.
    const std::jthread another([](const std::stop_token& stop) {
        while (!stop.stop_requested())
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
    });
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
}
