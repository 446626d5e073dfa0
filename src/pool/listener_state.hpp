// A listener's state, shared by its handle, its work in the background and the calls that wait for that work.
//
// The work owns the connection. Calls never touch it: they leave what they want, ring the bell, and park.
#pragma once

#include "io/bell.hpp"
#include "pool/backoff.hpp"
#include "pool/event_queue.hpp"
#include "pool/fork_watch.hpp"
#include "wharf/connection/driver.hpp"
#include "wharf/io/background.hpp"
#include "wharf/pool/listener_options.hpp"

#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace wharf::detail {

class listener_state final : private statement_observer {
public:
    listener_state(std::shared_ptr<connector> database, const listener_options& options);

    [[nodiscard]] static io::op<void> change(std::shared_ptr<listener_state> self, io::background& background,
                                             std::string channel, bool listens);
    [[nodiscard]] static io::op<listener_event> next(std::shared_ptr<listener_state> self, io::background& background);
    [[nodiscard]] listener_stats stats() const;
    /// Ends the work and whoever waits.
    void stop() noexcept;

private:
    using guard = std::lock_guard<std::mutex>;

    /// A channel to be listened to, or not any more; shared by the call that wants it and the work.
    struct wanted_change {
        std::string channel{};
        bool listens{true};
        std::shared_ptr<io::parking_spot> spot{};
        std::exception_ptr error{};
        bool done{false};
    };
    using changes = std::deque<std::shared_ptr<wanted_change>>;
    class waiting_taker;

    // Calls.
    void start(const std::shared_ptr<listener_state>& self, io::background& background);
    void throw_if_hopeless() const;

    // The work.
    [[nodiscard]] static io::op<void> work(std::shared_ptr<listener_state> self);
    [[nodiscard]] io::op<void> connect_and_attend();
    [[nodiscard]] io::op<std::unique_ptr<driver>> connect();
    [[nodiscard]] io::op<void> restore(driver& on);
    [[nodiscard]] io::op<void> attend(driver& on);
    [[nodiscard]] io::op<void> apply_changes(driver& on);
    [[nodiscard]] io::op<void> wait_for_server(driver& on);
    [[nodiscard]] io::op<void> pause();
    void on_notification(const notification_view& arrived) override;
    void connected();
    void lost(const std::exception_ptr& problem);
    [[nodiscard]] changes take_changes();
    void settle_changes(const changes& tried, std::span<const batch_item> outcomes);
    void put_back(changes& unsettled);
    [[nodiscard]] bool stopping() const;
    [[nodiscard]] std::vector<std::string> channels() const;
    void wake_takers() noexcept;

    const std::uint64_t process_{process_generation()};
    const std::shared_ptr<connector> database_; // shared with nobody but its drivers
    const listener_options options_;
    io::bell bell_{};
    mutable std::mutex mutex_{};
    event_queue queue_;                                       // guarded by mutex_, as all that follows
    std::set<std::string, std::less<>> channels_{};           // that the server has confirmed
    changes changes_{};                                       //
    std::vector<std::shared_ptr<io::parking_spot>> takers_{}; // shared with those who wait in next()
    std::exception_ptr hopeless_{};                           // why waiting for a connection does not help
    backoff backoff_;
    listener_stats counts_{};
    bool started_{false};
    bool stopping_{false};
};

} // namespace wharf::detail
