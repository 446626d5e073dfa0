// COPY on a connection with its transactions.
#include "wharf/connection/copy.hpp"

#include "connection/busy_scope.hpp"
#include "connection/on_driver.hpp"
#include "connection/utility_item.hpp"
#include "wharf/base/error.hpp"
#include "wharf/connection/connection_core.hpp"

#include <exception>
#include <utility>

namespace wharf {

io::op<std::uint64_t> connection_core::begin_copy(copy_request what) {
    const busy_scope in_use(busy_);
    require_usable();
    if (driver_->copying() == nullptr)
        throw usage_error("this database has no COPY; insert_many() writes many rows, query() reads them");
    taken_statements taken(*this);
    const auto& prefix = taken.all();
    auto items = front_items(prefix, 1);
    items.push_back(utility_item(what.statement()));
    const auto work = [&] { return driver_->copying()->begin_copy(items, what); };
    co_await on_driver(work, items.back().sql, &taken);
    taken.sent();
    if (driver_->status() == transaction_status::idle) end_levels(0);
    throw_prefix_error(items, prefix);
    if (items.back().error) std::rethrow_exception(items.back().error);
    copy_ = ++serials_;
    co_return copy_;
}

copy_driver& connection_core::require_copy(std::uint64_t number) const {
    require_usable();
    copy_driver* const driver = driver_->copying();
    if (driver == nullptr || number != copy_ || !driver->copy_is_open()) throw usage_error("this COPY has ended");
    return *driver;
}

io::op<void> connection_core::send_copy(std::uint64_t number, std::span<char> frame) {
    const busy_scope in_use(busy_);
    const auto work = [&] { return require_copy(number).send_copy(frame); };
    co_await on_driver(work, "COPY");
}

io::op<std::uint64_t> connection_core::finish_copy(std::uint64_t number) {
    const busy_scope in_use(busy_);
    const auto work = [&] { return require_copy(number).finish_copy(); };
    const auto rows = co_await on_driver(work, "COPY");
    co_return rows;
}

io::op<void> connection_core::fail_copy(std::uint64_t number, std::string_view reason) {
    const busy_scope in_use(busy_);
    copy_driver* const driver = driver_->copying();
    if (driver == nullptr || number != copy_ || !driver->copy_is_open()) co_return;
    co_await require_copy(number).fail_copy(reason);
}

io::op<std::span<const std::string_view>> connection_core::receive_copy(std::uint64_t number) {
    const busy_scope in_use(busy_);
    const auto work = [&] { return require_copy(number).receive_copy(); };
    const auto pieces = co_await on_driver(work, "COPY");
    co_return pieces;
}

void connection_core::abandon_copy(std::uint64_t number) noexcept {
    copy_driver* const driver = driver_->copying();
    if (driver != nullptr && number == copy_ && driver->copy_is_open()) driver->abandon_copy();
}

} // namespace wharf
