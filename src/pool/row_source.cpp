#include "wharf/pool/row_source.hpp"

#include "wharf/base/error.hpp"

#include <utility>

namespace wharf::detail {
namespace {

const result_shape no_columns{};

class connection_source final : public row_source {
public:
    connection_source(lease_use on, std::string sql, parameters values, stream_options options)
        : on_(std::move(on)), sql_(std::move(sql)), values_(std::move(values)), options_(options) {}

    [[nodiscard]] io::op<row_chunk> next() override {
        auto& core = on_.core();
        row_chunk chunk;
        if (left_) co_return chunk;
        if (!rows_) rows_ = co_await core.open_rows(sql_, &values_, options_);
        chunk = co_await rows_->next();
        co_return chunk;
    }
    void leave() noexcept override {
        left_ = true;
        // Once the lease has ended, the connection is another's, or is being closed.
        if (rows_ && on_.is_lent()) rows_->leave();
    }
    [[nodiscard]] const result_shape& shape() const noexcept override { return rows_ ? rows_->shape() : no_columns; }

private:
    lease_use on_;
    std::string sql_;
    parameters values_;
    stream_options options_;
    std::unique_ptr<row_stream> rows_{};
    bool left_{false};
};

} // namespace

std::unique_ptr<row_source> make_row_source(lease_use on, std::string sql, parameters values, stream_options options) {
    return std::make_unique<connection_source>(std::move(on), std::move(sql), std::move(values), options);
}

io::op<bool> read_chunk(std::shared_ptr<stream_position> at) {
    at->rows = {};
    at->taken = 0;
    at->rows = co_await at->source->next();
    co_return !at->rows.empty();
}

} // namespace wharf::detail
