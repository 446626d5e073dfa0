#include "asio/epoll_set.hpp"

#include "asio/reactor.hpp"

#include <sys/timerfd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>

namespace wharf::async_detail {
namespace {

void control(int set, int what, int native, std::uint32_t events, void* tag) {
    epoll_event event{};
    event.events = events | EPOLLET;
    event.data.ptr = tag;
    if (::epoll_ctl(set, what, native, &event) != 0)
        throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

constexpr std::uint32_t reading = EPOLLIN | EPOLLRDHUP;

} // namespace

watched::watched(std::shared_ptr<asio_reactor> home, int native) : home_(std::move(home)), native_(native) {
    control(home_->epoll_native(), EPOLL_CTL_ADD, native_, reading, this);
}

watched::~watched() {
    home_->remove(native_);
}

bool watched::take(io::interest want) noexcept {
    const bool readable = want != io::interest::write && (readable_ || read_ended_);
    const bool writable = want != io::interest::read && (writable_ || write_ended_);
    if (readable) readable_ = false;
    if (writable) writable_ = false;
    return readable || writable;
}

void watched::watch_for(io::interest want) {
    const bool writing = want != io::interest::read;
    if (writing == watches_writing_) return;
    // The change reports again what is ready, so that nothing is missed by not having watched for it.
    control(home_->epoll_native(), EPOLL_CTL_MOD, native_, writing ? reading | EPOLLOUT : reading, this);
    watches_writing_ = writing;
    writable_ = false;
}

void watched::note(std::uint32_t events) noexcept {
    const bool both_ended = (events & (EPOLLHUP | EPOLLERR)) != 0;
    readable_ |= (events & EPOLLIN) != 0;
    writable_ |= (events & EPOLLOUT) != 0;
    read_ended_ |= both_ended || (events & EPOLLRDHUP) != 0;
    write_ended_ |= both_ended;
}

epoll_set::epoll_set()
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)), timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)) {
    if (!epoll_.is_open() || !timer_.is_open())
        throw std::system_error(errno, std::generic_category(), "epoll_create1 or timerfd_create");
    // Edge-triggered, it need not be read: setting it again makes a new edge.
    control(epoll_.native(), EPOLL_CTL_ADD, timer_.native(), EPOLLIN, nullptr);
}

std::span<const epoll_event> epoll_set::ready() noexcept {
    const int count = ::epoll_wait(epoll_.native(), events_.data(), static_cast<int>(events_.size()), 0);
    return {events_.data(), static_cast<std::size_t>(std::max(count, 0))};
}

void epoll_set::wake_at(time_point moment) noexcept {
    if (moment >= set_for_) return;
    set_for_ = moment;
    const auto since = std::max(moment.time_since_epoch(), duration(1)); // 0 would disarm it
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since);
    itimerspec when{};
    when.it_value.tv_sec = seconds.count();
    when.it_value.tv_nsec = std::chrono::duration_cast<std::chrono::nanoseconds>(since - seconds).count();
    ::timerfd_settime(timer_.native(), TFD_TIMER_ABSTIME, &when, nullptr);
}

} // namespace wharf::async_detail
