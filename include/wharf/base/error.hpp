// The root of wharf's exceptions, and those that do not come from a database server.
//
//   error
//     usage_error            the caller broke a rule: null_entity, not_loaded, detached, concurrent_use, ...
//     configuration_error    a URL or a setting that cannot work
//     timed_out              a deadline passed;          acquire_timeout: while waiting for a connection
//     cancelled              a stop_token or cancellation slot asked for it
//     connection_error       connection_lost, connect_failed, authentication_failed, protocol_violation,
//                            commit_outcome_unknown
//     pool_closed, too_many_waiting
//     no_result, multiple_results, conversion_error
//     database_error         what a server said; see database_error.hpp
//
// No message contains a password or a parameter value; errors about a row name its key.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace wharf {

/// The root of every exception that wharf throws on its own account.
class error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
    /// The message, and behind it what was noted.
    [[nodiscard]] const char* what() const noexcept override {
        return noted_ == nullptr ? std::runtime_error::what() : noted_->c_str();
    }
    /// Says what the error happened in, for what() of this exception and of copies made from here on.
    void add_note(std::string_view note);
    /// Whether the same work, tried again from the start of its transaction, may succeed.
    [[nodiscard]] virtual bool is_transient() const noexcept { return false; }

private:
    std::shared_ptr<const std::string> noted_{}; // shared by the copies that exception handling makes
};

/// The caller broke a rule of the interface; the message names the rule.
class usage_error : public error {
public:
    using error::error;
};

/// Two threads or two coroutines used one connection or session at the same time.
class concurrent_use : public usage_error {
public:
    using usage_error::usage_error;
};

/// A URL, option or mapping that cannot work; the message names the setting and its value.
class configuration_error : public error {
public:
    using error::error;
};

/// A deadline passed.
class timed_out : public error {
public:
    using error::error;
};

/// No connection became free within `acquire_timeout`; the message describes the pool at that moment.
class acquire_timeout : public timed_out {
public:
    using timed_out::timed_out;
};

/// As many acquires as `max_waiting` allows were waiting for a connection already, so one more did not wait at all; the
/// message describes the pool at that moment.
class too_many_waiting : public error {
public:
    using error::error;
};

/// The operation was cancelled by its caller.
class cancelled : public error {
public:
    using error::error;
};

/// The pool was closed before or while a connection was waited for.
class pool_closed : public error {
public:
    using error::error;
};

/// Something is wrong with a connection rather than with a statement. The connection is not used again.
class connection_error : public error {
public:
    using error::error;
};

/// No connection could be made. Transient: the server may come back; not where waiting cannot mend what is wrong, such
/// as a folder that is missing.
class connect_failed : public connection_error {
public:
    explicit connect_failed(const std::string& what, bool transient = true)
        : connection_error(what), transient_(transient) {}
    [[nodiscard]] bool is_transient() const noexcept override { return transient_; }

private:
    bool transient_;
};

/// The server refused the credentials, or failed to prove its own identity.
class authentication_failed : public connection_error {
public:
    using connection_error::connection_error;
};

/// An established connection ended. Transient: on a new connection the work may succeed.
class connection_lost : public connection_error {
public:
    using connection_error::connection_error;
    [[nodiscard]] bool is_transient() const noexcept override { return true; }
};

/// The peer sent bytes that its protocol does not allow.
class protocol_violation : public connection_error {
public:
    using connection_error::connection_error;
};

/// The connection ended between COMMIT and its reply: the transaction may or may not have been committed.
class commit_outcome_unknown : public connection_error {
public:
    using connection_error::connection_error;
};

/// A query that must return a row returned none.
class no_result : public error {
public:
    using error::error;
};

/// A query that must return one row returned several.
class multiple_results : public error {
public:
    using error::error;
};

/// A value does not fit the type it was to be converted to; the message names column, value's type and target.
class conversion_error : public error {
public:
    using error::error;
};

} // namespace wharf
