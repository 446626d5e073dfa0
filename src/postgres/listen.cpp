// What the server says without being asked: waiting for it, and looking whether there is any.
#include "postgres/connection.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/waits.hpp"

#include <poll.h>
#include <sys/epoll.h>

#include <cerrno>
#include <system_error>

namespace wharf::postgres {
namespace {

// A server that never stops talking is looked at again next time.
constexpr int most_looks = 64;

// One descriptor that is readable when any of its members is: an op can wait for no more than one.
class either_readable {
public:
    either_readable() : set_(::epoll_create1(EPOLL_CLOEXEC)) {
        if (!set_.is_open()) throw std::system_error(errno, std::generic_category(), "epoll_create1");
    }
    void add(const io::descriptor& member) {
        epoll_event event{};
        event.events = EPOLLIN;
        if (::epoll_ctl(set_.native(), EPOLL_CTL_ADD, member.native(), &event) != 0)
            throw std::system_error(errno, std::generic_category(), "epoll_ctl");
    }
    [[nodiscard]] io::descriptor& handle() noexcept { return set_; }

private:
    io::descriptor set_;
};

bool is_readable(const io::descriptor& what) noexcept {
    pollfd entry{what.native(), POLLIN, 0};
    return ::poll(&entry, 1, 0) > 0;
}

} // namespace

io::op<void> channel::receive_unasked(reply_reader& replies, io::descriptor& interrupt) {
    either_readable either;
    either.add(stream_->handle());
    either.add(interrupt);
    for (;;) {
        const io::io_result got = stream_->read(replies.room(in_));
        require_data(got);
        if (got.bytes != 0) {
            in_.received(got.bytes);
            replies.process(in_);
            co_return;
        }
        if (got.wanted() == io::interest::read)
            co_await io::wait(either.handle(), io::interest::read);
        else
            co_await io::wait(stream_->handle(), got.wanted());
        if (is_readable(interrupt)) co_return;
    }
}

void channel::take_unasked(reply_reader& replies) {
    replies.process(in_);
    for (int looks = 0; looks < most_looks; ++looks) {
        const io::io_result got = stream_->read(replies.room(in_));
        if (got.waits()) return;
        require_data(got);
        in_.received(got.bytes);
        replies.process(in_);
    }
}

// The end of the stream, a FATAL error in front of it, and TLS's goodbye are all read as such; whatever else is there
// is taken in, as it would be in front of the next answer.
bool connection::still_open() noexcept {
    if (broken_ || copy_.open || rest_of_stream_ || !settled()) return usable();
    start_unasked();
    try {
        channel_->take_unasked(replies_);
        note_undone();
        require_encoding();
    } catch (...) {
        broken_ = true;
        route_ = nullptr;
    }
    return usable();
}

// A message that has arrived in part stays in the buffer, so giving up here leaves everything in order.
io::op<void> connection::listen(io::descriptor& interrupt) {
    require_usable();
    if (!settled()) co_await settle();
    start_unasked();
    try {
        co_await channel_->receive_unasked(replies_, interrupt);
        note_undone();
    } catch (const connection_error&) {
        broken_ = true;
        route_ = nullptr;
        throw;
    }
    broken_ = !server_.foreign_encoding().empty();
    require_encoding();
}

} // namespace wharf::postgres
