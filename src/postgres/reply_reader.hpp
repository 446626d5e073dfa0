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
#include "postgres/type_resolver.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/connection/driver.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace wharf::postgres {

class script_reader;

class reply_reader {
public:
    reply_reader(server_state& server, statement_cache& statements, type_resolver& types, std::size_t message_limit)
        : server_(server), statements_(statements), types_(types), message_limit_(message_limit) {}

    /// The items whose answers come next. They stay valid until finish().
    void start(std::span<batch_item> items);
    /// The items are not touched any more. Rows that an exchange, cut short, has left in `arrived` are dropped.
    void finish(const receive_buffer& arrived) noexcept;

    /// The answers that are still expected concern nobody any more; they are to be taken in nevertheless.
    void forget_items() noexcept;

    expected_reply& expect(const expected_reply& reply) { return expected_.push(reply); }
    [[nodiscard]] const expected_replies& expected() const noexcept { return expected_; }

    /// The rows of this item are held where they arrived, one run at a time, instead of being kept in a result.
    void hold_rows_of(std::uint32_t item) noexcept { held_item_ = item; }
    /// The last item of the batch has moved to `only`, its rows are held; all others have been answered.
    void go_on_with(batch_item& only) noexcept;
    /// Rows that nobody has taken yet: process() goes on once they are released.
    [[nodiscard]] bool holds_rows() const noexcept { return holding_; }
    [[nodiscard]] row_chunk held_rows() const noexcept { return row_starts_; }
    void release_rows() noexcept { holding_ = false; }
    /// Whether the rows stopped at the limit of their Execute, since this was asked last.
    [[nodiscard]] bool take_suspended() noexcept { return std::exchange(suspended_, false); }
    /// Whatever is still expected is read and dropped; more than `limit` bytes of rows throw connection_lost.
    void drop_expected(std::size_t limit) noexcept;

    /// The answers to a script go to `to` until ReadyForQuery. After start().
    void read_script(script_reader& to) noexcept { script_ = &to; }

    /// Takes what has arrived completely. Throws protocol_violation, and connection_lost when the server says that it
    /// ends the connection.
    void process(receive_buffer& arrived);
    /// Before a read: rows that would be moved by it go to their result together with their memory. Then the room.
    [[nodiscard]] std::span<char> room(receive_buffer& arrived);

    /// True when an error made the server skip everything up to a Sync that has not been sent yet.
    [[nodiscard]] bool skipping() const noexcept { return skipping_; }
    void sync_sent() noexcept { skipping_ = false; }

    /// The server waits for data of a COPY that was run as a statement, and there are none.
    [[nodiscard]] bool wants_no_data() const noexcept { return wants_no_data_; }
    /// They are refused. True: a Sync that was sent behind the COPY has been taken for data, and is to be sent again.
    [[nodiscard]] bool refuse_data() noexcept;
    /// Whether nothing more comes before somebody has dealt with what has come.
    [[nodiscard]] bool is_held_up() const noexcept { return holding_ || wants_no_data_; }

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
    /// The columns of a portal, null: it has none. False: they were not asked for.
    [[nodiscard]] bool take_portal_columns(const protocol::frame* description);
    void take_rows(receive_buffer& arrived);
    void keep_rows(receive_buffer& arrived, std::size_t size);
    void drop_rows(std::size_t size);
    void take_suspension(receive_buffer& arrived);
    void end_rows(receive_buffer& arrived);
    void take_copy(const protocol::frame& message);
    void take_copy_data(receive_buffer& arrived);
    void complete_copy(std::string_view tag);
    void refuse_copy(const expected_reply& reply, const char* why);
    void complete(std::string_view tag);
    void note_completed(const expected_reply& reply);
    void end_unit() noexcept;
    void fail_commit(const expected_reply& reply, diagnostic fields);
    void fail(const expected_reply& reply, diagnostic fields);
    void skip(const expected_reply& reply);
    [[nodiscard]] bool reads_script() const noexcept {
        return !expected_.empty() && expected_.front().what == expected_reply::kind::script;
    }
    /// Precondition: the reply has an item.
    [[nodiscard]] batch_item& item_of(const expected_reply& reply) const noexcept;
    [[nodiscard]] result* rows_of(const expected_reply& reply) const noexcept;
    expected_reply& require(expected_reply::kind what, const protocol::frame& message);

    server_state& server_;
    statement_cache& statements_;
    type_resolver& types_;
    std::size_t message_limit_;
    std::span<batch_item> items_{};
    expected_replies expected_{};
    copy_replies copy_{};
    std::vector<const char*> row_starts_{};         // of the rows in the run being taken; kept for its memory
    std::size_t kept_size_{0};                      // of rows that the current result has copied
    std::size_t wanted_{protocol::frame_head_size}; // of the message at the front, as far as is known
    script_reader* script_{nullptr};
    std::optional<diagnostic> own_failure_{};
    std::uint32_t stale_item_{expected_reply::no_item};
    std::uint32_t held_item_{expected_reply::no_item};
    std::size_t droppable_{0}; // bytes of rows
    /// Items that have run, and that an error would undo: what has been committed meanwhile is not among them.
    struct unit {
        std::uint32_t first{0};
        std::uint32_t last{0};
        bool empty{true};
        bool failed{false};
        bool commit_failed{false};
    };
    unit unit_{}; // since the last ReadyForQuery
    bool holding_{false};
    bool wants_no_data_{false};
    bool suspended_{false};
    bool skipping_{false};
    bool committed_{false};
    bool ended_by_server_{false};
};

/// The error of an item that was not run because of another one.
[[nodiscard]] std::exception_ptr make_skipped_error(std::string_view sql);

} // namespace wharf::postgres
