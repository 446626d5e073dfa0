// A file descriptor and its place in a reactor.
#pragma once

#include <memory>
#include <utility>

namespace wharf::io {

/// The registration of a descriptor with a reactor; destroying it takes the descriptor out. Made at the first wait.
class registration {
public:
    registration() = default;
    registration(const registration&) = delete;
    registration& operator=(const registration&) = delete;
    virtual ~registration() = default;
};

/// Owns an open file descriptor in non-blocking mode. Not movable: a reactor may point at it.
class descriptor {
public:
    descriptor() noexcept = default;
    explicit descriptor(int native) noexcept : native_(native) {}
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    ~descriptor() { reset(); }

    [[nodiscard]] int native() const noexcept { return native_; }
    [[nodiscard]] bool is_open() const noexcept { return native_ >= 0; }

    /// Leaves its reactor, closes what it owned, and owns `native` (-1: nothing).
    void reset(int native = -1) noexcept;
    /// Ends both directions with shutdown(2): a thread that waits on the descriptor sees its end. Any thread.
    void shut_down() noexcept;
    /// Ends the direction away from here: the peer sees the end, and what it still sends arrives.
    void end_writing() noexcept;

    [[nodiscard]] registration* registered() const noexcept { return registration_.get(); }
    void set_registration(std::unique_ptr<registration> made) noexcept { registration_ = std::move(made); }

private:
    std::unique_ptr<registration> registration_{};
    int native_{-1};
};

} // namespace wharf::io
