// Errors reported by a database server, by SQLSTATE. SQLite's result codes are mapped to the SQLSTATE of the same
// condition, so that code reacts to one class on both backends.
// Source: PostgreSQL documentation, appendix A (error codes) and 55.8 (error and notice message fields).
#pragma once

#include "wharf/base/error.hpp"

#include <exception>
#include <memory>
#include <string>
#include <string_view>

namespace wharf {

/// The fields of an error or notice. A field that was not sent is empty.
struct diagnostic {
    std::string severity{}; ///< not localised: ERROR, FATAL, PANIC, WARNING, NOTICE, DEBUG, INFO, LOG
    std::string sqlstate{}; ///< five characters; empty when the server sent none
    std::string message{};
    std::string detail{};
    std::string hint{};
    int position{0}; ///< of the error in the statement, in characters from 1; 0 when not known
    std::string internal_query{};
    std::string where{};
    std::string schema{};
    std::string table{};
    std::string column{};
    std::string data_type{};
    std::string constraint{};
    std::string file{};
    int line{0};
    std::string routine{};
    std::string statement{}; ///< the SQL text that was running, filled in by wharf
    std::string element{};   ///< of many: which one it was, filled in by wharf: "element 17"
};

/// What a database server (or SQLite) answered to a statement. Copies share their fields.
class database_error : public error {
public:
    explicit database_error(diagnostic fields);

    [[nodiscard]] const diagnostic& fields() const noexcept { return *fields_; }
    [[nodiscard]] std::string_view sqlstate() const noexcept { return fields_->sqlstate; }
    [[nodiscard]] std::string_view message() const noexcept { return fields_->message; }
    /// May quote values, such as those of a key that exists already; so what() does not have it.
    [[nodiscard]] std::string_view detail() const noexcept { return fields_->detail; }
    [[nodiscard]] std::string_view hint() const noexcept { return fields_->hint; }
    [[nodiscard]] std::string_view constraint() const noexcept { return fields_->constraint; }
    [[nodiscard]] std::string_view table() const noexcept { return fields_->table; }
    [[nodiscard]] std::string_view column() const noexcept { return fields_->column; }
    [[nodiscard]] std::string_view statement() const noexcept { return fields_->statement; }
    [[nodiscard]] int position() const noexcept { return fields_->position; }
    /// True for severities FATAL and PANIC: the server has ended the connection.
    [[nodiscard]] bool ends_connection() const noexcept;
    /// True for serialization failures, deadlocks, a lock or connection not available, and a server going down.
    [[nodiscard]] bool is_transient() const noexcept override;

private:
    std::shared_ptr<const diagnostic> fields_; // shared by the copies that exception handling makes
};

// clang-format off
class integrity_violation   : public database_error { public: using database_error::database_error; }; ///< class 23
class unique_violation      : public integrity_violation { public: using integrity_violation::integrity_violation; }; ///< 23505
class foreign_key_violation : public integrity_violation { public: using integrity_violation::integrity_violation; }; ///< 23503
class not_null_violation    : public integrity_violation { public: using integrity_violation::integrity_violation; }; ///< 23502
class check_violation       : public integrity_violation { public: using integrity_violation::integrity_violation; }; ///< 23514
class serialization_failure : public database_error { public: using database_error::database_error; }; ///< 40001
class deadlock_detected     : public database_error { public: using database_error::database_error; }; ///< 40P01
class lock_not_available    : public database_error { public: using database_error::database_error; }; ///< 55P03
class query_canceled        : public database_error { public: using database_error::database_error; }; ///< 57014
class syntax_error          : public database_error { public: using database_error::database_error; }; ///< 42601
class undefined_table       : public database_error { public: using database_error::database_error; }; ///< 42P01
class undefined_column      : public database_error { public: using database_error::database_error; }; ///< 42703
class data_error            : public database_error { public: using database_error::database_error; }; ///< class 22
class transaction_aborted   : public database_error { public: using database_error::database_error; }; ///< 25P02
class too_many_connections  : public database_error { public: using database_error::database_error; }; ///< 53300
// clang-format on

/// Throws the class that belongs to the SQLSTATE in `fields`; database_error itself where there is none.
[[noreturn]] void throw_database_error(diagnostic fields);

/// The same exception, not thrown.
[[nodiscard]] std::exception_ptr make_database_error(diagnostic fields);

} // namespace wharf
