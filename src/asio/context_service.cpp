#include "asio/context_service.hpp"

#include "asio/user_run.hpp"
#include "wharf/asio/reactor.hpp"

#include <boost/asio/query.hpp>

#include <utility>

namespace wharf {

std::shared_ptr<io::background> reactor_of(const boost::asio::any_io_executor& executor) {
    auto& context = boost::asio::query(executor, boost::asio::execution::context);
    return boost::asio::use_service<async_detail::context_service>(context).reactor(executor);
}

} // namespace wharf

namespace wharf::async_detail {

boost::asio::execution_context::id context_service::id;

context_service& context_service::of(boost::asio::execution_context& context, const asio_reactor& likely) {
    if (&context == likely.context()) return likely.service();
    return boost::asio::use_service<context_service>(context);
}

std::shared_ptr<asio_reactor> context_service::reactor(const boost::asio::any_io_executor& executor) {
    const std::lock_guard lock(mutex_);
    if (!reactor_) reactor_ = std::make_shared<asio_reactor>(executor, *this);
    return reactor_;
}

void context_service::add(user_run& guest) noexcept {
    const std::lock_guard lock(mutex_);
    guest.next_ = std::exchange(first_, &guest);
    if (guest.next_ != nullptr) guest.next_->previous_ = &guest;
}

void context_service::remove(user_run& guest) noexcept {
    const std::lock_guard lock(mutex_);
    if (first_ != &guest && guest.previous_ == nullptr) return; // taken by shutdown()
    (guest.previous_ != nullptr ? guest.previous_->next_ : first_) = guest.next_;
    if (guest.next_ != nullptr) guest.next_->previous_ = guest.previous_;
}

user_run* context_service::take_first() noexcept {
    const std::lock_guard lock(mutex_);
    auto* guest = first_;
    if (guest == nullptr) return nullptr;
    first_ = std::exchange(guest->next_, nullptr);
    if (first_ != nullptr) first_->previous_ = nullptr;
    return guest;
}

void context_service::shutdown() {
    // Dropping a coroutine may destroy others and what they wait for: the list is looked at anew each time.
    while (auto* guest = take_first())
        guest->drop();
    if (reactor_) reactor_->shut_down();
    reactor_.reset();
}

} // namespace wharf::async_detail
