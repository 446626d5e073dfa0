#include "postgres/cancel_route.hpp"

#include "postgres/connect.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/waits.hpp"

#include <array>

namespace wharf::postgres {
namespace {

// Pgpool-II does so without taking leave of TLS. Whoever cuts the stream on its way could as well hold back what was
// sent.
io::op<void> wait_for_end(io::stream& from) {
    std::array<char, 64> rest{};
    for (;;) {
        const io::io_result got = from.read(rest);
        if (got.end || got.cut) co_return;
        io::throw_if_failed(from, got);
        if (got.waits()) co_await io::wait(from.handle(), got.wanted());
    }
}

// Tells whether an attempt is in doubt, in whatever way its op ends.
class doubt_of {
public:
    doubt_of(const cancel_attempt& attempt, bool& in_doubt) noexcept : attempt_(attempt), in_doubt_(in_doubt) {}
    doubt_of(const doubt_of&) = delete;
    doubt_of& operator=(const doubt_of&) = delete;
    ~doubt_of() { in_doubt_ = attempt_.is_in_doubt(); }

private:
    const cancel_attempt& attempt_;
    bool& in_doubt_;
};

} // namespace

// The server answers by closing, once it has signalled the process; from then on the signal cannot hit anything that is
// sent later. Source: PostgreSQL documentation, 55.2.8 (canceling requests in progress).
io::op<void> cancel_route::request(cancel_attempt& attempt) const {
    io::task& self = co_await io::this_task();
    const io::deadline_scope in_time(self, deadline_after(clock::now(), where_->connect_timeout));
    if (!attempt.to) {
        protocol::cancel_request message;
        message.key = key_;
        attempt.out.clear();
        protocol::encode(attempt.out, message);
        secured_stream opened = co_await open_stream(*where_, server_);
        attempt.to = std::move(opened.stream);
    }
    while (!attempt.out.empty()) {
        const io::io_result put = attempt.to->write(protocol::as_text(attempt.out.pending()));
        attempt.out.consume(put.bytes);
        io::throw_if_failed(*attempt.to, put);
        if (put.waits()) co_await io::wait(attempt.to->handle(), put.wanted());
    }
    co_await wait_for_end(*attempt.to);
    attempt.to.reset();
}

io::op<void> cancel_route::request(bool& in_doubt) const {
    cancel_attempt attempt;
    const doubt_of told(attempt, in_doubt);
    co_await request(attempt);
}

} // namespace wharf::postgres
