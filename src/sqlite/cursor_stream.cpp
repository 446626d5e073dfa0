// Streaming the rows of a statement: jobs that step through it, a chunk at a time.
#include "sqlite/cursor.hpp"
#include "sqlite/driver.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/waits.hpp"

#include <utility>

namespace wharf::sqlite {
namespace {

struct open_job {
    std::shared_ptr<cursor> work; // shared with the op
    activity::token running;
    bool operator()() const {
        const bool opened = work->open();
        if (opened) work->fill();
        return opened;
    }
};

struct fill_job {
    std::shared_ptr<cursor> work; // shared with the op
    activity::token running;
    void operator()() const { work->fill(); }
};

} // namespace

class sqlite_driver::cursor_stream final : public row_stream {
public:
    cursor_stream(sqlite_driver& on, std::shared_ptr<cursor> opened)
        : on_(on), cursor_(std::move(opened)), shape_(cursor_->shape()),
          in_transaction_(cursor_->on().in_transaction()) {
        on_.usable_ = false;
    }

    [[nodiscard]] io::op<row_chunk> next() override;
    void leave() noexcept override {
        if (reading_ || over_) return;
        cursor_->close();
        end();
    }
    [[nodiscard]] const result_shape& shape() const noexcept override { return *shape_; }

private:
    void end() noexcept {
        over_ = true;
        const bool in_transaction = cursor_->on().in_transaction();
        on_.status_ = in_transaction    ? transaction_status::active
                      : in_transaction_ ? transaction_status::failed // SQLite has rolled it back on an error
                                        : transaction_status::idle;
        on_.usable_ = !cursor_->on().broken();
    }

    sqlite_driver& on_;
    std::shared_ptr<cursor> cursor_;            // shared with the jobs
    std::shared_ptr<const result_shape> shape_; // shared with the statement
    bool in_transaction_;                       // when the stream began
    bool untaken_{true};                        // rows have been made that nobody has been given
    bool reading_{false};
    bool over_{false};
};

io::op<row_chunk> sqlite_driver::cursor_stream::next() {
    row_chunk chunk;
    if (over_ || reading_) co_return chunk;
    std::exception_ptr failure;
    if (!std::exchange(untaken_, false)) {
        guard unless_done(on_);
        reading_ = true;
        io::task& self = co_await io::this_task();
        cursor_->on().set_deadline(self.deadline());
        fill_job go(cursor_, activity::token(cursor_->on().jobs()));
        try {
            co_await io::offload(std::move(go));
        } catch (const database_error&) {
            failure = std::current_exception();
        }
        unless_done.dismiss();
        reading_ = false;
    }
    if (!failure) chunk = cursor_->rows().bodies();
    if (chunk.empty()) end();
    if (failure) std::rethrow_exception(failure);
    co_return chunk;
}

io::op<void> sqlite_driver::run_front(std::span<batch_item> items) {
    const auto front = items.first(items.size() - 1);
    if (!front.empty() || reset_next_) co_await run_unseen(front);
    for (const auto& item : front) {
        if (!item.error) continue;
        items.back().error = item.error;
        items.back().skipped = true;
        co_return;
    }
}

io::op<std::unique_ptr<row_stream>> sqlite_driver::open_rows(std::span<batch_item> items, stream_options options) {
    if (!usable_)
        throw connection_lost("this connection to SQLite was left in an uncertain state and is not used again");
    announce(items);
    batch_item& last = items.back();
    co_await run_front(items);
    std::unique_ptr<row_stream> made;
    if (last.error) co_return std::move(made);

    bool opened = false;
    if (status_ != transaction_status::failed) {
        guard unless_done(*this);
        const auto values = last.values == nullptr ? parameters() : *last.values;
        auto work = std::make_shared<cursor>(database_, std::string(last.sql), values, options.fetch_size);
        io::task& self = co_await io::this_task();
        database_->set_deadline(self.deadline());
        open_job go(work, activity::token(database_->jobs()));
        try {
            opened = co_await io::offload(std::move(go));
        } catch (const database_error&) {
            last.error = std::current_exception();
        } catch (const conversion_error&) {
            last.error = std::current_exception();
        }
        if (last.error) status_ = database_->in_transaction() ? transaction_status::active : transaction_status::idle;
        if (!database_->broken()) unless_done.dismiss();
        if (opened) made = std::make_unique<cursor_stream>(*this, std::move(work));
    }
    if (opened || last.error) co_return std::move(made);

    // It writes, or cannot be run at all: as part of an ordinary batch, with what that takes.
    result rows;
    last.rows = &rows;
    co_await run_unseen(items.last(1));
    last.rows = nullptr;
    if (!last.error) made = make_row_stream(std::move(rows));
    co_return std::move(made);
}

} // namespace wharf::sqlite
