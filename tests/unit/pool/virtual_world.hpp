// A world with a time of its own: runs ops on one thread, and time passes only when a test says so.
#pragma once

#include "io/poll_wait.hpp"
#include "wharf/io/background.hpp"
#include "wharf/io/descriptor.hpp"
#include "wharf/io/op.hpp"
#include "wharf/io/waits.hpp"
#include "wharf/pool/time_source.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace wharf::test {

class virtual_world final : public io::surroundings, public time_source {
    struct entry {
        explicit entry(virtual_world& world) : runner(world) {}
        virtual ~entry() = default;
        io::task runner;
        bool done{false};
        bool destroyed{false};
        const void* owner{nullptr};
    };
    template <class T>
    struct entry_of final : entry {
        using entry::entry;
        ~entry_of() override = default;
        io::outcome<T> out{};
    };

public:
    /// An op that runs in the world.
    template <class T>
    class running {
    public:
        running() = default;
        explicit running(virtual_world& world, std::shared_ptr<entry_of<T>> started)
            : world_(&world), entry_(std::move(started)) {}
        [[nodiscard]] bool done() const { return entry_->done; }
        /// What it yielded; throws what it threw.
        T get() { return entry_->out.take(); }
        void cancel() {
            cancel_later();
            world_->settle();
        }
        /// It is seen when the op runs next.
        void cancel_later() { entry_->runner.cancel(); }
        void destroy() {
            if (auto gone = std::exchange(entry_, nullptr)) world_->remove(gone.get());
            // The frames go with the last pointer, here.
        }

    private:
        virtual_world* world_{nullptr};
        std::shared_ptr<entry_of<T>> entry_{};
    };

    [[nodiscard]] time_point now() const noexcept override { return now_; }
    [[nodiscard]] std::uint32_t seed() const override { return 1; }
    std::shared_ptr<io::parking_spot> make_spot() override {
        struct spot final : io::parking_spot {
            void on_unpark() override {}
        };
        return std::make_shared<spot>();
    }

    /// Starts an op and runs the world as far as it goes without time passing.
    template <class T>
    running<T> start(io::op<T> work, time_point deadline = never) {
        auto made = start_later(std::move(work), deadline);
        settle();
        return made;
    }

    /// Starts an op that is to stop before it has begun.
    template <class T>
    running<T> start_cancelled(io::op<T> work) {
        auto made = start_later(std::move(work));
        made.cancel();
        return made;
    }
    /// Starts an op that runs when the world does.
    template <class T>
    running<T> start_later(io::op<T> work, time_point deadline = never) {
        auto made = add(std::move(work), nullptr);
        made->runner.set_deadline(deadline);
        return running<T>(*this, std::move(made));
    }

    /// Runs what can run now.
    void settle() {
        for (bool moved = true; std::exchange(moved, false);) {
            for (std::size_t i = 0; i < entries_.size(); ++i) {
                const auto current = entries_[i];
                if (!step(*current)) continue;
                moved = true;
                if (current->done) remove(current.get());
            }
        }
    }

    /// Runs one of those that can run now, if there is one.
    void run_one(std::size_t which) {
        std::vector<std::shared_ptr<entry>> ready;
        for (const auto& current : entries_) {
            if (can_run(*current)) ready.push_back(current);
        }
        if (ready.empty()) return;
        const auto chosen = ready[which % ready.size()];
        if (step(*chosen) && chosen->done) remove(chosen.get());
    }
    [[nodiscard]] bool anything_can_run() const {
        return std::any_of(entries_.begin(), entries_.end(), [this](const auto& one) { return can_run(*one); });
    }
    /// How many times an op was run, up to a wait or its end.
    [[nodiscard]] std::size_t runs() const noexcept { return runs_; }

    /// Lets time pass, stopping at every moment at which something is due.
    void advance(duration span) {
        const auto end = now_ + span;
        for (settle(); next_event() <= end; settle())
            now_ = std::max(now_, next_event());
        now_ = end;
        settle();
    }

