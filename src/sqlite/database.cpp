#include "sqlite/database.hpp"

#include "sqlite/errors.hpp"
#include "sqlite/keyword.hpp"
#include "wharf/base/error.hpp"

#include <sqlite3.h>

#include <new>
#include <utility>

namespace wharf::sqlite {

bool database::in_transaction() const noexcept {
    return sqlite3_get_autocommit(handle_) == 0;
}

statement& database::prepare(std::string_view& sql) {
    if (auto* cached = statements_.find(sql)) {
        sql = {};
        return *cached;
    }
    if (sql.size() > 1'000'000'000) std::rethrow_exception(make_error("54000", "the statement is too long", ""));
    preparing_session_change_ = false;
    sqlite3_stmt* prepared = nullptr;
    const char* tail = nullptr;
    const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                        &prepared, &tail);
    if (code != SQLITE_OK) std::rethrow_exception(error(code, sql));
    const auto length = static_cast<std::size_t>(tail - sql.data());
    const auto command = sql.substr(0, length);
    const bool whole = is_blank(sql.substr(length));
    statement made(prepared, command, preparing_session_change_);
    if (whole && made) {
        auto& kept = statements_.insert(sql, std::move(made));
        sql = {};
        return kept;
    }
    sql.remove_prefix(length);
    uncached_ = std::move(made);
    return uncached_;
}

void database::execute(const char* sql) {
    const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) std::rethrow_exception(error(code, sql));
}

std::vector<std::vector<std::string>> database::query(const char* sql) {
    std::vector<std::vector<std::string>> rows;
    const auto collect = [](void* out, int columns, char** values, char**) {
        auto& row = static_cast<std::vector<std::vector<std::string>>*>(out)->emplace_back();
        for (int column = 0; column < columns; ++column)
            row.emplace_back(values[column] == nullptr ? "" : values[column]);
        return 0;
    };
    const int code = sqlite3_exec(handle_, sql, collect, &rows, nullptr);
    if (code != SQLITE_OK) std::rethrow_exception(error(code, sql));
    return rows;
}

int database::note_written(const char* table) noexcept {
    if (written_ == nullptr || table == nullptr) return SQLITE_OK;
    try {
        written_->emplace_back(table);
    } catch (const std::bad_alloc&) {
        return SQLITE_DENY;
    }
    return SQLITE_OK;
}

std::vector<std::string> database::tables_written_by(std::string_view sql) {
    std::vector<std::string> tables;
    written_ = &tables;
    sqlite3_stmt* prepared = nullptr;
    sqlite3_prepare_v2(handle_, sql.data(), static_cast<int>(sql.size()), &prepared, nullptr);
    sqlite3_finalize(prepared);
    written_ = nullptr;
    return tables;
}

std::exception_ptr database::error(int code, std::string_view sql) {
    if (is_fatal(code)) broken_ = true;
    return make_error(handle_, code, sql);
}

void database::leave_gate() {
    if (std::exchange(holds_gate_, false)) gate_->leave();
}

bool database::stopped() const noexcept {
    return cancelled_.load(std::memory_order_relaxed) || (deadline_ != never && clock::now() >= deadline_);
}

void database::throw_if_stopped() const {
    if (cancelled_.load(std::memory_order_relaxed)) throw cancelled("the operation was cancelled");
    if (deadline_ != never && clock::now() >= deadline_)
        throw timed_out("the deadline passed before SQLite had run all statements");
}

void database::cancel() noexcept {
    cancelled_ = true;
    interrupt();
}

void database::interrupt() noexcept {
    const std::lock_guard lock(closing_);
    if (handle_ != nullptr) sqlite3_interrupt(handle_);
}

database::~database() {
    shut(false);
}

void database::close() noexcept {
    shut(true);
}

void database::shut(bool write_back) noexcept {
    {
        const std::lock_guard lock(closing_);
        if (handle_ == nullptr) return;
        uncached_ = statement();
        statements_.clear();
        // The first step after an interrupt clears it, or it would keep the log from being written back.
        if (write_back) sqlite3_exec(handle_, "SELECT 1", nullptr, nullptr, nullptr);
        if (!write_back) sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
        sqlite3_progress_handler(handle_, 0, nullptr, nullptr);
        sqlite3_close_v2(std::exchange(handle_, nullptr));
        counted_.reset();
    }
    leave_gate(); // after its transaction is over
}

} // namespace wharf::sqlite
