// The scope of a session's transaction or savepoint.
//
//   auto tx = session.begin();           sends nothing yet: BEGIN travels with the first statement
//   session.add(User{.name = "Alice"});
//   tx.commit();                         without it, it is rolled back, and the objects are what they were before
#pragma once

#include "wharf/orm/run_as.hpp"

#include <cstdint>
#include <memory>
#include <utility>

namespace wharf {

/// Move-only. Its destructor does not wait: what was not committed is rolled back in front of the session's next
/// statement, or by the pool. Once the level has ended by other means, its members throw usage_error, also
/// when its session has gone.
template <class Mode>
class [[nodiscard("a transaction that is not kept is rolled back at once")]] basic_session_transaction {
public:
    template <class T>
    using result = typename Mode::template result<T>;

    basic_session_transaction(orm::session_core& session, orm::opened_level level)
        : session_(session.shared_from_this()), level_(level) {}
    basic_session_transaction(basic_session_transaction&& other) noexcept
        : session_(std::move(other.session_)), level_(other.level_) {}
    basic_session_transaction& operator=(basic_session_transaction&& other) noexcept {
        if (this != &other) {
            abandon();
            session_ = std::move(other.session_);
            level_ = other.level_;
        }
        return *this;
    }
    ~basic_session_transaction() { abandon(); }

    /// Writes all changes and makes them last (a savepoint: as far as the transaction does).
    result<void> commit(const call_options& options = {}) {
        return orm::run_for<Mode>(session(), session().commit_level(level_), options);
    }
    /// Undoes what happened since the scope began, in the database and in the objects.
    result<void> rollback(const call_options& options = {}) {
        return orm::run_for<Mode>(session(), session().rollback_level(level_), options);
    }

private:
    [[nodiscard]] orm::session_core& session() const {
        if (session_ == nullptr) orm::throw_moved_from();
        return *session_;
    }
    void abandon() noexcept {
        if (session_ != nullptr) session_->abandon_level(level_);
    }

    std::shared_ptr<orm::session_core> session_; // shared with the session; null: moved from
    orm::opened_level level_;
};

} // namespace wharf
