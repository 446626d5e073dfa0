// The steps.
#include "unit/pool/model/play.hpp"

#include "wharf/base/error.hpp"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <random>
#include <sstream>
#include <utility>

namespace wharf::test::pool_model {

using namespace std::chrono_literals;

namespace {

duration one_of(std::initializer_list<duration> choices, unsigned chance) {
    return choices.begin()[chance % choices.size()];
}

long long in_microseconds(duration span) {
    return std::chrono::duration_cast<std::chrono::microseconds>(span).count();
}

} // namespace

pool_options settings_from(unsigned seed) {
    std::minstd_rand random(seed);
    for (int i = 0; i < 5; ++i)
        static_cast<void>(random());
    const auto chance = [&random] { return static_cast<unsigned>(random() >> 4); };
    pool_options made;
    made.max_size = 1 + chance() % 4;
    made.min_size = chance() % (made.max_size + 1);
    made.max_overflow = chance() % 3;
    made.acquire_timeout = one_of({1ms, 50ms, 1s}, chance());
    if (chance() % 4 == 0) made.max_waiting = 1 + chance() % 3;
    made.connect_timeout = one_of({20ms, 200ms}, chance());
    made.max_connecting = 1 + chance() % 4;
    made.idle_timeout = one_of({0ms, 30ms, 1min}, chance());
    made.max_lifetime = one_of({0ms, 60ms, 1min}, chance());
    made.lifetime_jitter = chance() % 2 == 0 ? 0 : 0.5;
    if (chance() % 4 == 0) made.max_uses = 1 + chance() % 3;
    made.order = chance() % 2 == 0 ? pool_order::lifo : pool_order::fifo;
    made.fairness = chance() % 2 == 0 ? pool_fairness::throughput : pool_fairness::fifo;
    made.validate_after_idle = one_of({0ms, 5ms, 1h}, chance());
    made.ping_timeout = 10ms;
    made.clean_up_timeout = 15ms;
    made.close_timeout = 25ms;
    made.fail_fast = chance() % 2 == 0;
    return made;
}

std::string to_text(const pool_options& settings) {
    std::ostringstream text;
    text << "min_size " << *settings.min_size << ", max_size " << settings.max_size << ", max_overflow "
         << settings.max_overflow << ", acquire_timeout " << in_microseconds(settings.acquire_timeout)
         << " us, connect_timeout " << in_microseconds(settings.connect_timeout) << " us, max_connecting "
         << settings.max_connecting << ", idle_timeout " << in_microseconds(settings.idle_timeout)
         << " us, max_lifetime " << in_microseconds(settings.max_lifetime) << " us, max_uses " << settings.max_uses
         << ", validate_after_idle " << in_microseconds(settings.validate_after_idle) << " us, "
         << (settings.order == pool_order::lifo ? "lifo, " : "fifo, ")
         << (settings.fairness == pool_fairness::fifo ? "fair" : "throughput")
         << (settings.fail_fast ? ", fail_fast" : "");
    return text.str();
}

play::play(const pool_options& settings)
    : settings_(settings),
      pool_(std::make_unique<pool_core>(
          database_, [this] { return std::make_shared<virtual_world::background>(world_); }, settings, world_)) {
    database_->undoes_at_once = settings.max_size % 2 == 0;
}

play::~play() {
    for (auto& one : waiting_)
        one.op.destroy();
    for (auto& one : errands_)
        one.op.destroy();
    leases_.clear();
}

void play::run(const step& next) {
    act(next);
    collect();
    check_books();
    check_line();
}

void play::act(const step& next) {
    switch (next.what) {
    case action::acquire:
        return start_acquire(next.how, true);
    case action::acquire_later:
        return start_acquire(next.how, false);
    case action::stopped:
        return start_stopped();
    case action::try_now:
        return try_now();
    case action::release:
        return release(next.to);
    case action::begin:
        return begin_on(next.to);
    case action::use:
        return use(next.to);
    case action::cancel:
    case action::cancel_later:
    case action::destroy:
        return give_up(next);
    case action::connects:
        return set_mood(database_->dials.connect, next.how);
    case action::pings:
        return set_mood(database_->dials.ping, next.how % 4);
    case action::rolls_back:
        return set_mood(database_->dials.roll_back, next.how % 4);
    case action::undoes:
        return set_mood(database_->dials.undo, next.how % 4);
    case action::closes:
        return set_mood(database_->dials.close, next.how % 4);
    case action::dies_idle:
    case action::dies_busy:
    case action::freezes:
    case action::turns_read_only:
        return happen_to_driver(next);
    case action::run_one:
        return world_.run_one(next.to);
    case action::settle:
        return world_.settle();
    case action::time_passes:
        return let_time_pass(next.how, true);
    case action::stalls:
        return let_time_pass(next.how, false);
    case action::open:
        return open();
    case action::close:
        return close();
    case action::drop:
        pool_.reset();
        return;
    }
}

void play::start_acquire(unsigned timeout, bool runs) {
    if (!pool_) return;
    const auto limit = one_of({duration::max(), 0ms, 2ms, 100ms}, timeout);
    const auto now = world_.now();
    const auto span = limit == duration::max() ? settings_.acquire_timeout : limit;
    // Its time begins when it runs first.
    const auto deadline = runs ? deadline_after(now, span) : never;
    waiting_.push_back({world_.start_later(pool_->acquire(), deadline_after(now, limit)), now, now, span, deadline,
                        runs, false, ended()});
    if (runs) world_.settle();
}

void play::start_stopped() {
    if (!pool_) return;
    const auto before = pool_->stats();
    auto op = world_.start_cancelled(pool_->acquire());
    require(op.done(), "an acquire that was stopped before it began waits");
    try {
        static_cast<void>(op.get());
        require(false, "an acquire that was stopped before it began got a connection");
    } catch (const cancelled&) {
        ++told_.cancelled;
    }
    require(pool_->stats().opened + pool_->stats().connecting >= before.opened, "counts go back");
}

void play::try_now() {
    if (!pool_) return;
    auto lent = pool_->try_acquire_now();
    if (!lent) return;
    require(!is_over(), "a closed pool lends");
    ++told_.served;
    check_lent(lent);
    leases_.push_back(std::move(lent));
    check_order({{}, world_.now(), world_.now(), {}, never, false, false, ended()});
}

void play::release(unsigned which) {
    if (leases_.empty()) return;
    const auto at = leases_.begin() + static_cast<std::ptrdiff_t>(which % leases_.size());
    auto lent = std::move(*at);
    leases_.erase(at);
    lent.release();
    ++told_.released;
}

void play::begin_on(unsigned which) {
    if (leases_.empty()) return;
    auto& core = leases_[which % leases_.size()].core();
    if (core.usable() && !core.in_transaction()) core.begin();
    use(which);
}

void play::use(unsigned which) {
    if (leases_.empty()) return;
    auto& lent = leases_[which % leases_.size()];
    if (!lent.core().usable()) return;
    const auto usual = std::exchange(database_->dials.roll_back, dial::ok());
    auto running = world_.start(lent.core().run_one("INSERT", {}));
    database_->dials.roll_back = usual;
    if (!running.done()) return running.destroy(); // it is frozen
    try {
        static_cast<void>(running.get());
    } catch (const connection_error&) {
        // It has died, or another one that should take its place cannot be opened.
    } catch (const database_error& refused) {
        require(refused.sqlstate() == "25006", "a statement was refused for another reason than given");
    }
}

void play::give_up(const step& next) {
    if (waiting_.empty()) return;
    const auto at = std::next(waiting_.begin(), next.to % static_cast<unsigned>(waiting_.size()));
    if (next.what == action::destroy) {
        at->op.destroy();
        waiting_.erase(at);
        ++told_.destroyed;
        return;
    }
    at->cancelled = true;
    at->op.cancel_later();
    if (next.what == action::cancel) world_.settle();
}

void play::set_mood(dial& which, unsigned mood) {
    switch (mood % 8) {
    case 1:
        which = dial::slow(3ms);
        return;
    case 2:
        which = dial::fails(connect_failed("refused"), 1ms);
        return;
    case 3:
        which = dial::never();
        return;
    case 4:
        which = dial::slow(60ms);
        return;
    case 5:
        refused_ = refused_ || &which == &database_->dials.connect;
        which = dial::fails(authentication_failed("password"), 1ms);
        return;
    default:
        which = dial::ok();
    }
}

void play::happen_to_driver(const step& next) {
    if (next.what == action::dies_busy) {
        if (!leases_.empty()) driver_of(leases_[next.to % leases_.size()])->break_it();
        return;
    }
    auto& all = database_->drivers;
    if (all.empty()) return;
    auto* chosen = all[next.to % all.size()];
    if (next.what == action::freezes) return chosen->freeze();
    if (next.what == action::dies_idle) return chosen->ended_by_server();
    const bool says_so = next.how % 4 < 2;
    if (next.how % 2 == 0) return chosen->turn_read_only(says_so);
    for (auto* each : all)
        each->turn_read_only(says_so);
    database_->dials.connect = dial::fails(connect_failed("the session is read-only"), 1ms);
}

void play::let_time_pass(unsigned how_long, bool things_happen) {
    const auto span = one_of({100us, 1ms, 2ms, 7ms, 20ms, 60ms, 300ms}, how_long);
    things_happen ? world_.advance(span) : world_.pass(std::min<duration>(span, 2ms));
}

void play::open() {
    if (!pool_) return;
    errands_.push_back({world_.start(pool_->open()), never, false});
}

void play::close() {
    if (!pool_) return;
    closed_ = true;
    errands_.push_back({world_.start(pool_->close()), deadline_after(world_.now(), settings_.close_timeout), true});
}

} // namespace wharf::test::pool_model
