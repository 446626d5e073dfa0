// Reads the answers to what was asked, in order, into the items of a batch. No I/O: it works on what has arrived.
//
// Answers are attributed by position: the server answers in the order of the questions, and after an error skips to the
// next Sync. Source: PostgreSQL documentation, 55.2.3 and 55.2.4 (pipelining).
#pragma once

#include "postgres/copy_replies.hpp"
#include "postgres/expected_reply.hpp"
#include "postgres/protocol/frame.hpp"
#include "postgres/receive_buffer.hpp"
#include "postgres/server_state.hpp"
#include "postgres/statement_cache.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/connection/driver.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace wharf::postgres {

class reply_reader {
public:
    reply_reader(server_state& server, statement_cache& statements, std::size_t message_limit)
        : server_(server), statements_(statements), message_limit_(message_limit) {}

    /// The items whose answers come next. They stay valid until finish().
    void start(std::span<batch_item> items);
    /// The items are not touched any more. Rows that an exchange, cut short, has left in `arrived` are dropped.
    void finish(const receive_buffer& arrived) noexcept;

    /// The answers that are still expected concern nobody any more; they are to be taken in nevertheless.
    void forget_items() noexcept;

    void expect(const expected_reply& reply) { expected_.push(reply); }
    [[nodiscard]] const expected_replies& expected() const noexcept { return expected_; }

    /// Takes what has arrived completely. Throws protocol_violation, and connection_lost when the server says that it
    /// ends the connection.
    void process(receive_buffer& arrived);
    /// Before a read: rows that would be moved by it go to their result together with their memory. Then the room.
    [[nodiscard]] std::span<char> room(receive_buffer& arrived);

    /// True when an error made the server skip everything up to a Sync that has not been sent yet.
    [[nodiscard]] bool skipping() const noexcept { return skipping_; }
    void sync_sent() noexcept { skipping_ = false; }

    /// What has come of a COPY, for who runs it.
    [[nodiscard]] copy_replies& copy() noexcept { return copy_; }

    /// The error of a message of the driver's own, since start().
    [[nodiscard]] const std::optional<diagnostic>& own_failure() const noexcept { return own_failure_; }
    /// The item whose prepared statement the server has forgotten or declared stale; expected_reply::no_item: none.
    [[nodiscard]] std::uint32_t stale_item() const noexcept { return stale_item_; }
    /// Whether something has been committed since start().
    [[nodiscard]] bool committed() const noexcept { return committed_; }
    /// Whether the connection has ended by an error of the server that came instead of the answer to a commit.
    [[nodiscard]] bool ended_by_server() const noexcept { return ended_by_server_; }

private:
    void handle(const protocol::frame& message);
    void handle_error(diagnostic fields);
    void take_rows(receive_buffer& arrived);
    void keep_rows(receive_buffer& arrived, std::size_t size);
    void end_rows(receive_buffer& arrived);
    void take_copy(const protocol::frame& message);
    void take_copy_data(receive_buffer& arrived);
    void complete_copy(std::string_view tag);
    void complete(std::string_view tag);
    void fail(const expected_reply& reply, diagnostic fields);
    void skip(const expected_reply& reply);
    [[nodiscard]] result* rows_of(const expected_reply& reply) const noexcept;
    expected_reply& require(expected_reply::kind what, const protocol::frame& message);

    server_state& server_;
    statement_cache& statements_;
    std::size_t message_limit_;
    std::span<batch_item> items_{};
    expected_replies expected_{};
    copy_replies copy_{};
    std::vector<std::uint32_t> row_offsets_{};      // of the rows in the run being taken; kept for its memory
    std::size_t kept_size_{0};                      // of rows that the current result has copied
    std::size_t wanted_{protocol::frame_head_size}; // of the message at the front, as far as is known
    std::optional<diagnostic> own_failure_{};
    std::uint32_t stale_item_{expected_reply::no_item};
    bool skipping_{false};
    bool committed_{false};
    bool ended_by_server_{false};
};

/// The error of an item that was not run because of another one.
[[nodiscard]] std::exception_ptr make_skipped_error(std::string_view sql);

} // namespace wharf::postgres
