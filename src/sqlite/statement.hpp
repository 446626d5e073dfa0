// A prepared statement and what is known of it.
#pragma once

#include "sqlite/parameter_uses.hpp"
#include "wharf/row/parameters.hpp"
#include "wharf/row/result.hpp"

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace wharf::sqlite {

/// One thread at a time, as its connection.
class statement {
public:
    statement() = default;
    /// Takes over `prepared` and reads its placeholders. Throws database_error for placeholders other than $n.
    statement(sqlite3_stmt* prepared, std::string_view sql, bool changes_session);

    /// False: the text was empty.
    explicit operator bool() const noexcept { return handle_ != nullptr; }
    [[nodiscard]] sqlite3_stmt* handle() const noexcept { return handle_.get(); }
    /// Whether it needs the write gate.
    [[nodiscard]] bool writes() const noexcept { return writes_; }
    /// Whether it leaves something that the next borrower of the connection would feel: settings, temporary tables.
    [[nodiscard]] bool changes_session() const noexcept { return changes_session_; }

    /// Binds all values, which must live until clear(). Throws database_error where their number does not fit,
    /// conversion_error where SQLite cannot keep a value.
    void bind(const parameters* values, std::string_view sql);
    /// The next row: SQLITE_ROW, SQLITE_DONE or an error.
    [[nodiscard]] int step() noexcept;
    /// The columns. Right after the first step(), which notices changes of the tables.
    [[nodiscard]] const std::shared_ptr<const result_shape>& shape();
    /// Ends the execution and lets go of the values.
    void clear() noexcept;

private:
    /// Refuses what SQLite would take for something else, and PostgreSQL refuses.
    void check(std::size_t index, const cell_view& value);
    struct finalize {
        void operator()(sqlite3_stmt* prepared) const noexcept;
    };

    std::unique_ptr<sqlite3_stmt, finalize> handle_{};
    std::vector<std::uint32_t> numbers_{};        // of the placeholders, in SQLite's order
    std::uint32_t highest_{0};                    // of numbers_
    std::vector<parameter_use> uses_{};           // of its placeholders; empty until a value makes it ask
    std::shared_ptr<const result_shape> shape_{}; // shared with the results of the statement
    int prepared_count_{0};
    bool writes_{false};
    bool changes_session_{false};
};

/// Prepared statements by text; the one that was used longest ago makes room for a new one.
class statement_cache {
public:
    explicit statement_cache(std::size_t capacity = 128) : capacity_(capacity) {}
    /// Null: not there.
    [[nodiscard]] statement* find(std::string_view sql) noexcept;
    /// Keeps a statement that is not there yet.
    statement& insert(std::string_view sql, statement made);
    void clear() noexcept;

private:
    struct entry {
        std::string sql;
        statement prepared;
    };
    std::size_t capacity_;
    std::list<entry> by_use_{};                                                  // the last used one first
    std::unordered_map<std::string_view, std::list<entry>::iterator> by_text_{}; // keys point into by_use_
};

} // namespace wharf::sqlite
