// What an engine's sessions send, for tests: the library's own and those of its users.
//
//   wharf::sql_recorder sql{engine};
//   session.commit();
//   EXPECT_EQ(sql.round_trips(), 2);
//
//   wharf::query_budget budget{engine, 3};        the fourth statement throws budget_exceeded
#pragma once

#include "wharf/orm/engine.hpp"

#include <cstddef>
#include <mutex>
#include <string>
#include <vector>

namespace wharf {

struct recorded_statement {
    std::string text{};
    std::size_t parameters{0};
};

/// Any thread. The engine outlives it.
class sql_recorder final : private orm::statement_watcher {
public:
    template <class Mode>
    explicit sql_recorder(basic_engine<Mode>& of) : sql_recorder(of.core()) {}
    sql_recorder(const sql_recorder&) = delete;
    sql_recorder& operator=(const sql_recorder&) = delete;
    ~sql_recorder() override { engine_->remove_watcher(*this); }

    /// In the order in which they were sent, BEGIN and COMMIT included.
    [[nodiscard]] std::vector<recorded_statement> statements() const;
    [[nodiscard]] std::vector<std::string> sql() const;
    [[nodiscard]] std::size_t statement_count() const;
    /// Waits for a reply with nothing left to send; on SQLite batches.
    [[nodiscard]] std::size_t round_trips() const;
    void clear();

private:
    explicit sql_recorder(std::shared_ptr<orm::engine_core> of) : engine_(std::move(of)) {
        engine_->add_watcher(*this);
    }
    void on_statement(std::string_view sql, std::size_t parameter_count) override;
    void on_round_trip() override;

    std::shared_ptr<orm::engine_core> engine_; // shared with the engine and its sessions
    mutable std::mutex mutex_{};
    std::vector<recorded_statement> statements_{}; // guarded by mutex_
    std::size_t round_trips_{0};                   // guarded by mutex_
};

/// Refuses statements beyond a number, BEGIN and COMMIT and the like not counted.
class query_budget final : private orm::statement_watcher {
public:
    template <class Mode>
    query_budget(basic_engine<Mode>& of, std::size_t most) : query_budget(of.core(), most) {}
    query_budget(const query_budget&) = delete;
    query_budget& operator=(const query_budget&) = delete;
    ~query_budget() override { engine_->remove_watcher(*this); }

private:
    query_budget(std::shared_ptr<orm::engine_core> of, std::size_t most) : engine_(std::move(of)), most_(most) {
        engine_->add_watcher(*this);
    }
    void before_batch(std::span<const batch_item> items) override;

    std::shared_ptr<orm::engine_core> engine_; // shared with the engine and its sessions
    std::size_t most_;
    std::mutex mutex_{};
    std::vector<std::string> sent_{}; // guarded by mutex_
};

} // namespace wharf
