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

} // namespace

// The server answers by closing, once it has signalled the process; from then on the signal cannot hit anything that is
// sent later. Source: PostgreSQL documentation, 55.2.8 (canceling requests in progress).
io::op<void> cancel_route::request(bool& in_doubt) const {
    io::task& self = co_await io::this_task();
    const io::deadline_scope in_time(self, deadline_after(clock::now(), where_->connect_timeout));
    protocol::cancel_request message;
    message.key = key_;
    protocol::outgoing_buffer out;
    protocol::encode(out, message);
    const secured_stream to = co_await open_stream(*where_, server_);
    in_doubt = true;
    co_await io::write_all(*to.stream, protocol::as_text(out.pending()));
    co_await wait_for_end(*to.stream);
    in_doubt = false;
}

} // namespace wharf::postgres
