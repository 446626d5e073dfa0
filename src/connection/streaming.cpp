// A connection while the rows of one of its statements are streamed.
#include "wharf/connection/connection_core.hpp"

#include "connection/busy_scope.hpp"
#include "connection/on_driver.hpp"

#include <exception>
#include <utility>

namespace wharf {

/// Keeps the connection in use until the driver's stream has ended.
class connection_core::streaming final : public row_stream {
public:
    streaming(connection_core& on, std::unique_ptr<row_stream> opened) noexcept : on_(&on), rows_(std::move(opened)) {}

    [[nodiscard]] io::op<row_chunk> next() override;
    void leave() noexcept override;
    [[nodiscard]] const result_shape& shape() const noexcept override { return rows_->shape(); }

private:
    void end() noexcept;

    connection_core* on_; // null: it has ended
    std::unique_ptr<row_stream> rows_;
};

io::op<row_chunk> connection_core::streaming::next() {
    row_chunk chunk;
    if (on_ == nullptr) co_return chunk;
    std::exception_ptr failure;
    const auto work = [this] { return rows_->next(); };
    try {
        chunk = co_await on_->on_driver(work, "a stream of rows");
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure || chunk.empty()) end();
    if (failure) std::rethrow_exception(failure);
    co_return chunk;
}

void connection_core::streaming::leave() noexcept {
    if (on_ == nullptr) return;
    rows_->leave();
    on_->left_stream_ = true;
    end();
}

void connection_core::streaming::end() noexcept {
    auto& core = *std::exchange(on_, nullptr);
    core.follow_status();
    core.busy_ = false;
}

io::op<std::unique_ptr<row_stream>> connection_core::open_rows(std::string_view sql, const parameters* values,
                                                               stream_options options) {
    busy_scope in_use(busy_);
    require_usable();
    taken_statements taken(*this);
    const auto& front = taken.all();
    auto items = front_items(front, 1);
    auto& statement = items.emplace_back();
    statement.sql = sql;
    statement.values = values;

    const auto work = [&] { return driver_->open_rows(items, options); };
    std::unique_ptr<row_stream> opened = co_await on_driver(work, sql, &taken);

    taken.sent();
    left_stream_ = false;
    follow(std::span(items).last(1));
    throw_prefix_error(items, front);
    if (!opened) follow_status();
    if (items.back().error) std::rethrow_exception(items.back().error);
    std::unique_ptr<row_stream> rows = std::make_unique<streaming>(*this, std::move(opened));
    in_use.keep();
    co_return std::move(rows);
}

} // namespace wharf
