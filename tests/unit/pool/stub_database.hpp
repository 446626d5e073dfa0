// A database with dials: connecting, pinging, rolling back and closing may each work, fail, take their time, or never
// end.
#pragma once

#include "unit/connection/scripted_driver.hpp"
#include "unit/pool/virtual_world.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <exception>
#include <memory>
#include <random>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace wharf::test {

struct dial {
    enum class setting { ok, error, slow, never } how{setting::ok};
    duration delay{};
    std::exception_ptr error{};

    static dial ok() { return {}; }
    static dial slow(duration delay) { return {setting::slow, delay, {}}; }
    static dial never() { return {setting::never, {}, {}}; }
    template <class Error>
    static dial fails(Error error, duration delay = {}) {
        return {setting::error, delay, std::make_exception_ptr(std::move(error))};
    }
};

class stub_driver;

struct stub_dials {
    dial connect{};
    dial ping{};
    dial roll_back{}; ///< and every other statement
    dial close{};
    dial undo{}; ///< of what is undone at once, and of a reset by itself
};

class stub_database final : public connector {
public:
    explicit stub_database(const time_source& time) : time_(time) {}

    stub_dials dials{};
    /// From threads: what happens is left to chance, and each driver keeps what it was given to itself.
    bool chaos{false};
    bool sockets{false}; ///< drivers have one, whose other side ended_by_server() closes
    std::size_t limit{0};
    std::shared_ptr<script> rules = std::make_shared<script>();

    std::vector<stub_driver*> drivers{}; ///< that exist, but for those of chaos
    std::atomic<int> connects{0};        ///< begun
    std::atomic<int> open{0};            ///< drivers that exist
    std::atomic<int> peak_open{0};
    std::atomic<int> pings{0};
    std::atomic<int> looks{0};
    std::atomic<int> closes{0};       ///< by close(), to the end
    std::atomic<int> resets{0};       ///< asked for in front of the next batch
    std::atomic<int> undone{0};       ///< sessions, at once
    std::atomic<int> resets_alone{0}; ///< with nothing behind them
    bool undoes_at_once{false};
    std::atomic<int> terminations{0};

    io::op<std::unique_ptr<driver>> connect() override;
    [[nodiscard]] backend kind() const noexcept override { return rules->kind; }
    [[nodiscard]] std::string description() const override { return "a stub"; }
    [[nodiscard]] std::size_t connection_limit() const noexcept override { return limit; }

    static io::op<void> act(const time_source& time, dial what) {
        if (what.delay > duration::zero()) {
            const auto until = time.now() + what.delay;
            co_await io::sleep_until(until);
        }
        if (what.how == dial::setting::error) std::rethrow_exception(what.error);
        if (what.how != dial::setting::never) co_return;
        auto spot = co_await io::make_parking_spot();
        const auto how = co_await io::park(spot);
        if (how == io::wake::timed_out) throw timed_out("the deadline passed before the operation was complete");
        throw cancelled("the operation was cancelled");
    }

    [[nodiscard]] const time_source& time() const noexcept { return time_; }
    [[nodiscard]] dial setting(const dial& fixed) const {
        if (!chaos) return fixed;
        static std::atomic<unsigned> seeds{0};
        thread_local std::minstd_rand random(++seeds);
        const auto chance = random() % 100;
        if (chance < 4) return dial::fails(connection_lost("by chance"));
        if (chance < 8) return dial::slow(std::chrono::microseconds(random() % 3000));
        if (chance < 9) return dial::never();
        return dial::ok();
    }

private:
    const time_source& time_;
};

class stub_driver final : public scripted_driver {
public:
    explicit stub_driver(stub_database& database)
        : scripted_driver(database.chaos ? std::make_shared<script>() : database.rules), database_(database),
          number_(++database.connects) {
        if (!database_.chaos) database_.drivers.push_back(this);
        if (database_.sockets) open_socket();
        const int open = ++database_.open;
        for (int peak = database_.peak_open; open > peak && !database_.peak_open.compare_exchange_weak(peak, open);) {
        }
    }
    ~stub_driver() override {
        if (!database_.chaos) std::erase(database_.drivers, this);
        --database_.open;
    }

