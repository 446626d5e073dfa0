#include "wharf/io/blocking.hpp"

#include "io/futex_spot.hpp"
#include "io/poll_wait.hpp"
#include "wharf/io/descriptor.hpp"

#include <sys/eventfd.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <unistd.h>

namespace wharf::io::detail {
namespace {

class thread_surroundings final : public surroundings {
public:
    std::shared_ptr<parking_spot> make_spot() override { return std::make_shared<futex_spot>(); }
};

/// Serves the requests of one task on the calling thread. The eventfd that lets a stop request interrupt poll(2) is
/// made at the first wait that needs it.
class thread_runner {
public:
    thread_runner(task& running, const std::stop_token& stop) : task_(running), stop_(stop) {}
    thread_runner(const thread_runner&) = delete;
    thread_runner& operator=(const thread_runner&) = delete;

    void run() {
        while (!pump())
            task_.answer(serve(task_.pending()));
    }

private:
    bool pump() {
        if (stop_.stop_requested()) task_.cancel();
        return task_.pump();
    }

    wake serve(request& what) {
        switch (what.what) {
        case request::kind::wait:
            return poll(what.target->native(), poll_events(what.want), what.deadline);
        case request::kind::sleep:
            return sleep(what);
        case request::kind::park:
            return park(what);
        case request::kind::offload:
            what.work->run();
            return wake::ready;
        case request::kind::yield:
            return look_up(what.deadline);
        case request::kind::none:
            break;
        }
        return wake::ready;
    }

    [[nodiscard]] wake look_up(time_point deadline) const noexcept {
        if (stop_.stop_requested()) return wake::cancelled;
        return deadline != never && clock::now() >= deadline ? wake::timed_out : wake::ready;
    }

    wake sleep(const request& what) {
        const bool in_time = what.wake_at <= what.deadline;
        const auto how = poll(-1, 0, in_time ? what.wake_at : what.deadline);
        return how == wake::timed_out && in_time ? wake::ready : how;
    }

    wake poll(int target, short events, time_point deadline) {
        std::array<pollfd, 2> entries{pollfd{target, events, 0}, pollfd{-1, POLLIN, 0}};
        if (stop_.stop_possible()) entries[1].fd = stop_event();
        if (poll_until(entries, deadline) == 0) return wake::timed_out;
        return entries[1].revents != 0 ? wake::cancelled : wake::ready;
    }

    wake park(const request& what) {
        auto& spot = static_cast<futex_spot&>(*what.spot);
        bool woken = false;
        if (stop_.stop_possible()) {
            const std::stop_callback on_stop(stop_, [&spot] { spot.interrupt(); });
            woken = spot.wait_until(what.deadline);
        } else {
            woken = spot.wait_until(what.deadline);
        }
        if (spot.signalled()) return wake::ready;
        return woken ? wake::cancelled : wake::timed_out;
    }

    int stop_event() {
        if (!event_.is_open()) {
            event_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
            on_stop_.emplace(stop_, signal{event_.native()});
        }
        return event_.native();
    }

    struct signal {
        int event;
        void operator()() const noexcept {
            const std::uint64_t one = 1;
            static_cast<void>(!::write(event, &one, sizeof one));
        }
    };

    task& task_;
    const std::stop_token& stop_;
    descriptor event_{};
    std::optional<std::stop_callback<signal>> on_stop_{};
};

} // namespace

surroundings& blocking_surroundings() noexcept {
    static thread_surroundings only;
    return only;
}

void run_blocking(task& runner, const call_options& options) {
    runner.set_deadline(options.deadline());
    runner.set_limit(options.limit());
    runner.set_when_given_up(options.cancellation());
    thread_runner(runner, options.stop()).run();
}

} // namespace wharf::io::detail
