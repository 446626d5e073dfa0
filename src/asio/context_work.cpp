#include "asio/context_work.hpp"

#include <boost/asio/prefer.hpp>
#include <boost/asio/strand.hpp>

namespace wharf::async_detail {
namespace {

using boost::asio::any_io_executor;
using boost::asio::io_context;
using boost::asio::strand;
using boost::asio::thread_pool;

template <class Inner>
bool unwrap(any_io_executor& executor) {
    const auto* wrapped = executor.target<strand<Inner>>();
    if (wrapped == nullptr) return false;
    executor = any_io_executor(wrapped->get_inner_executor());
    return true;
}

any_io_executor own_executor(any_io_executor executor) {
    executor = boost::asio::prefer(executor, boost::asio::execution::outstanding_work.untracked);
    while (unwrap<any_io_executor>(executor) || unwrap<io_context::executor_type>(executor) ||
           unwrap<thread_pool::executor_type>(executor)) {
    }
    return executor;
}

} // namespace

context_work::context_work(const any_io_executor& executor) : executor_(own_executor(executor)) {
    if (const auto* of_io = executor_.target<io_context::executor_type>())
        counter_ = *of_io;
    else if (const auto* of_threads = executor_.target<thread_pool::executor_type>())
        counter_ = *of_threads;
}

void context_work::started() const noexcept {
    if (const auto* of_io = std::get_if<1>(&counter_)) of_io->on_work_started();
    if (const auto* of_threads = std::get_if<2>(&counter_)) of_threads->on_work_started();
}

void context_work::finished() const noexcept {
    if (const auto* of_io = std::get_if<1>(&counter_)) of_io->on_work_finished();
    if (const auto* of_threads = std::get_if<2>(&counter_)) of_threads->on_work_finished();
}

} // namespace wharf::async_detail
