// What sessions of one engine share: its pool, and whoever watches its statements.
#pragma once

#include "wharf/connection/driver.hpp"
#include "wharf/connection/transaction_options.hpp"
#include "wharf/pool/pool_core.hpp"

#include <atomic>
#include <cstddef>
#include <mutex>
#include <span>
#include <vector>

namespace wharf::orm {

/// Watches statements, and may refuse them before they are sent.
class statement_watcher : public statement_observer {
public:
    /// Throws to refuse a batch.
    virtual void before_batch(std::span<const batch_item> items) { static_cast<void>(items); }
};

struct class_descriptor;

/// Any thread. Its sessions and watchers have a share in it, but should not outlive its engine.
class engine_core {
public:
    explicit engine_core(pool_core& connections) noexcept : pool_(&connections), kind_(connections.database().kind()) {}
    engine_core(const engine_core&) = delete;
    engine_core& operator=(const engine_core&) = delete;

    /// Throws usage_error when the engine has gone.
    [[nodiscard]] pool_core& pool() const;
    [[nodiscard]] backend kind() const noexcept { return kind_; }
    /// The engine goes, and its pool with it.
    void end() noexcept { pool_.store(nullptr, std::memory_order_release); }

    /// The isolation level of transactions that ask for none, once a connection has told; server_default: not known.
    [[nodiscard]] isolation default_isolation() const noexcept {
        return default_isolation_.load(std::memory_order_relaxed);
    }
    void set_default_isolation(isolation told) noexcept { default_isolation_.store(told, std::memory_order_relaxed); }

    void add_watcher(statement_watcher& watcher);
    void remove_watcher(statement_watcher& watcher) noexcept;
    [[nodiscard]] bool is_watched() const noexcept { return watched_.load(std::memory_order_acquire); }
    /// Passes on what a connection does.
    [[nodiscard]] statement_observer& observer() noexcept { return fan_; }
    void before_batch(std::span<const batch_item> items);

    /// Whether the keys of a class come from a sequence, as far as it is known.
    [[nodiscard]] bool may_have_sequence(const class_descriptor& type) const;
    void has_no_sequence(const class_descriptor& type);

private:
    class fan final : public statement_observer {
    public:
        explicit fan(engine_core& of) noexcept : of_(of) {}
        void on_statement(std::string_view sql, std::size_t parameter_count) override;
        void on_round_trip() override;
        void on_notice(const diagnostic& notice) override;
        void on_parameter_change(std::string_view name, std::string_view value) override;
        void on_notification(const notification_view& arrived) override;

    private:
        engine_core& of_;
    };

    std::atomic<pool_core*> pool_; // null: has gone
    const backend kind_;
    mutable std::mutex mutex_{};
    std::vector<statement_watcher*> watchers_{};              // guarded by mutex_
    std::vector<const class_descriptor*> without_sequence_{}; // the same
    std::atomic<bool> watched_{false};
    std::atomic<isolation> default_isolation_{isolation::server_default};
    fan fan_{*this};
};

} // namespace wharf::orm
