#include "wharf/connection/row_stream.hpp"

#include "wharf/base/error.hpp"
#include "wharf/connection/driver.hpp"

#include <utility>

namespace wharf {
namespace {

class ready_rows final : public row_stream {
public:
    explicit ready_rows(result rows) noexcept : rows_(std::move(rows)) {}

    [[nodiscard]] io::op<row_chunk> next() override {
        row_chunk chunk;
        if (!std::exchange(taken_, true)) chunk = rows_.bodies();
        co_return chunk;
    }
    void leave() noexcept override { taken_ = true; }
    [[nodiscard]] const result_shape& shape() const noexcept override { return rows_.shape(); }

private:
    result rows_;
    bool taken_{false};
};

} // namespace

std::unique_ptr<row_stream> make_row_stream(result rows) {
    return std::make_unique<ready_rows>(std::move(rows));
}

io::op<std::unique_ptr<row_stream>> driver::open_rows(std::span<batch_item> items, stream_options /*options*/) {
    result rows;
    items.back().rows = &rows;
    co_await run(items);
    items.back().rows = nullptr;
    std::unique_ptr<row_stream> opened;
    if (!items.back().error) opened = make_row_stream(std::move(rows));
    co_return std::move(opened);
}

io::op<script_outcome> driver::run_script(std::string_view /*text*/, script_options /*options*/) {
    throw usage_error("this driver runs no scripts");
    co_return script_outcome();
}

} // namespace wharf
