// The scope of a transaction or savepoint on a leased connection.
//
//   auto tx = conn.begin();                        sends nothing yet: BEGIN travels with the first statement
//   conn.execute("INSERT ...");
//   tx.commit();                                   without it the transaction is rolled back
#pragma once

#include "wharf/pool/statements.hpp"

#include <utility>

namespace wharf {

/// Move-only. Its destructor sends nothing: what was not committed is rolled back in front of the connection's next
/// statement, or by the pool when the connection comes back. Once the lease has ended, or the level by other means, its
/// members throw usage_error. Used by one thread or coroutine at a time, as its connection.
template <class Mode>
class [[nodiscard("a transaction that is not kept is rolled back at once")]] basic_transaction {
public:
    template <class T>
    using result = typename Mode::template result<T>;

    basic_transaction(basic_transaction&& other) noexcept
        : link_(std::exchange(other.link_, lease_link())), context_(other.context_), which_(other.which_) {}
    basic_transaction& operator=(basic_transaction&& other) noexcept {
        if (this != &other) {
            detail::abandon_level(link_, which_);
            link_ = std::exchange(other.link_, lease_link());
            context_ = other.context_;
            which_ = other.which_;
        }
        return *this;
    }
    ~basic_transaction() { detail::abandon_level(link_, which_); }

    /// Makes it last. Throws the server's error, after which a transaction is over.
    result<void> commit(const call_options& options = {}) {
        return Mode::run(*context_, detail::commit_level(link_.use(), which_), options);
    }
    result<void> rollback(const call_options& options = {}) {
        return Mode::run(*context_, detail::roll_back_level(link_.use(), which_), options);
    }
    /// A level within this one. Sends nothing yet.
    basic_transaction savepoint() { return {link_, *context_, detail::open_savepoint(link_, which_)}; }

private:
    template <class>
    friend class basic_connection;
    basic_transaction(lease_link on, io::background& context, detail::transaction_level which) noexcept
        : link_(std::move(on)), context_(&context), which_(which) {}

    lease_link link_;
    io::background* context_;
    detail::transaction_level which_;
};

} // namespace wharf
