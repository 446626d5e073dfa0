// Opening connections.
#include "pool/pool_state.hpp"
#include "pool/watching.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/waits.hpp"

#include <algorithm>
#include <utility>

namespace wharf::detail {
namespace {

/// A connect that ran out of time says so in its own words.
std::exception_ptr explained(std::exception_ptr error, const connector& database, duration limit) {
    try {
        std::rethrow_exception(error);
    } catch (const timed_out&) {
        return std::make_exception_ptr(connect_failed("no connection to " + database.description() + " within " +
                                                      in_words(limit) + " (connect_timeout)"));
    } catch (...) {
        return error;
    }
}

} // namespace

connect_claim::~connect_claim() {
    if (pool_) pool_->connect_abandoned(attempt_);
}

std::size_t pool_state::floor() const noexcept {
    if (!filling_) return 0;
    return std::max<std::size_t>(*options_.min_size, openers_ != 0 ? 1 : 0);
}

duration pool_state::late_connect() noexcept {
    const auto usual = usual_connect_.of(counts_.connect_time, counts_.opened);
    if (!usual) return std::min<duration>(options_.connect_timeout / 2, std::chrono::seconds(1));
    return std::max<duration>(2 * *usual, std::chrono::milliseconds(10));
}

growth pool_state::growth_by_demand(time_point now) noexcept {
    demand seen;
    seen.young = connects_.young();
    if (line_.size() <= idle_.size() + seen.young) return {};
    seen.waiting = line_.size() - idle_.size();
    seen.out = counts_.lent + counts_.cleaning;
    seen.usual_hold = usual_hold_.of(counts_.usage_time, counts_.released);
    seen.usual_connect = usual_connect_.of(counts_.connect_time, counts_.opened).value_or(duration::zero());
    const auto quiet_since = std::max(line_.oldest()->since, last_served_);
    seen.quiet = std::max(now - quiet_since, duration::zero());
    auto out = growth_for(seen);
    if (out.ask_again != duration::max()) growth_due_ = deadline_after(quiet_since, out.ask_again);
    return out;
}

void pool_state::grow(effects& todo) {
    growth_due_ = never;
    if (closed_ || total() >= limit_) return;
    const auto open = slots_.size() - retirement_.awaiting();
    if (line_.size() <= idle_.size() && floor() <= open) return;
    const auto moment = now();
    const auto late = late_connect();
    connects_.look(moment, late);
    const auto young = connects_.young();
    const auto filled = open + counts_.connecting; // nobody waits for the floor: late ones may still come
    const auto ahead = floor() > filled ? floor() - filled : 0;
    auto count = std::max(ahead, growth_by_demand(moment).count);
    growth_due_ = std::min(growth_due_, connects_.next_late(late));
    if (count != 0 && backoff_.failing() && moment < backoff_.until()) {
        count = 0;
        growth_due_ = std::min(growth_due_, backoff_.until());
    }
    if (count != 0 && connects_.hanging() != 0) {
        // The server seems to hang: one more now and then, in case it does so no longer.
        const auto next = connects_.last_began() + late * static_cast<duration::rep>(connects_.hanging());
        count = moment < next ? 0 : 1;
        if (count == 0) growth_due_ = std::min(growth_due_, next);
    }
    const auto at_once = backoff_.failing() ? 1 : options_.max_connecting;
    count = std::min({count, limit_ - total(), at_once > young ? at_once - young : 0});
    for (; count != 0; --count) {
        ++counts_.connecting;
        todo.connect.emplace_back(shared_from_this(), connects_.begin(moment), backoff_.round());
    }
    growth_due_ = std::min(growth_due_, connects_.next_late(late));
    wake_upkeep_for(growth_due_, todo);
}

io::op<void> pool_state::open_one(connect_claim claim) {
    auto& pool = claim.pool();
    const auto began = pool.now();
    std::unique_ptr<driver> opened;
    std::exception_ptr error;
    try {
        auto& running = co_await io::this_task();
        const io::deadline_scope limit(running, deadline_after(began, pool.options_.connect_timeout));
        opened = co_await pool.database_->connect();
    } catch (...) {
        error = std::current_exception();
    }
    const auto round = claim.round();
    const auto attempt = claim.attempt();
    const auto keep = claim.settle();
    if (!error) {
        try {
            pool.connected(std::move(opened), attempt, began);
        } catch (...) {
            error = std::current_exception();
        }
    }
    if (error) pool.connect_failed(std::move(error), attempt, round);
}

void pool_state::connected(std::unique_ptr<driver> opened, connects::handle attempt, time_point began) {
    if (options_.cancellation) opened->when_given_up(*options_.cancellation);
    auto slot = std::make_shared<pool_slot>(shared_from_this(), database_, std::move(opened));
    if (options_.observer != nullptr) slot->core.observe_always(options_.observer);
    const auto moment = now();
    slot->looked_at = moment;
    bool first_watched = false;
    effects todo;
    {
        const guard locked(mutex_);
        slots_.push_back(slot);
        slot->index = slots_.size() - 1;
        first_watched = watch(*slot);
        if (options_.max_lifetime > duration::zero()) {
            const auto life = 1 - options_.lifetime_jitter * backoff_.fraction();
            slot->retire_at = deadline_after(moment, std::chrono::duration_cast<duration>(
                                                         std::chrono::duration<double>(options_.max_lifetime).count() *
                                                         life * std::chrono::seconds(1)));
        }
        retirement_.add(*slot);
        connect_ended(attempt);
        connects_.succeeded();
        ++counts_.opened;
        counts_.connect_time += moment - began;
        last_connect_error_ = nullptr;
        last_connect_text_.clear();
        backoff_.succeeded();
        place(*slot, moment, todo);
        close_one_retired(todo);
        grow(todo);
        wake_upkeep_for(next_need(moment), todo);
        if (is_open()) notify_watchers(todo);
    }
    slot.reset();
    perform(todo);
    if (first_watched) spawn(watch_idle(shared_from_this()));
}

void pool_state::connect_failed(std::exception_ptr error, connects::handle attempt, std::uint64_t round) noexcept {
    error = explained(std::move(error), *database_, options_.connect_timeout);
    auto text = text_of(error);
    effects todo;
    {
        const auto moment = now();
        const guard locked(mutex_);
        connect_ended(attempt);
        ++counts_.connect_failures;
        last_connect_error_ = std::move(error);
        last_connect_text_ = std::move(text);
        backoff_.failed(round, moment);
        const bool some_may_come_back = counts_.lent + counts_.cleaning + idle_.size() != 0;
        if (!some_may_come_back && !waiting_may_help(last_connect_error_)) fail_waiters(last_connect_error_, todo);
        grow(todo);
        notify_watchers(todo);
    }
    perform(todo);
}

void pool_state::connect_abandoned(connects::handle attempt) noexcept {
    const guard locked(mutex_);
    connect_ended(attempt);
}

void pool_state::connect_ended(connects::handle attempt) noexcept {
    connects_.end(attempt);
    --counts_.connecting;
}

/// While it lasts, the pool has at least one connection opened.
class pool_opener {
public:
    explicit pool_opener(pool_state& pool) : pool_(pool) {
        const pool_state::guard locked(pool_.mutex_);
        ++pool_.openers_;
        failures_before_ = pool_.counts_.connect_failures;
    }
    pool_opener(const pool_opener&) = delete;
    pool_opener& operator=(const pool_opener&) = delete;
    ~pool_opener() {
        const pool_state::guard locked(pool_.mutex_);
        --pool_.openers_;
    }

