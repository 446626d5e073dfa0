// The scope of a session's transaction or savepoint.
//
//   auto tx = session.begin();           sends nothing yet: BEGIN travels with the first statement
//   session.add(User{.name = "Alice"});
//   tx.commit();                         without it, it is rolled back, and the objects are what they were before
#pragma once

#include "wharf/orm/session_core.hpp"

#include <cstdint>
#include <utility>

namespace wharf {

/// Move-only. Its destructor does not wait: what was not committed is rolled back in front of the session's next
/// statement, or by the pool. Once the level has ended by other means, its members throw usage_error. It must not
/// outlive its session.
template <class Mode>
class [[nodiscard("a transaction that is not kept is rolled back at once")]] basic_session_transaction {
public:
    template <class T>
    using result = typename Mode::template result<T>;

    basic_session_transaction(orm::session_core& session, std::size_t level) noexcept
        : session_(&session), level_(level), number_(session.transaction()) {}
    basic_session_transaction(basic_session_transaction&& other) noexcept
        : session_(std::exchange(other.session_, nullptr)), level_(other.level_), number_(other.number_) {}
    basic_session_transaction& operator=(basic_session_transaction&& other) noexcept {
        if (this != &other) {
            abandon();
            session_ = std::exchange(other.session_, nullptr);
            level_ = other.level_;
            number_ = other.number_;
        }
        return *this;
    }
    ~basic_session_transaction() { abandon(); }

    /// Writes all changes and makes them last (a savepoint: as far as the transaction does).
    result<void> commit(const call_options& options = {}) {
        return Mode::run(session_->context(), session_->commit_level(level_, number_), session_->limits(options));
    }
    /// Undoes what happened since the scope began, in the database and in the objects.
    result<void> rollback(const call_options& options = {}) {
        return Mode::run(session_->context(), session_->rollback_level(level_, number_), session_->limits(options));
    }

private:
    void abandon() noexcept {
        if (session_ != nullptr) session_->abandon_level(level_, number_);
    }

    orm::session_core* session_;
    std::size_t level_;
    std::uint64_t number_; // of the transaction it belongs to
};

} // namespace wharf
