#include "wharf/io/workers.hpp"

#include <system_error>
#include <utility>

namespace wharf::io {

void workers::submit(std::shared_ptr<job> work) {
    std::shared_ptr<job> own; // no thread can be started: the caller's does the work
    {
        const std::lock_guard lock(mutex_);
        if (stopped_) return;
        waiting_.push_back(std::move(work));
        if (idle_ < waiting_.size() && threads_.size() < maximum_) {
            try {
                threads_.emplace_back([this] { serve(); });
            } catch (const std::system_error&) {
                if (threads_.empty()) {
                    own = std::move(waiting_.back());
                    waiting_.pop_back();
                }
            }
        }
    }
    if (own) {
        own->run();
    } else {
        work_or_stop_.notify_one();
    }
}

void workers::stop() noexcept {
    std::deque<std::shared_ptr<job>> dropped;
    std::vector<std::thread> threads;
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        dropped.swap(waiting_);
        threads.swap(threads_);
    }
    work_or_stop_.notify_all();
    for (auto& thread : threads)
        thread.join();
}

void workers::serve() noexcept {
    std::unique_lock lock(mutex_);
    for (;;) {
        ++idle_;
        work_or_stop_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
        --idle_;
        if (stopped_) return;
        auto work = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        work->run();
        work.reset(); // before the lock: what a job owns may take time to destroy
        lock.lock();
    }
}

} // namespace wharf::io
