#include "wharf/io/stream.hpp"

#include "wharf/base/error.hpp"
#include "wharf/io/waits.hpp"

#include <string>

namespace wharf::io {
namespace {

/// Takes in what has arrived. What stopped it: a want, the end, or an error.
io_result drain(stream& from, receiver& arrived) {
    for (;;) {
        const auto got = from.read(arrived.space());
        if (got.bytes == 0) return got;
        arrived.received(got.bytes);
    }
}

} // namespace

void throw_if_failed(const stream& on, const io_result& result) {
    if (!result.error) return;
    throw connection_lost("the connection to " + std::string(on.peer()) + " was lost: " + result.error.message());
}

op<std::size_t> read_some(stream& from, std::span<char> into) {
    if (from.wait_first()) co_await wait(from.handle(), interest::read);
    for (;;) {
        const auto got = from.read(into);
        throw_if_failed(from, got);
        if (!got.waits()) co_return got.bytes;
        co_await wait(from.handle(), got.wanted());
    }
}

op<void> write_all(stream& to, std::span<const char> bytes) {
    while (!bytes.empty()) {
        const auto put = to.write(bytes);
        throw_if_failed(to, put);
        bytes = bytes.subspan(put.bytes);
        if (put.waits()) co_await wait(to.handle(), put.wanted());
    }
}

op<bool> transfer(stream& with, std::span<const char> bytes, receiver& arrived) {
    while (!bytes.empty()) {
        const auto put = with.write(bytes);
        bytes = bytes.subspan(put.bytes);
        if (put.bytes != 0) continue;
        const auto got = drain(with, arrived);
        if (put.error || !got.waits()) co_return false;
        // Reading may have made room for the write (TLS), but only a new attempt would tell; the wait is for both.
        const bool same = put.wanted() == got.wanted();
        const auto want = same ? put.wanted() : interest::either;
        co_await wait(with.handle(), want);
    }
    co_return true;
}

} // namespace wharf::io
