// Counts the jobs that may still touch a connection, so that closing it can wait for them.
#pragma once

#include "wharf/io/request.hpp"

#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>

namespace wharf::sqlite {

/// Any thread.
class activity {
public:
    /// Alive as long as a job may run: part of the job itself.
    class token {
    public:
        explicit token(std::shared_ptr<activity> counted) : counted_(std::move(counted)) { counted_->begin(); }
        token(token&& other) noexcept = default;
        token& operator=(token&&) = delete;
        ~token() {
            if (counted_) counted_->end();
        }

    private:
        std::shared_ptr<activity> counted_; // shared with the connection and the other jobs
    };

    /// True when no job is left; else `spot` is unparked when the last one has ended.
    [[nodiscard]] bool settled_or_notify(std::shared_ptr<io::parking_spot> spot) {
        const std::lock_guard lock(mutex_);
        if (jobs_ == 0) return true;
        closer_ = std::move(spot);
        return false;
    }

private:
    void begin() {
        const std::lock_guard lock(mutex_);
        ++jobs_;
    }
    void end() noexcept {
        std::shared_ptr<io::parking_spot> closer;
        {
            const std::lock_guard lock(mutex_);
            if (--jobs_ == 0) closer = std::exchange(closer_, nullptr);
        }
        if (closer) closer->unpark();
    }

    std::mutex mutex_;
    std::size_t jobs_{0};                      // guarded by mutex_
    std::shared_ptr<io::parking_spot> closer_; // guarded by mutex_; shared with the op that closes
};

} // namespace wharf::sqlite