    /// Lets time pass, and nothing happens.
    void pass(duration span) { now_ += span; }

    /// Lets time pass until nothing is left to happen before `limit` from now.
    template <class T>
    bool run_until_done(running<T>& what, duration limit = std::chrono::hours(1)) {
        const auto end = now_ + limit;
        for (settle(); !what.done() && next_event() <= end; settle())
            now_ = std::max(now_, next_event());
        return what.done();
    }

    [[nodiscard]] std::size_t running_count() const { return entries_.size(); }

    /// What a pool's own work runs on. Ends what is left when it ends.
    class background final : public io::background {
    public:
        explicit background(virtual_world& world) : world_(world) {}
        ~background() override { world_.remove_all_of(this); }
        void spawn(io::op<void> work) override { world_.add(std::move(work), this); }

    private:
        virtual_world& world_;
    };

private:
    template <class T>
    std::shared_ptr<entry_of<T>> add(io::op<T> work, const void* owner) {
        auto made = std::make_shared<entry_of<T>>(*this);
        made->owner = owner;
        std::move(work).start_on(made->runner, made->out);
        entries_.push_back(made);
        return made;
    }

    [[nodiscard]] bool can_run(entry& current) const {
        if (current.done || current.destroyed) return false;
        const auto& pending = current.runner.pending();
        using kind = io::request::kind;
        if (pending.what == kind::none || pending.what == kind::offload) return true;
        return answer(current, pending).has_value();
    }

    bool step(entry& current) {
        if (current.done || current.destroyed) return false;
        auto& pending = current.runner.pending();
        if (pending.what != io::request::kind::none) {
            const auto how = answer(current, pending);
            if (!how) return false;
            current.runner.answer(*how);
        }
        ++runs_;
        const bool alive = !current.destroyed;
        if (alive) current.done = current.runner.pump();
        return true;
    }

    std::optional<io::wake> answer(entry& current, const io::request& pending) const {
        using kind = io::request::kind;
        if (pending.what == kind::park && pending.spot->signalled()) return io::wake::ready;
        if (pending.what == kind::offload) {
            pending.work->run();
            return io::wake::ready;
        }
        if (pending.what == kind::sleep && pending.wake_at <= now_) return io::wake::ready;
        if (pending.what == kind::wait && is_ready(pending)) return io::wake::ready;
        if (current.runner.is_cancelled()) return io::wake::cancelled;
        if (pending.what == kind::yield) return io::wake::ready;
        if (pending.deadline <= now_) return io::wake::timed_out;
        return std::nullopt;
    }

    static bool is_ready(const io::request& pending) {
        pollfd looked_at{pending.target->native(), io::poll_events(pending.want), 0};
        return ::poll(&looked_at, 1, 0) > 0;
    }

    [[nodiscard]] time_point next_event() const {
        auto next = never;
        for (const auto& current : entries_) {
            const auto& pending = current->runner.pending();
            next = std::min(next, pending.deadline);
            if (pending.what == io::request::kind::sleep) next = std::min(next, pending.wake_at);
        }
        return next == never ? never : std::max(next, now_);
    }

    void remove(const entry* gone) {
        const auto at = std::find_if(entries_.begin(), entries_.end(), [gone](auto& e) { return e.get() == gone; });
        if (at == entries_.end()) return;
        const auto keep = *at;
        keep->destroyed = true;
        entries_.erase(at);
    }
    void remove_all_of(const void* owner) {
        std::vector<std::shared_ptr<entry>> gone;
        for (auto& current : entries_) {
            if (current->owner == owner) {
                current->destroyed = true;
                gone.push_back(current);
            }
        }
        std::erase_if(entries_, [owner](auto& e) { return e->owner == owner; });
    }

    std::vector<std::shared_ptr<entry>> entries_{};
    std::size_t runs_{0};
    time_point now_{time_point{} + std::chrono::hours(1000)};
};

} // namespace wharf::test
