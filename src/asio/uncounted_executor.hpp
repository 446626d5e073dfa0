// An executor whose use does not count as work.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/query.hpp>

#include <utility>

namespace wharf::async_detail {

/// Forwards to another executor, but has no property of outstanding work: an I/O object made with it counts its waits
/// once, in the scheduler, on every kind of context. (With a thread_pool's own executor they would count twice.)
class uncounted_executor {
public:
    /// Not a constructor: it would be looked at whenever one of these is copied, and make any_io_executor ask whether
    /// this is an executor before the answer is known.
    [[nodiscard]] static uncounted_executor over(boost::asio::any_io_executor inner) {
        uncounted_executor made;
        made.inner_ = std::move(inner);
        return made;
    }

    template <class Function>
    void execute(Function&& function) const {
        inner_.execute(std::forward<Function>(function));
    }
    [[nodiscard]] boost::asio::execution_context& query(boost::asio::execution::context_t) const noexcept {
        return boost::asio::query(inner_, boost::asio::execution::context);
    }
    friend bool operator==(const uncounted_executor& a, const uncounted_executor& b) noexcept {
        return a.inner_ == b.inner_;
    }
    friend bool operator!=(const uncounted_executor& a, const uncounted_executor& b) noexcept { return !(a == b); }

private:
    uncounted_executor() = default;

    boost::asio::any_io_executor inner_;
};

} // namespace wharf::async_detail
