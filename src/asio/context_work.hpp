// Counting work on an execution context by hand.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <variant>

namespace wharf::async_detail {

/// The outstanding work of the context behind an executor. Asio counts every wait as work, but a reactor that has
/// nothing to do but watch must not keep io_context::run() from returning: it takes its own wait off the count again.
class context_work {
public:
    /// Unwraps strands. For an executor of another kind nothing is counted: there the reactor's wait counts as work.
    explicit context_work(const boost::asio::any_io_executor& executor);

    void started() const noexcept;
    /// May end the context's run(), where nothing else is left.
    void finished() const noexcept;
    /// The context's own executor, without a strand.
    [[nodiscard]] const boost::asio::any_io_executor& executor() const noexcept { return executor_; }

private:
    boost::asio::any_io_executor executor_;
    std::variant<std::monostate, boost::asio::io_context::executor_type, boost::asio::thread_pool::executor_type>
        counter_;
};

} // namespace wharf::async_detail
