// Between a connection and those who would stop its statements from elsewhere.
#pragma once

#include "wharf/io/request.hpp"

#include <memory>
#include <mutex>

namespace wharf::detail {

/// Lets a request through only while a statement runs for whoever made the canceller, and makes the next statement wait
/// until all requests have arrived: so none hits a statement that it was not meant for. Any thread.
class cancel_gate {
public:
    /// One request on its way. False: there is nothing to stop.
    class pass {
    public:
        explicit pass(std::shared_ptr<cancel_gate> gate) : gate_(std::move(gate)), entered_(gate_->enter()) {}
        pass(const pass&) = delete;
        pass& operator=(const pass&) = delete;
        ~pass() {
            if (entered_) gate_->leave(in_doubt);
        }
        explicit operator bool() const noexcept { return entered_; }

        /// Whether the request may arrive later still, in spite of having been given up.
        bool in_doubt{false};

    private:
        std::shared_ptr<cancel_gate> gate_; // shared with the connection
        bool entered_;
    };

    // The connection.
    void begin() noexcept { set_running(true); }
    void end() noexcept { set_running(false); }
    /// No request gets through from now on.
    void retire() noexcept;
    [[nodiscard]] bool retired() const noexcept;
    /// True when no request is on its way; else `spot` is unparked when the last one has arrived or was given up.
    [[nodiscard]] bool quiet_or_notify(std::shared_ptr<io::parking_spot> spot) noexcept;
    /// No request is on its way, or in doubt.
    [[nodiscard]] bool at_rest() const noexcept;
    /// A request was given up that may still arrive: the connection cannot be used any more.
    [[nodiscard]] bool in_doubt() const noexcept;

    /// Does `stop`, which does not wait, if there is something to stop.
    template <class Function>
    bool stop_running(Function stop) {
        const std::lock_guard lock(mutex_);
        if (!running_ || retired_) return false;
        stop();
        return true;
    }

private:
    void set_running(bool running) noexcept;
    [[nodiscard]] bool enter() noexcept;
    void leave(bool in_doubt) noexcept;

    mutable std::mutex mutex_{};
    bool running_{false};                         // guarded by mutex_, as all that follows
    bool retired_{false};                         //
    bool in_doubt_{false};                        //
    int on_the_way_{0};                           //
    std::shared_ptr<io::parking_spot> waiting_{}; // shared with the op that waits until it is quiet
};

} // namespace wharf::detail
