// Rows of raw SQL, taken as they come on a session's connection.
#include "orm/session_parts.hpp"
#include "wharf/base/error.hpp"
#include "wharf/pool/row_source.hpp"

#include <utility>

namespace wharf::orm {
namespace {

const result_shape no_columns{};

class session_source final : public wharf::detail::row_source {
public:
    session_source(std::shared_ptr<session_link> of, std::string sql, parameters values, stream_options options)
        : link_(std::move(of)), sql_(std::move(sql)), values_(std::move(values)), options_(options) {}

    [[nodiscard]] io::op<row_chunk> next() override {
        row_chunk chunk;
        if (over_) co_return chunk;
        auto& parts = session();
        const auto keep = parts.session.shared_from_this(); // it may end while this waits
        call_scope scope(parts, holds_);
        if (!rows_) co_await open(parts);
        std::exception_ptr failure;
        try {
            chunk = co_await parts.next_rows(*rows_);
        } catch (...) {
            failure = std::current_exception();
        }
        const bool goes_on = !failure && !chunk.empty();
        over_ = !goes_on;
        holds_ = link_->streaming = goes_on;
        scope.leave_as(goes_on ? call_gate::state::streaming : call_gate::state::free);
        if (failure) std::rethrow_exception(failure);
        co_return chunk;
    }
    void leave() noexcept override {
        if (std::exchange(over_, true)) return;
        if (rows_ && on_.is_lent()) rows_->leave();
        let_go();
    }
    [[nodiscard]] const result_shape& shape() const noexcept override { return rows_ ? rows_->shape() : no_columns; }
    [[nodiscard]] call_options limits(const call_options& asked) const override {
        return link_->session == nullptr ? asked : link_->session->limits(asked);
    }

private:
    [[nodiscard]] session_parts& session() const {
        if (link_->parts == nullptr) throw usage_error("the session of this stream of rows has been closed");
        return *link_->parts;
    }
    [[nodiscard]] io::op<void> open(session_parts& parts) {
        parts.require_usable();
        co_await autoflush(*link_->session, parts, std::span<const class_descriptor* const>(), true, sql_);
        parts.note_raw_sql(sql_);
        rows_ = co_await parts.open_rows(sql_, values_, options_);
        on_ = parts.lent.use();
    }
    void let_go() noexcept {
        if (!std::exchange(holds_, false) || link_->parts == nullptr) return;
        link_->streaming = false;
        leave_call(*link_->parts, call_gate::state::free);
    }

    std::shared_ptr<session_link> link_; // shared with the session and other streams
    std::string sql_;
    parameters values_;
    stream_options options_;
    lease_use on_{};
    std::unique_ptr<row_stream> rows_{};
    bool holds_{false}; // between two reads of this stream
    bool over_{false};
};

} // namespace

std::unique_ptr<wharf::detail::row_source> session_core::stream(std::string sql, parameters values,
                                                                stream_options options) {
    if (!parts_->link) {
        parts_->link = std::make_shared<session_link>();
        parts_->link->session = this;
        parts_->link->parts = parts_.get();
    }
    return std::make_unique<session_source>(parts_->link, std::move(sql), std::move(values), options);
}

} // namespace wharf::orm
