// What a listener does in the background: it keeps a connection, reads what comes, and does what its callers want.
#include "pool/listener_state.hpp"
#include "pool/messages.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/waits.hpp"

#include <algorithm>
#include <utility>

namespace wharf::detail {
namespace {

// For taking leave of the server when the listener ends.
constexpr duration farewell = std::chrono::seconds(1);

std::string statement_for(std::string_view channel, bool listens) {
    std::string out = listens ? "LISTEN \"" : "UNLISTEN \"";
    for (const char each : channel)
        out.append(each == '"' ? 2 : 1, each);
    return out += '"';
}

std::vector<batch_item> as_items(const std::vector<std::string>& statements) {
    std::vector<batch_item> items(statements.size());
    for (std::size_t i = 0; i < items.size(); ++i) {
        items[i].sql = statements[i];
        items[i].utility = true;
        items[i].end_of_group = true;
    }
    return items;
}

} // namespace

io::op<void> listener_state::work(std::shared_ptr<listener_state> self) {
    std::exception_ptr problem;
    while (!self->stopping()) {
        try {
            co_await self->connect_and_attend();
            problem = nullptr;
        } catch (const cancelled&) {
            co_return; // the background ends
        } catch (const std::exception&) {
            problem = std::current_exception();
        }
        self->lost(problem);
        try {
            co_await self->pause();
        } catch (const cancelled&) {
            co_return;
        }
    }
}

// Returns when the listener is to end; throws when the connection is lost, or none can be made.
io::op<void> listener_state::connect_and_attend() {
    auto opened = co_await connect();
    opened->observe(this);
    co_await restore(*opened);
    connected();
    co_await attend(*opened);
    io::task& self = co_await io::this_task();
    const io::deadline_scope limit(self, deadline_after(clock::now(), farewell));
    co_await opened->close();
}

io::op<std::unique_ptr<driver>> listener_state::connect() {
    io::task& self = co_await io::this_task();
    const io::deadline_scope limit(self, deadline_after(clock::now(), options_.connect_timeout));
    auto opened = co_await database_->connect();
    co_return std::move(opened);
}

// The channels of the connection before.
io::op<void> listener_state::restore(driver& on) {
    std::vector<std::string> statements;
    for (const std::string& channel : channels())
        statements.push_back(statement_for(channel, true));
    auto items = as_items(statements);
    io::task& self = co_await io::this_task();
    const io::deadline_scope limit(self, deadline_after(clock::now(), options_.answer_timeout));
    if (!items.empty()) co_await on.run(items);
    for (const batch_item& item : items)
        if (item.error) std::rethrow_exception(item.error);
}

io::op<void> listener_state::attend(driver& on) {
    for (;;) {
        bell_.clear(); // before looking: what rings later ends the wait
        if (stopping()) co_return;
        co_await apply_changes(on);
        co_await wait_for_server(on);
    }
}

io::op<void> listener_state::apply_changes(driver& on) {
    changes wanted = take_changes();
    if (wanted.empty()) co_return;
    std::vector<std::string> statements;
    for (const auto& each : wanted)
        statements.push_back(statement_for(each->channel, each->listens));
    auto items = as_items(statements);
    io::task& self = co_await io::this_task();
    const io::deadline_scope limit(self, deadline_after(clock::now(), options_.answer_timeout));
    try {
        co_await on.run(items);
    } catch (...) {
        put_back(wanted); // the next connection gets them
        throw;
    }
    settle_changes(wanted, items);
}

io::op<void> listener_state::wait_for_server(driver& on) {
    io::task& self = co_await io::this_task();
    const bool asks = options_.keepalive > duration::zero();
    bool silent = false;
    try {
        time_point until = never;
        if (asks) until = deadline_after(clock::now(), options_.keepalive);
        const io::deadline_scope limit(self, until);
        co_await on.listen(bell_.handle());
    } catch (const timed_out&) {
        silent = true;
    }
    if (!silent) co_return;
    const io::deadline_scope limit(self, deadline_after(clock::now(), options_.answer_timeout));
    co_await on.ping();
}

// Until it is time for another attempt.
io::op<void> listener_state::pause() {
    io::task& self = co_await io::this_task();
    time_point until;
    {
        const guard locked(mutex_);
        until = backoff_.until();
    }
    const io::deadline_scope limit(self, until);
    try {
        while (!stopping() && clock::now() < until) {
            bell_.clear();
            if (!stopping()) co_await io::wait(bell_.handle(), io::interest::read);
        }
    } catch (const timed_out&) {
        co_return;
    }
}

void listener_state::on_notification(const notification_view& arrived) {
    const guard locked(mutex_);
    ++counts_.received;
    if (!queue_.push(arrived)) ++counts_.dropped;
    wake_takers();
}

void listener_state::connected() {
    const guard locked(mutex_);
    backoff_.succeeded();
    hopeless_ = nullptr;
    counts_.connected = true;
    if (counts_.connections++ == 0) return;
    queue_.push_reconnected();
    wake_takers();
}

void listener_state::lost(const std::exception_ptr& problem) {
    changes failed;
    {
        const guard locked(mutex_);
        if (!std::exchange(counts_.connected, false) && problem) ++counts_.connect_failures;
        if (!problem) return;
        backoff_.failed(backoff_.round(), clock::now());
        if (waiting_may_help(problem)) return;
        hopeless_ = problem;
        failed.swap(changes_);
        for (const auto& each : failed) {
            each->error = copy_of(problem);
            each->done = true;
        }
        wake_takers();
    }
    for (const auto& each : failed)
        each->spot->unpark();
}

listener_state::changes listener_state::take_changes() {
    const guard locked(mutex_);
    return std::exchange(changes_, {});
}

void listener_state::settle_changes(const changes& tried, std::span<const batch_item> outcomes) {
    const guard locked(mutex_);
    for (std::size_t i = 0; i < tried.size(); ++i) {
        wanted_change& each = *tried[i];
        each.error = outcomes[i].error;
        each.done = true;
        if (!each.error && each.listens) channels_.insert(each.channel);
        if (!each.error && !each.listens) channels_.erase(each.channel);
        each.spot->unpark();
    }
}

void listener_state::put_back(changes& unsettled) {
    const guard locked(mutex_);
    unsettled.insert(unsettled.end(), changes_.begin(), changes_.end());
    changes_.swap(unsettled);
}

bool listener_state::stopping() const {
    const guard locked(mutex_);
    return stopping_;
}

std::vector<std::string> listener_state::channels() const {
    const guard locked(mutex_);
    return {channels_.begin(), channels_.end()};
}

} // namespace wharf::detail
