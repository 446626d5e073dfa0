#include "asio/user_run.hpp"

#include "asio/context_service.hpp"
#include "asio/turn_budget.hpp"
#include "wharf/asio/asynchronous.hpp"
#include "wharf/base/error.hpp"

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/execution.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/require.hpp>

#include <utility>

namespace wharf::async_detail {

namespace execution = boost::asio::execution;

/// What is queued on the coroutine's executor when its op has been woken.
class user_run::resumption {
public:
    resumption(user_run& run, handler on_finish) : run_(&run), handler_(std::move(on_finish)) {}
    void operator()() { run_->go_on(std::move(handler_)); }

private:
    user_run* run_;
    handler handler_;
};

user_run::user_run(std::shared_ptr<asio_reactor> reactor, io::task& running, const call_options& options)
    : waiter(running), reactor_(std::move(reactor)), stop_(options.stop()) {}

user_run::~user_run() {
    on_stop_.reset();
    reactor_->leave(*this); // also waits for a thread that is about to return from posting this
    if (guest_of_ != nullptr) guest_of_->remove(*this);
    if (is_foreign_) reactor_->guest_left();
}

void user_run::start(handler on_finish) {
    const boost::asio::any_io_executor executor = on_finish.get_executor();
    keeps_running_ = boost::asio::prefer(executor, execution::outstanding_work.tracked);
    posting_ = boost::asio::require(executor, execution::blocking.never);
    auto& context = boost::asio::query(executor, execution::context);
    guest_of_ = &context_service::of(context, *reactor_);
    guest_of_->add(*this);
    if (&context != reactor_->context()) {
        is_foreign_ = true;
        reactor_->guest_entered();
    }
    if (auto slot = on_finish.get_cancellation_slot(); slot.is_connected())
        slot.assign([this](boost::asio::cancellation_type) { reactor_->cancel(*this); });
    handler_.emplace(std::move(on_finish));
    if (stop_.stop_possible()) on_stop_.emplace(stop_, canceller{this});
    awaits_turn_ = running().pending().what == io::request::kind::none;
    if (!awaits_turn_ && !reactor_->serve_and_advance(*this)) return;
    // Its turn comes later; or it has finished already, but a handler must not be called where it was handed over. With
    // the mutex, as in schedule().
    const std::lock_guard lock(reactor_->mutex_);
    schedule();
}

void user_run::go_on(handler on_finish) {
    turn_budget::refill();
    handler_.emplace(std::move(on_finish));
    const bool never_begins = std::exchange(awaits_turn_, false) && io::hub::is_cancelled(*this);
    if (!never_begins && !reactor_->advance(*this)) return;
    turn_budget::spend();
    auto finished = std::move(*handler_);
    handler_.reset();
    finished();
}

/// Whoever resumes the coroutine destroys this, but not before it gets the mutex: `posting_` lives through execute().
void user_run::schedule() noexcept {
    auto queued = resumption(*this, std::move(*handler_));
    handler_.reset();
    posting_.execute(std::move(queued));
}

void user_run::drop() noexcept {
    if (!reactor_->leave(*this)) return;
    auto coroutine = std::move(handler_);
    handler_.reset();
}

void end_of_run::operator()(user_run* run) const noexcept {
    delete run;
}

io::surroundings& surroundings_of(io::background& reactor) noexcept {
    return static_cast<asio_reactor&>(reactor);
}

bool begin(io::task& running, const call_options& options) noexcept {
    running.set_deadline(options.deadline());
    running.set_limit(options.limit());
    running.set_when_given_up(options.cancellation());
    if (options.stop().stop_requested()) running.cancel();
    if (turn_budget::is_spent() || !running.pump()) return false;
    turn_budget::spend();
    return true;
}

void require_finished(const io::task& running) {
    if (!running.finished()) throw cancelled("the operation was cancelled before it began");
}

run_handle go_on(io::background& reactor, io::task& running, const call_options& options) {
    auto home = static_cast<asio_reactor&>(reactor).shared_from_this();
    return run_handle(new user_run(std::static_pointer_cast<asio_reactor>(std::move(home)), running, options));
}

namespace {
struct start_run {
    void operator()(user_run::handler on_finish, user_run* run) const { run->start(std::move(on_finish)); }
};
} // namespace

boost::asio::awaitable<void> completion(user_run& run) {
    return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void()>(start_run(),
                                                                                      boost::asio::use_awaitable, &run);
}

} // namespace wharf::async_detail
