#include "wharf/pool/copy.hpp"

#include <utility>

namespace wharf::detail {
namespace {

void report(const copy_writing& from) noexcept {
    if (from.progress != nullptr) from.progress->set(from.buffer->rows(), from.buffer->bytes());
}

} // namespace

void copy_hold::abandon() noexcept {
    if (number_ == 0) return;
    if (auto* const core = link_.get()) core->abandon_copy(number_);
}

io::op<copy_writing> begin_writing(lease_use on, lease_link link, copy_request what, std::span<const type_oid> given) {
    auto& core = on.core();
    const bool rows = what.rows();
    if (rows) what.expect_cells(given);
    const auto number = co_await core.begin_copy(std::move(what));
    copy_writing out;
    out.hold = copy_hold(std::move(link), number);
    std::exception_ptr failure;
    try {
        if (rows) out.buffer->aim_at(*core.underlying().copying(), given);
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure) {
        co_await core.fail_copy(number, "its rows have another number of columns");
        std::rethrow_exception(failure);
    }
    co_return std::move(out);
}

io::op<void> send_written(lease_use on, copy_writing& to) {
    if (to.buffer->empty()) co_return;
    co_await on.core().send_copy(to.hold.number(), to.buffer->frame());
    to.buffer->clear();
    report(to);
}

io::op<void> send_if_full(lease_use on, copy_writing& to) {
    if (to.buffer->full()) co_await send_written(std::move(on), to);
}

io::op<void> write_text(lease_use on, copy_writing& to, std::string_view bytes) {
    while (!bytes.empty()) {
        bytes.remove_prefix(to.buffer->add_text(bytes));
        if (to.buffer->full()) co_await send_written(on, to);
    }
}

io::op<affected> finish_writing(lease_use on, copy_writing& to) {
    co_await send_written(on, to);
    affected out;
    out.rows = co_await on.core().finish_copy(to.hold.number());
    report(to);
    co_return out;
}

io::op<void> fail_writing(lease_use on, copy_writing& to, std::string reason) {
    co_await on.core().fail_copy(to.hold.number(), reason);
}

io::op<void> read_on(lease_use on, lease_link link, copy_reading& from) {
    auto& core = on.core();
    from.pieces = {};
    if (from.ended) co_return;
    from.ended = true; // unless all goes well
    if (!from.begun) {
        from.begun = true;
        const auto number = co_await core.begin_copy(from.what);
        from.hold = copy_hold(std::move(link), number);
        if (from.what.rows()) from.shape = &core.underlying().copying()->copy_columns();
    }
    from.pieces = co_await core.receive_copy(from.hold.number());
    from.ended = from.pieces.empty();
    if (from.what.rows()) from.rows += from.pieces.size();
    for (const std::string_view piece : from.pieces)
        from.bytes += piece.size();
    if (from.progress != nullptr) from.progress->set(from.rows, from.bytes);
}

std::uint64_t copied_rows(const lease_use& on) {
    return on.core().underlying().copying()->copied_rows();
}

} // namespace wharf::detail
