// The write gate: of the connections of one connector, one writes at a time; the others wait in line. SQLite allows
// one writer anyway, but lets the others poll for their turn; here the next in line is woken, in order.
#pragma once

#include "wharf/base/time.hpp"
#include "wharf/io/op.hpp"
#include "wharf/io/request.hpp"

#include <deque>
#include <memory>
#include <mutex>
#include <thread>

namespace wharf::sqlite {

/// Any thread.
class write_gate {
public:
    /// Enters when nobody is inside and nobody waits.
    [[nodiscard]] bool try_enter();
    /// Whoever is inside leaves; the first in line is inside from now on, and unparked.
    void leave();
    /// Whoever is inside does what it does there in this thread; no thread: in none that is known.
    void note_holder(std::thread::id thread);
    /// Whether this thread would wait for itself.
    [[nodiscard]] bool is_held_by(std::thread::id thread) const;
    /// How many wait. For tests.
    [[nodiscard]] std::size_t waiting() const;

    /// A place in line. Destroying it gives up the place, or leaves the gate unless entry was kept.
    class ticket {
    public:
        /// Enters, or stands in line and has `spot` unparked when it is its turn.
        ticket(std::shared_ptr<write_gate> gate, std::shared_ptr<io::parking_spot> spot);
        ticket(const ticket&) = delete;
        ticket& operator=(const ticket&) = delete;
        ~ticket();

        [[nodiscard]] bool entered() const;
        /// Whoever holds the ticket leaves the gate by hand. Precondition: entered().
        void keep() noexcept { kept_ = true; }

    private:
        friend class write_gate;
        std::shared_ptr<write_gate> gate_;       // shared with all connections
        std::shared_ptr<io::parking_spot> spot_; // shared with the op that parks on it
        bool entered_{false};                    // guarded by the gate's mutex
        bool kept_{false};
    };

private:
    mutable std::mutex mutex_;
    std::deque<ticket*> line_; // guarded by mutex_
    std::thread::id holder_{}; // guarded by mutex_
    bool occupied_{false};     // guarded by mutex_
};

/// Waits until it is this op's turn, and stays inside when it returns true; false: `limit` has passed before. Throws
/// timed_out and cancelled.
[[nodiscard]] io::op<bool> enter(std::shared_ptr<write_gate> gate, time_point limit);

} // namespace wharf::sqlite