    [[nodiscard]] int number() const noexcept { return number_; }
    void break_it() noexcept { set_usable(false); }
    /// Seen when the driver is looked at.
    void ended_by_server() noexcept {
        ended_ = true;
        server_.reset();
    }
    [[nodiscard]] const io::descriptor* socket() const noexcept override {
        return socket_.is_open() ? &socket_ : nullptr;
    }
    /// It does not answer any more.
    void freeze() noexcept { frozen_ = true; }
    /// From now on it takes no writes: it says so with its next answer, or refuses the next INSERT.
    void turn_read_only(bool says_so) noexcept {
        read_only_ = true;
        says_so_ = says_so;
    }
    bool is_fit() const noexcept override { return !known_read_only_; }

    bool still_open() noexcept override {
        ++database_.looks;
        if (ended_) set_usable(false);
        if (awaits_undo_ && undo_.how != dial::setting::never && database_.time().now() >= undo_at_) {
            awaits_undo_ = false;
            answered();
            if (undo_.how == dial::setting::error) set_usable(false);
        }
        return usable();
    }

    io::op<void> run(std::span<batch_item> items) override {
        set_usable(false);
        if (awaits_undo_) co_await take_undo();
        if (items.empty()) {
            co_await stub_database::act(database_.time(), setting(database_.dials.undo));
            ++database_.resets_alone;
            answered();
            set_usable(true);
        }
        reset_due_ = false;
        if (items.empty()) co_return;
        if (items.front().utility) co_await stub_database::act(database_.time(), setting(database_.dials.roll_back));
        co_await scripted_driver::run(items);
        answered();
        if (!read_only_ || items.back().sql != "INSERT") co_return;
        known_read_only_ = true;
        diagnostic refused;
        refused.sqlstate = "25006";
        items.back().error = make_database_error(std::move(refused));
    }
    io::op<void> ping() override {
        ++database_.pings;
        set_usable(false);
        if (awaits_undo_) co_await take_undo();
        co_await stub_database::act(database_.time(), setting(database_.dials.ping));
        answered();
        set_usable(true);
    }
    io::op<void> close() override {
        set_usable(false);
        co_await stub_database::act(database_.time(), setting(database_.dials.close));
        ++database_.closes;
    }
    void terminate() noexcept override {
        ++database_.terminations;
        set_usable(false);
    }
    void reset_before_next() noexcept override {
        ++database_.resets;
        reset_due_ = true;
    }
    bool reset_is_due() const noexcept override { return reset_due_; }
    bool undo_now(undo how) noexcept override {
        if (!database_.undoes_at_once) return false;
        end_transaction();
        if (how == undo::session) ++database_.undone;
        undo_ = setting(database_.dials.undo);
        undo_at_ = database_.time().now() + undo_.delay;
        awaits_undo_ = true;
        return true;
    }
    bool awaits_undo() const noexcept override { return awaits_undo_; }

private:
    void open_socket() {
        int ends[2];
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
            throw std::system_error(errno, std::generic_category(), "socketpair");
        socket_.reset(ends[0]);
        server_.reset(ends[1]);
    }
    void answered() noexcept { known_read_only_ = known_read_only_ || (read_only_ && says_so_); }
    [[nodiscard]] dial setting(const dial& usual) const {
        if (frozen_) return dial::never();
        if (ended_) return dial::fails(connection_lost("ended by the server"));
        return database_.setting(usual);
    }

    io::op<void> take_undo() {
        dial rest = undo_;
        rest.delay = std::max(undo_at_ - database_.time().now(), duration::zero());
        co_await stub_database::act(database_.time(), rest);
        awaits_undo_ = false;
    }

    stub_database& database_;
    int number_;
    dial undo_{};
    time_point undo_at_{};
    bool awaits_undo_{false};
    bool reset_due_{false};
    io::descriptor socket_{};
    io::descriptor server_{}; // its other side
    bool ended_{false};
    bool frozen_{false};
    bool read_only_{false};
    bool says_so_{false};
    bool known_read_only_{false};
};

inline io::op<std::unique_ptr<driver>> stub_database::connect() {
    co_await act(time_, setting(dials.connect));
    co_return std::make_unique<stub_driver>(*this);
}

} // namespace wharf::test
