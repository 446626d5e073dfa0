#include "pool/pool_state.hpp"

#include "pool/checked_options.hpp"
#include "pool/fork_watch.hpp"
#include "wharf/base/error.hpp"

#include <algorithm>
#include <utility>

namespace wharf::detail {

pool_state::pool_state(std::shared_ptr<connector> database, pool_core::background_source make_background,
                       const pool_options& options, const time_source& time)
    : database_(std::move(database)), make_background_(std::move(make_background)),
      options_(checked(options, database_->connection_limit())), limit_(options_.max_size + options_.max_overflow),
      time_(time), process_(process_generation()), line_(options_.fairness), backoff_(time.seed()) {}

pool_state::~pool_state() = default;

void pool_state::require_same_process(const char* what) const {
    require_process(process_, what);
}

void pool_state::start() {
    require_same_process();
    if (started_.load(std::memory_order_acquire)) return;
    static_cast<void>(context());
    effects todo;
    bool begin_upkeep = false;
    {
        const guard locked(mutex_);
        if (closed_) throw pool_closed("the pool is closed");
        filling_ = true;
        grow(todo);
        begin_upkeep = !std::exchange(upkeep_runs_, true);
        started_.store(true, std::memory_order_release);
    }
    if (begin_upkeep) spawn(upkeep(shared_from_this()));
    perform(todo);
}

io::background& pool_state::context() {
    if (auto* known = context_.load(std::memory_order_acquire); known != nullptr) return *known;
    require_same_process();
    const std::lock_guard locked(spawning_);
    if (!background_) {
        background_ = make_background_();
        context_.store(background_.get(), std::memory_order_release);
    }
    return *background_;
}

void pool_state::spawn(io::op<void> work) {
    const std::lock_guard locked(spawning_);
    if (background_) background_->spawn(std::move(work));
}

void pool_state::perform(effects& todo) noexcept {
    for (const auto& spot : todo.wake)
        spot->unpark();
    try {
        for (auto& claim : todo.connect)
            spawn(open_one(std::move(claim)));
        for (auto& claim : todo.clean)
            spawn(clean_one(std::move(claim)));
        for (auto& claim : todo.check)
            spawn(check_one(std::move(claim)));
        for (auto& claim : todo.settle)
            spawn(settle_one(std::move(claim)));
        for (auto& claim : todo.close)
            spawn(close_one(std::move(claim)));
    } catch (...) {
        // What cannot be spawned is destroyed, and its claim says so.
    }
}

void pool_state::handle_gone() noexcept {
    if (forked()) return; // the connections, and the thread of the background, are the parent's: nothing is touched
    effects todo;
    std::vector<std::shared_ptr<pool_slot>> ended;
    bool last = false;
    {
        const guard locked(mutex_);
        handle_gone_ = true;
        closed_ = true;
        fail_waiters(std::make_exception_ptr(pool_closed("the pool was destroyed while this acquire waited")), todo);
        notify_watchers(todo);
        if (upkeep_spot_) todo.wake.push_back(std::move(upkeep_spot_));
        if (watch_) watch_->stop();
        while (auto* slot = idle_.front()) {
            take_out(*slot);
            ended.push_back(remove(*slot));
            ++counts_.closed.shut_down;
        }
        last = counts_.lent == 0;
    }
    perform(todo);
    ended.clear();
    if (last) tear_down();
}

void pool_state::tear_down() noexcept {
    std::shared_ptr<io::background> background;
    {
        const std::lock_guard locked(spawning_);
        background = std::move(background_);
    }
    const auto keep = std::move(keep_); // until the background has ended
    background.reset();
}

pool_stats pool_state::stats() const {
    const guard locked(mutex_);
    return snapshot();
}

pool_stats pool_state::snapshot() const {
    auto out = counts_;
    out.idle = idle_.size();
    out.waiting = line_.size();
    out.limit = limit_;
    return out;
}

pool_picture pool_state::picture(time_point now) {
    pool_picture out;
    out.stats = snapshot();
    out.last_connect_error = last_connect_text_;
    if (const auto oldest = connects_.oldest()) out.longest_connect = now - *oldest;
    if (const auto since = holding_since(now)) out.longest_holder = now - *since;
    return out;
}

std::optional<time_point> pool_state::holding_since(time_point now) {
    if (counts_.lent == 0) return std::nullopt;
    // Where many acquires run out of time together, one of them looks through the slots.
    if (now - looked_for_holder_ < std::chrono::milliseconds(1)) return longest_holding_since_;
    looked_for_holder_ = now;
    longest_holding_since_.reset();
    for (const auto& slot : slots_) {
        if (slot->place != slot_place::lent) continue;
        longest_holding_since_ = std::min(longest_holding_since_.value_or(slot->lent_at), slot->lent_at);
    }
    return longest_holding_since_;
}

std::size_t pool_state::total() const noexcept {
    return slots_.size() + counts_.connecting + counts_.closing;
}

void pool_state::served(const waiter& who, time_point now) noexcept {
    const auto waited = std::max(now - who.since, duration::zero());
    ++counts_.waited;
    counts_.wait_time += waited;
    counts_.longest_wait = std::max(counts_.longest_wait, waited);
    last_served_ = now;
}

void pool_state::hand_over(waiter& to, pool_slot& slot, time_point now, effects& todo) {
    todo.wake.push_back(to.spot);
    line_.leave(to);
    lend(slot, now);
    served(to, now);
    to.slot = &slot;
    to.state.store(waiter_state::assigned, std::memory_order_release);
}

void pool_state::serve_line(time_point now, effects& todo) {
    while (!line_.empty() && !idle_.empty() && line_.hands_over(now)) {
        auto* slot = take_good_idle(now, todo);
        if (slot == nullptr) break;
        hand_over(*line_.oldest(), *slot, now, todo);
    }
    while (auto* next = line_.next_to_wake(idle_.size()))
        todo.wake.push_back(next->spot);
}

bool pool_state::others_come_first() const noexcept {
    return !line_.empty() && line_.hands_over(time_.now());
}

pool_slot* pool_state::take_good_idle(time_point now, effects& todo) {
    while (!idle_.empty()) {
        auto& slot = *(options_.order == pool_order::lifo ? idle_.back() : idle_.front());
        take_out(slot);
        if (!slot.core.usable()) {
            begin_closing(slot, &pool_closures::broken, todo);
        } else if (slot.retire_at <= now) {
            begin_closing(slot, &pool_closures::lifetime, todo);
        } else {
            return &slot;
        }
    }
    return nullptr;
}

void pool_state::place(pool_slot& slot, time_point now, effects& todo) {
    if (closed_) {
        begin_closing(slot, &pool_closures::shut_down, todo);
    } else if (slot.hung_up) {
        begin_closing(slot, &pool_closures::check_failed, todo);
    } else if (!slot.core.underlying().is_fit()) {
        begin_closing(slot, &pool_closures::unfit, todo);
    } else if (slot.retire_at <= now) {
        begin_closing(slot, &pool_closures::lifetime, todo);
    } else if (options_.max_uses != 0 && slot.uses >= options_.max_uses) {
        begin_closing(slot, &pool_closures::uses, todo);
    } else if (slots_.size() > options_.max_size) {
        if (line_.empty()) return begin_closing(slot, &pool_closures::overflow, todo);
        slot.idle_since = now;
        hand_over(*line_.oldest(), slot, now, todo);
        serve_line(now, todo); // it may have been woken for another one, which is there for the next
    } else {
        make_idle(slot, now);
        if (!line_.empty()) serve_line(this->now(), todo);
    }
}

void pool_state::take_out(pool_slot& slot) noexcept {
    leave_idle(slot);
    retirement_.keep(slot);
}

std::shared_ptr<pool_slot> pool_state::remove(pool_slot& slot) noexcept {
    retirement_.remove(slot);
    watched_.erase(slot.watched_as);
    auto out = std::move(slots_[slot.index]);
    if (slot.index + 1 != slots_.size()) {
        slots_[slot.index] = std::move(slots_.back());
        slots_[slot.index]->index = slot.index;
    }
    slots_.pop_back();
    return out;
}

void pool_state::begin_closing(pool_slot& slot, std::uint64_t pool_closures::* reason, effects& todo) {
    slot.place = slot_place::closing;
    ++counts_.closing;
    todo.close.emplace_back(shared_from_this(), remove(slot), reason);
    grow(todo);
}

void pool_state::fail_waiters(const std::exception_ptr& error, effects& todo) {
    while (auto* oldest = line_.oldest()) {
        todo.wake.push_back(oldest->spot);
        line_.leave(*oldest);
        oldest->error = copy_of(error);
        oldest->state.store(waiter_state::failed, std::memory_order_release);
    }
}

void pool_state::notify_watchers(effects& todo) {
    while (auto* next = watchers_.front()) {
        todo.wake.push_back(next->spot);
        watchers_.erase(*next);
        next->listed = false;
    }
}

} // namespace wharf::detail
