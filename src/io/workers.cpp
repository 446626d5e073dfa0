#include "wharf/io/workers.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace wharf::io {

/// Lives until the last of its threads has ended: a job that blocks may outlive the workers by far.
class workers::crew : public std::enable_shared_from_this<crew> {
public:
    explicit crew(std::size_t maximum) noexcept : maximum_(maximum == 0 ? 1 : maximum) {}

    void submit(std::shared_ptr<job> work);
    void stop() noexcept;

private:
    struct worker {
        std::thread thread{};
        bool works{false}; // from the moment at which it takes a job until it looks for the next one
    };

    [[nodiscard]] bool start_thread();
    void serve(worker& self) noexcept;

    const std::size_t maximum_;
    std::mutex mutex_;
    std::condition_variable work_or_stop_;
    std::deque<std::shared_ptr<job>> waiting_; // guarded by mutex_, as all that follows
    std::deque<worker> threads_;
    std::size_t idle_{0};
    bool stopped_{false};
};

bool workers::crew::start_thread() {
    auto& made = threads_.emplace_back();
    try {
        made.thread = std::thread([self = shared_from_this(), &made] { self->serve(made); });
        return true;
    } catch (const std::system_error&) {
        threads_.pop_back();
        return false;
    }
}

void workers::crew::submit(std::shared_ptr<job> work) {
    std::shared_ptr<job> own; // no thread could be started: the caller's does the work
    {
        const std::lock_guard lock(mutex_);
        if (stopped_) return;
        waiting_.push_back(std::move(work));
        const bool wants_thread = idle_ < waiting_.size() && threads_.size() < maximum_;
        if (wants_thread && !start_thread() && threads_.empty()) {
            own = std::move(waiting_.back());
            waiting_.pop_back();
        }
    }
    if (own)
        own->run();
    else
        work_or_stop_.notify_one();
}

void workers::crew::stop() noexcept {
    std::deque<std::shared_ptr<job>> dropped;
    std::vector<std::thread> idle;
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        dropped.swap(waiting_);
        for (auto& each : threads_) {
            if (!each.thread.joinable()) continue;
            if (each.works)
                each.thread.detach();
            else
                idle.push_back(std::move(each.thread));
        }
    }
    work_or_stop_.notify_all();
    for (auto& thread : idle)
        thread.join();
}

void workers::crew::serve(worker& self) noexcept {
    std::unique_lock lock(mutex_);
    for (;;) {
        ++idle_;
        work_or_stop_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
        --idle_;
        if (stopped_) return;
        self.works = true;
        auto work = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        work->run();
        work.reset(); // before the lock: what a job owns may take time to destroy
        lock.lock();
        self.works = false;
    }
}

workers::workers(std::size_t maximum) : crew_(std::make_shared<crew>(maximum)) {}

void workers::submit(std::shared_ptr<job> work) {
    crew_->submit(std::move(work));
}

void workers::stop() noexcept {
    crew_->stop();
}

} // namespace wharf::io