    void begin() {
        pool_state::effects todo;
        {
            const pool_state::guard locked(pool_.mutex_);
            pool_.grow(todo);
        }
        pool_.perform(todo);
    }
    /// Whether it is open. Throws why it cannot be, and else has `spot` unparked at the next change.
    [[nodiscard]] bool look(watching& watch, std::shared_ptr<io::parking_spot> spot) {
        const pool_state::guard locked(pool_.mutex_);
        if (pool_.is_open()) return true;
        if (pool_.closed_) throw pool_closed("the pool was closed before its first connections were open");
        if (pool_.counts_.connect_failures != failures_before_) {
            pool_.filling_ = false;
            pool_.started_.store(false);
            if (pool_.last_connect_error_) std::rethrow_exception(copy_of(pool_.last_connect_error_));
        }
        watch.enter(std::move(spot));
        return false;
    }
    [[nodiscard]] std::string why_not() const {
        const pool_state::guard locked(pool_.mutex_);
        return open_timeout_message(pool_.picture(pool_.now()));
    }

private:
    pool_state& pool_;
    std::uint64_t failures_before_{0};
};

io::op<void> pool_state::open(std::shared_ptr<pool_state> pool) {
    pool_opener opening(*pool);
    pool->start();
    if (!pool->options_.fail_fast) co_return;
    opening.begin();
    watching watch(*pool);
    for (;;) {
        auto spot = co_await io::make_parking_spot();
        const bool done = opening.look(watch, spot);
        if (done) co_return;
        const auto how = co_await io::park(spot);
        if (how == io::wake::timed_out) throw timed_out(opening.why_not());
        if (how == io::wake::cancelled) throw cancelled("opening the pool was cancelled");
    }
}

} // namespace wharf::detail
