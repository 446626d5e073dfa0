// What must be true after each step, and at the end.
#include "unit/pool/model/play.hpp"

#include "wharf/base/error.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

namespace wharf::test::pool_model {

using namespace std::chrono_literals;

void play::require(bool promise, const std::string& what) const {
    if (promise) return;
    std::ostringstream text;
    text << what;
    if (pool_) {
        const auto now = pool_->stats();
        text << " (idle " << now.idle << ", lent " << now.lent << ", cleaning " << now.cleaning << ", connecting "
             << now.connecting << ", closing " << now.closing << ", waiting " << now.waiting << "; acquired "
             << now.acquired << ", released " << now.released << ", timeouts " << now.timeouts << ", cancelled "
             << now.cancelled << ", rejected " << now.rejected << ", opened " << now.opened << ", closed "
             << now.closed.total() << "; held " << leases_.size() << ", pending " << waiting_.size()
             << "; told: served " << told_.served << ", released " << told_.released << ", timeouts " << told_.timeouts
             << ", cancelled " << told_.cancelled << ", destroyed " << told_.destroyed << ")";
    }
    throw broken_promise(text.str());
}

stub_driver* play::driver_of(const lease& lent) const {
    return dynamic_cast<stub_driver*>(&lent.core().underlying());
}

void play::collect() {
    const bool settled = !world_.anything_can_run();
    for (auto one = waiting_.begin(); one != waiting_.end();) {
        if (settled && !std::exchange(one->has_run, true)) {
            one->in_line_since = world_.now();
            one->deadline = deadline_after(world_.now(), one->limit);
        }
        if (!one->op.done()) {
            ++one;
            continue;
        }
        auto done = std::move(*one);
        one = waiting_.erase(one);
        collect_one(done);
    }
    for (auto one = errands_.begin(); one != errands_.end();) {
        if (one->op.done()) {
            collect_errand(*one);
            one = errands_.erase(one);
        } else {
            ++one;
        }
    }
    if (settled) check_deadlines();
}

void play::collect_one(waiting& done) {
    try {
        auto lent = done.op.get();
        require(static_cast<bool>(lent), "an acquire yields an empty lease");
        ++told_.served;
        check_lent(lent);
        leases_.push_back(std::move(lent));
        check_order(done);
    } catch (const acquire_timeout&) {
        ++told_.timeouts;
        require(world_.now() >= deadline_after(done.since, done.limit),
                "an acquire ran out of time before its deadline");
    } catch (const too_many_waiting&) {
        ++told_.rejected;
    } catch (const cancelled&) {
        ++told_.cancelled;
        require(done.cancelled, "an acquire that nobody cancelled says that it was");
    } catch (const pool_closed&) {
        require(is_over(), "an acquire says that the pool is closed, which it is not");
    } catch (const authentication_failed&) {
        require(refused_, "an acquire is told of a failed login that never was");
    }
}

// With fifo nobody is served before those who came first; with throughput not when the first has waited for a
// millisecond. Who is having its connection checked is not in the line, so that only what no check blurs is looked at.
void play::check_order(const waiting& served) {
    if (!pool_ || pool_->stats().checks != 0 || pool_->stats().closed.check_failed != 0) return;
    const bool strict = settings_.fairness == pool_fairness::fifo;
    std::size_t passed_over = 0;
    for (const auto& other : waiting_) {
        if (other.op.done() || !other.has_run || other.cancelled || other.deadline <= world_.now()) continue;
        const bool came_first = strict ? other.in_line_since < served.since
                                       : served.since == world_.now() && world_.now() - other.in_line_since > 1ms;
        if (came_first) ++passed_over;
    }
    // Some may have been handed a connection, and not noticed yet; or one that was dead, and stand in line again.
    const auto on_their_way = pool_->stats().lent - leases_.size();
    require(passed_over <= on_their_way + (ended() - served.ended),
            strict ? "with fifo, a younger acquire was served before an older one"
                   : "with throughput, a newcomer was served before one that has waited "
                     "for more than a millisecond");
}

void play::collect_errand(errand& done) {
    try {
        done.op.get();
        if (!done.closes && settings_.fail_fast)
            require(pool_ == nullptr || pool_->stats().opened > 0, "open without a connection");
    } catch (const timed_out&) {
        require(done.closes && !leases_.empty(), "it ran out of time although nothing was out");
        for (const auto& lent : leases_)
            require(!lent.core().usable(), "close() left a connection usable beyond its time");
    } catch (const pool_closed&) {
        require(is_over(), "open() says that the pool is closed, which it is not");
    } catch (const connect_failed&) {
        require(!done.closes, "close() says that a connect failed");
    } catch (const authentication_failed&) {
        require(refused_ && !done.closes, "open() is told of a failed login that never was");
    }
}

std::uint64_t play::ended() const {
    const auto now = pool_->stats();
    return now.closing + now.closed.total();
}

void play::check_lent(const lease& lent) const {
    require(driver_of(lent)->is_fit(), "a connection was lent whose server has said that it takes no writes");
}

void play::check_books() {
    if (!pool_) return;
    const auto now = pool_->stats();
    const auto exist = now.idle + now.lent + now.cleaning + now.closing;
    require(now.opened - now.closed.total() == exist, "opened - closed is not what there is");
    require(static_cast<std::size_t>(database_->open.load()) == exist, "the database counts otherwise");
    require(now.total() <= now.limit, "more connections than the limit");
    require(now.lent >= leases_.size(), "fewer lent than are held");
    const auto on_the_way = now.lent - leases_.size(); // handed over and not noticed yet, or being checked
    require(on_the_way <= waiting_.size(), "more lent than are held or on their way");
    require(now.acquired == told_.served + on_the_way, "acquired is not what was served");
    require(now.released == told_.released, "released is not what was given back");
    require(now.timeouts == told_.timeouts, "timeouts is not what was told");
    require(now.rejected == told_.rejected, "rejected is not what was told");
    require(now.cancelled >= told_.cancelled && now.cancelled <= told_.cancelled + told_.destroyed,
            "cancelled is not what was told");
    require(now.waiting <= waiting_.size(), "more wait than have come");
    require(now.peak_lent <= now.limit && now.reused <= now.acquired && now.waited <= now.acquired,
            "counters contradict");
}

void play::check_line() {
    if (!pool_) return;
    const auto now = pool_->stats();
    if (now.idle == 0 || now.waiting == 0) return;
    require(settings_.fairness == pool_fairness::throughput, "with fifo, a connection is idle while somebody waits");
    require(world_.anything_can_run(), "a connection is idle, somebody waits, and nobody is woken");
}

void play::check_deadlines() {
    const auto now = world_.now();
    for (const auto& one : waiting_)
        require(one.op.done() || one.deadline > now, "an acquire waits beyond its deadline");
    for (const auto& one : errands_)
        require(one.deadline > now, "close() goes on beyond its time");
}

void play::heal() {
    database_->dials = {};
    database_->dials.connect = dial::slow(1ms);
    world_.settle();
}

void play::end() {
    heal();
    all_are_served_or_told();
    if (!is_over()) floor_is_filled();
    if (!is_over()) every_place_can_be_had();
    pool_ends();
    nothing_is_left();
    require(world_.runs() < 100'000, "the pool's own work was run " + std::to_string(world_.runs()) + " times");
}

void play::all_are_served_or_told() {
    const auto passes = [this](duration span) {
        world_.advance(span);
        collect();
        check_books();
        check_line();
    };
    // Half of the leases stay out: who waits has time until its deadline, and then the rest comes back.
    for (auto half = leases_.size() / 2; half > 0; --half)
        release(0);
    for (int i = 0; i < 30 && !waiting_.empty(); ++i)
        passes(50ms);
    require(waiting_.empty(), "an acquire is neither served nor told");
    while (!leases_.empty())
        release(0);
    passes(6s); // back-off and clean-up
    require(errands_.empty(), "open() or close() does not end");
    if (!pool_) return;
    const auto now = pool_->stats();
    require(now.lent + now.cleaning + now.waiting == 0, "something is out although nobody has it");
    const bool replaces = settings_.max_lifetime != duration::zero() && settings_.max_lifetime < 1s;
    require(replaces || now.closing + now.connecting == 0, "the pool does not come to rest");
    if (now.total() != now.idle) return;
    for (const auto* each : database_->drivers) {
        require(each->is_fit(), "a connection stays whose server has said that it takes no writes");
        require(!each->awaits_undo() && !each->reset_is_due(), "an idle connection is not reset");
    }
}

void play::floor_is_filled() {
    auto one = world_.start(pool_->acquire()); // it starts a pool whose open() failed, or that was not used
    require(world_.run_until_done(one, settings_.acquire_timeout * 2), "an acquire does not end");
    waiting_.push_back({std::move(one), world_.now(), world_.now(), {}, world_.now(), true, false});
    collect();
    while (!leases_.empty())
        release(0);
    world_.advance(6s);
    const auto now = pool_->stats();
    require(now.idle + now.connecting + now.closing >= *settings_.min_size, "min_size is not filled");
    require(now.idle <= settings_.max_size, "more are idle than max_size");
}

void play::every_place_can_be_had() {
    const auto limit = pool_->stats().limit;
    if (limit > settings_.max_waiting) return;
    for (std::size_t i = 0; i < limit; ++i)
        waiting_.push_back({world_.start(pool_->acquire(), deadline_after(world_.now(), 10s)), world_.now(),
                            world_.now(), 10s, deadline_after(world_.now(), 10s), true, false});
    world_.advance(6s);
    collect();
    check_books();
    require(leases_.size() == limit, "a place of the pool is lost");
    while (!leases_.empty())
        release(0);
    world_.settle();
}

void play::pool_ends() {
    if (!pool_) return;
    auto closing = world_.start(pool_->close());
    closed_ = true;
    require(world_.run_until_done(closing, settings_.close_timeout), "close() does not end");
    closing.get();
    world_.advance(1s);
    const auto now = pool_->stats();
    require(now.total() == 0, "a closed pool has connections");
    require(now.acquired == now.released, "more acquired than released");
    require(now.opened == now.closed.total(), "more opened than closed");
    pool_.reset();
}

void play::nothing_is_left() {
    world_.settle();
    require(database_->open == 0, "a connection outlives the pool and its leases");
    require(world_.running_count() == 0, "work goes on after the end of the pool");
}

} // namespace wharf::test::pool_model
