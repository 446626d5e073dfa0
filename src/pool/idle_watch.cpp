#include "pool/idle_watch.hpp"

#include "pool/pool_state.hpp"
#include "wharf/io/waits.hpp"

#include <cerrno>
#include <system_error>

namespace wharf::detail {
namespace {

constexpr std::uint64_t bell_number = 0; // those of slots begin at 1

void register_in(int set, int native, std::uint32_t events, std::uint64_t number) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = number;
    if (::epoll_ctl(set, EPOLL_CTL_ADD, native, &event) != 0)
        throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

} // namespace

idle_watch::idle_watch() : set_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (!set_.is_open()) throw std::system_error(errno, std::generic_category(), "epoll_create1");
    register_in(set_.native(), bell_.handle().native(), EPOLLIN, bell_number);
}

void idle_watch::add(const io::descriptor& socket, std::uint64_t number) noexcept {
    try {
        register_in(set_.native(), socket.native(), EPOLLRDHUP | EPOLLET, number);
    } catch (const std::system_error&) {
        return;
    }
}

std::span<const std::uint64_t> idle_watch::take() noexcept {
    const int count = ::epoll_wait(set_.native(), events_.data(), static_cast<int>(events_.size()), 0);
    std::size_t taken = 0;
    for (int i = 0; i < count; ++i) {
        const std::uint64_t number = events_[static_cast<std::size_t>(i)].data.u64;
        if (number != bell_number) numbers_[taken++] = number;
    }
    return std::span(numbers_).first(taken);
}

// Without a set, borrowers and checks see the ends.
bool pool_state::watch(pool_slot& slot) noexcept {
    const auto* const socket = slot.core.underlying().socket();
    if (socket == nullptr || closed_) return false;
    bool first = false;
    try {
        first = watch_ == nullptr;
        if (first) watch_ = std::make_unique<idle_watch>();
        watched_.emplace(last_watched_ + 1, &slot);
    } catch (const std::exception&) {
        return false;
    }
    slot.watched_as = ++last_watched_;
    watch_->add(*socket, slot.watched_as);
    return first;
}

io::op<void> pool_state::watch_idle(std::shared_ptr<pool_state> pool) {
    try {
        bool goes_on = true;
        while (goes_on) {
            co_await io::wait(pool->watch_->handle(), io::interest::read);
            goes_on = pool->take_hang_ups();
        }
    } catch (const std::exception&) {
        // The background ends.
    }
}

bool pool_state::take_hang_ups() {
    effects todo;
    {
        const guard locked(mutex_);
        if (closed_) return false;
        for (const std::uint64_t number : watch_->take()) {
            const auto found = watched_.find(number);
            if (found == watched_.end()) continue;
            auto& slot = *found->second;
            slot.hung_up = true; // seen when it comes back, where somebody has it
            if (slot.place != slot_place::idle) continue;
            take_out(slot);
            begin_closing(slot, &pool_closures::check_failed, todo);
        }
    }
    perform(todo);
    return true;
}

} // namespace wharf::detail
