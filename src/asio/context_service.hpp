// What wharf keeps with an execution context: its reactor, and the ops that its coroutines await on any reactor.
#pragma once

#include "asio/reactor.hpp"

#include <boost/asio/execution_context.hpp>

#include <memory>
#include <mutex>

namespace wharf::async_detail {

class user_run;

/// One per execution context, destroyed with it. Any thread.
class context_service final : public boost::asio::execution_context::service {
public:
    using key_type = context_service;
    static boost::asio::execution_context::id id;

    explicit context_service(boost::asio::execution_context& owner) : service(owner) {}
    ~context_service() override = default;

    /// The context's service. `likely` is a reactor that may be this context's, which saves looking.
    [[nodiscard]] static context_service& of(boost::asio::execution_context& context, const asio_reactor& likely);

    /// Makes the reactor at the first call.
    [[nodiscard]] std::shared_ptr<asio_reactor> reactor(const boost::asio::any_io_executor& executor);

    void add(user_run& guest) noexcept;
    /// Does nothing after shutdown().
    void remove(user_run& guest) noexcept;

private:
    void shutdown() override;
    user_run* take_first() noexcept;

    std::mutex mutex_;
    std::shared_ptr<asio_reactor> reactor_; // guarded by mutex_, as all that follows; shared as described in its class
    user_run* first_{nullptr};
};

} // namespace wharf::async_detail
