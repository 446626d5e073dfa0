// What a listener's callers do: they leave what they want, and wait.
#include "pool/listener_state.hpp"
#include "pool/messages.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/waits.hpp"

#include <algorithm>
#include <random>
#include <utility>

namespace wharf::detail {
namespace {

// NAMEDATALEN - 1: the server would cut a longer name in LISTEN, and refuse it in pg_notify().
constexpr std::size_t longest_channel = 63;

void check_channel(const std::string& channel) {
    if (channel.empty() || channel.size() > longest_channel)
        throw usage_error("the name of a channel has 1 to 63 bytes");
    if (channel.find('\0') != std::string::npos) throw usage_error("the name of a channel holds a NUL byte");
}

} // namespace

/// A place among those who wait in next(), for as long as its frame lives.
class listener_state::waiting_taker {
public:
    waiting_taker(listener_state& from, std::shared_ptr<io::parking_spot> spot) : from_(from), spot_(std::move(spot)) {}
    waiting_taker(const waiting_taker&) = delete;
    waiting_taker& operator=(const waiting_taker&) = delete;
    /// Another waits perhaps for what this one was woken for.
    ~waiting_taker() {
        const guard locked(from_.mutex_);
        std::erase(from_.takers_, spot_);
        if (!from_.queue_.empty()) from_.wake_takers();
    }

    /// Takes the oldest event; else enters the line.
    [[nodiscard]] bool take(listener_event& out) {
        const guard locked(from_.mutex_);
        if (!from_.queue_.empty()) {
            out = from_.queue_.pop();
            return true;
        }
        from_.throw_if_hopeless();
        from_.takers_.push_back(spot_);
        return false;
    }

private:
    listener_state& from_;
    std::shared_ptr<io::parking_spot> spot_; // shared with the work
};

listener_state::listener_state(std::shared_ptr<connector> database, const listener_options& options)
    : database_(std::move(database)), options_(options), queue_(options.max_queued, options.max_queued_bytes),
      backoff_(std::random_device()()) {}

io::op<void> listener_state::change(std::shared_ptr<listener_state> self, io::background& background,
                                    std::string channel, bool listens) {
    require_process(self->process_, "listener");
    check_channel(channel);
    auto wanted = std::make_shared<wanted_change>();
    wanted->channel = std::move(channel);
    wanted->listens = listens;
    wanted->spot = co_await io::make_parking_spot();
    {
        const guard locked(self->mutex_);
        self->throw_if_hopeless();
        self->changes_.push_back(wanted);
    }
    self->start(self, background);
    self->bell_.ring();
    const io::wake how = co_await io::park(wanted->spot);
    const guard locked(self->mutex_);
    if (!wanted->done) io::detail::throw_unless_ready(how);
    if (wanted->error) std::rethrow_exception(wanted->error);
}

io::op<listener_event> listener_state::next(std::shared_ptr<listener_state> self, io::background& background) {
    require_process(self->process_, "listener");
    self->start(self, background);
    for (;;) {
        auto spot = co_await io::make_parking_spot();
        waiting_taker place(*self, spot);
        listener_event out;
        if (place.take(out)) co_return std::move(out);
        const io::wake how = co_await io::park(spot);
        if (how == io::wake::ready) continue;
        if (place.take(out)) co_return std::move(out); // it came at the last moment
        io::detail::throw_unless_ready(how);
    }
}

void listener_state::start(const std::shared_ptr<listener_state>& self, io::background& background) {
    {
        const guard locked(mutex_);
        if (std::exchange(started_, true)) return;
    }
    background.spawn(work(self));
}

void listener_state::throw_if_hopeless() const {
    if (stopping_) throw cancelled("the listener has ended");
    if (hopeless_) std::rethrow_exception(copy_of(hopeless_));
}

listener_stats listener_state::stats() const {
    const guard locked(mutex_);
    listener_stats out = counts_;
    out.channels = channels_.size();
    out.queued = queue_.size();
    return out;
}

void listener_state::stop() noexcept {
    changes left;
    {
        const guard locked(mutex_);
        stopping_ = true;
        left.swap(changes_);
        for (const auto& each : left) {
            each->error = std::make_exception_ptr(cancelled("the listener has ended"));
            each->done = true;
        }
        wake_takers();
    }
    for (const auto& each : left)
        each->spot->unpark();
    bell_.ring();
}

void listener_state::wake_takers() noexcept {
    for (const auto& spot : std::exchange(takers_, {}))
        spot->unpark();
}

} // namespace wharf::detail
