// A driver without a database: it keeps what it was given, follows BEGIN, SAVEPOINT, COMMIT and ROLLBACK as PostgreSQL
// does, and fails the statements that the test names.
#pragma once

#include "wharf/base/database_error.hpp"
#include "wharf/base/error.hpp"
#include "wharf/connection/driver.hpp"
#include "wharf/io/waits.hpp"
#include "wharf/row/bytes.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace wharf::test {

/// What a scripted driver does and has done; shared by the test and the driver.
struct script {
    std::vector<std::vector<std::string>> batches{};
    std::map<std::string, std::string> failing{};               ///< statement -> SQLSTATE of its error
    std::map<std::string, std::vector<std::int64_t>> numbers{}; ///< statement -> its rows, of one int8 column
    bool error_fails_transaction{true}; ///< as in PostgreSQL; SQLite's transactions survive an error
    bool refuses_once{false};           ///< the next batch is refused before it begins
    bool lost{false};                   ///< the next batch ends the connection
    bool park_once{false};              ///< the next batch waits for ever
    backend kind{backend::postgres};
};

class scripted_driver : public driver {
public:
    explicit scripted_driver(std::shared_ptr<script> shared) : script_(std::move(shared)) {}

    io::op<void> run(std::span<batch_item> items) override {
        if (std::exchange(script_->refuses_once, false)) throw usage_error("the scripted driver refuses");
        ++counters_.batches;
        usable_ = false;
        if (std::exchange(script_->park_once, false)) {
            auto spot = co_await io::make_parking_spot();
            if (co_await io::park(spot) != io::wake::ready) throw cancelled("the scripted wait was cancelled");
        }
        if (script_->lost) throw connection_lost("the scripted connection is lost");
        auto& batch = script_->batches.emplace_back();
        bool skipping = false;
        for (auto& item : items) {
            batch.push_back(std::string(item.sql) + (item.end_of_group ? ";" : ""));
            run_one(item, skipping);
            if (item.error) skipping = true;
            if (item.end_of_group) skipping = false;
            if (!item.skipped) ++counters_.statements;
        }
        ++counters_.round_trips;
        usable_ = true;
    }

    void reset_before_next() noexcept override { ++resets_; }
    io::op<void> ping() override {
        batch_item item;
        item.sql = "ping";
        co_await scripted_driver::run(std::span(&item, 1));
    }
    io::op<void> close() override {
        usable_ = false;
        co_return;
    }
    [[nodiscard]] backend kind() const noexcept override { return script_->kind; }
    [[nodiscard]] transaction_status status() const noexcept override { return status_; }
    [[nodiscard]] bool usable() const noexcept override { return usable_; }
    [[nodiscard]] const driver_counters& counters() const noexcept override { return counters_; }
    void observe(statement_observer*) noexcept override {}

    [[nodiscard]] int resets() const noexcept { return resets_; }

protected:
    void set_usable(bool usable) noexcept { usable_ = usable; }
    void end_transaction() noexcept { status_ = transaction_status::idle; }

private:
    void run_one(batch_item& item, bool skipping) {
        const auto sql = std::string(item.sql);
        const bool rolls_back = sql.starts_with("ROLLBACK");
        if (skipping) {
            item.skipped = true;
            fail(item, "25P02");
        } else if (auto known = script_->failing.find(sql); known != script_->failing.end()) {
            fail(item, known->second);
            if (status_ == transaction_status::active && script_->error_fails_transaction) {
                status_ = sql == "COMMIT" ? transaction_status::idle : transaction_status::failed;
            }
        } else if (status_ == transaction_status::failed && !rolls_back && sql != "COMMIT") {
            fail(item, "25P02");
        } else if (sql.starts_with("BEGIN") || sql.starts_with("ROLLBACK TO")) {
            status_ = transaction_status::active;
        } else if (rolls_back || sql == "COMMIT") {
            status_ = transaction_status::idle;
        } else if (auto answer = script_->numbers.find(sql); answer != script_->numbers.end()) {
            item.affected = answer->second.size();
            if (item.rows != nullptr) fill(*item.rows, answer->second);
        }
    }
    static void fill(result& rows, const std::vector<std::int64_t>& numbers) {
        auto shape = std::make_shared<result_shape>();
        auto& column = shape->columns.emplace_back();
        column.name = "number";
        column.type = type_oid::int8;
        rows.set_shape(std::move(shape));
        for (const auto number : numbers) {
            auto* body = rows.allocate(14);
            store(body, std::int16_t{1});
            store(body + 2, std::int32_t{8});
            store(body + 6, number);
            rows.add_row(body);
        }
    }
    static void fail(batch_item& item, std::string sqlstate) {
        diagnostic fields;
        fields.severity = "ERROR";
        fields.sqlstate = std::move(sqlstate);
        fields.message = "scripted failure";
        item.error = make_database_error(std::move(fields));
    }

    std::shared_ptr<script> script_; // shared with the test
    transaction_status status_{transaction_status::idle};
    driver_counters counters_{};
    int resets_{0};
    bool usable_{true};
};

} // namespace wharf::test
