// The driver of one connection to a PostgreSQL server.
#pragma once

#include "postgres/channel.hpp"
#include "postgres/copy_state.hpp"
#include "postgres/reply_reader.hpp"
#include "postgres/request_writer.hpp"
#include "postgres/reset.hpp"
#include "postgres/server_state.hpp"
#include "postgres/statement_cache.hpp"
#include "wharf/connection/driver.hpp"
#include "wharf/postgres/settings.hpp"

#include <exception>
#include <memory>
#include <span>
#include <utility>

namespace wharf::postgres {

class batch_run;

struct connection_limits {
    std::size_t statement_cache_size{256};
    std::size_t message_limit{protocol::default_message_limit};
};

class connection final : public driver, private copy_driver {
public:
    /// Takes over a channel whose login has ended with `server` as its state.
    connection(std::unique_ptr<channel> logged_in, server_state server, const connection_limits& limits);

    [[nodiscard]] io::op<void> run(std::span<batch_item> items) override;
    void reset_before_next() noexcept override { reset_pending_ = true; }
    [[nodiscard]] io::op<void> ping() override;
    [[nodiscard]] io::op<void> close() override;

    [[nodiscard]] copy_driver* copying() noexcept override { return this; }

    [[nodiscard]] backend kind() const noexcept override { return backend::postgres; }
    [[nodiscard]] transaction_status status() const noexcept override {
        return copy_.open ? transaction_status::active : server_.status;
    }
    [[nodiscard]] bool usable() const noexcept override { return !broken_; }
    [[nodiscard]] const driver_counters& counters() const noexcept override { return counters_; }
    void observe(statement_observer* observer) noexcept override { server_.observe(observer); }

    [[nodiscard]] const server_state& server() const noexcept { return server_; }

    /// Where close() may ask for the statement to be cancelled that was given up half-way.
    void cancel_through(std::shared_ptr<const settings> where, server_address server) {
        cancel_settings_ = std::move(where);
        cancel_server_ = std::move(server);
    }

private:
    class in_flight;

    // COPY: copy_begin.cpp, copy_in.cpp, copy_out.cpp.
    [[nodiscard]] io::op<void> begin_copy(std::span<batch_item> items, const copy_request& what) override;
    [[nodiscard]] const result_shape& copy_columns() const noexcept override { return *copy_.described.shape; }
    [[nodiscard]] bool copy_is_open() const noexcept override { return copy_.open && !copy_.abandoned; }
    [[nodiscard]] io::op<void> send_copy(std::span<char> frame) override;
    [[nodiscard]] io::op<std::uint64_t> finish_copy() override;
    [[nodiscard]] io::op<void> fail_copy(std::string_view reason) override;
    [[nodiscard]] io::op<std::span<const std::string_view>> receive_copy() override;
    [[nodiscard]] std::uint64_t copied_rows() const noexcept override { return copy_.items.back().affected; }
    void abandon_copy() noexcept override { copy_.abandoned = true; }
    void adapt_copy_value(const column_info& column, type_oid given, std::string_view bytes,
                          std::string& out) const override;

    [[nodiscard]] io::op<void> open_copy(std::span<batch_item> items, const copy_request& what);
    void prepare_copy(std::span<batch_item> items, const copy_request& what);
    void write_in_front();
    void write_copy();
    void announce(std::string_view sql);
    void complete_statement();
    void started();
    [[nodiscard]] io::op<void> end_unstarted();
    [[nodiscard]] io::op<void> send_pieces(std::span<char> frame);
    [[nodiscard]] io::op<void> end_copy();
    [[nodiscard]] io::op<void> settle_copy();
    [[nodiscard]] io::op<void> drain_copy();
    void require_copy(copy_request::direction where) const;
    void take_pieces();
    void rethrow_copy_error();

    [[nodiscard]] io::op<bool> attempt(std::span<batch_item> items);
    [[nodiscard]] io::op<void> attempt_after_failed_reset(std::span<batch_item> items);
    [[nodiscard]] io::op<void> drop_leaked_statements();
    [[nodiscard]] io::op<void> cancel_running();
    void end_round_trip();
    void write_closing();
    [[noreturn]] void give_up(const std::exception_ptr& why);
    [[nodiscard]] bool commit_in_doubt(bool implicit_too) const noexcept;
    void require_usable() const;

    std::unique_ptr<channel> channel_;
    server_state server_;
    statement_cache statements_;
    reply_reader replies_;
    request_writer writer_;
    driver_counters counters_{};
    copy_state copy_{};
    std::size_t row_limit_;
    std::shared_ptr<const settings> cancel_settings_{}; // shared with the connector; null: nothing to be cancelled
    server_address cancel_server_{};
    bool reset_pending_{false};
    last_reset last_reset_{last_reset::none};
    bool broken_{false};
};

/// Marks the connection as broken unless told that what was under way has come to its end: also when the op that is
/// running is destroyed half-way.
class connection::in_flight {
public:
    explicit in_flight(connection& owner) noexcept : owner_(owner) { owner_.broken_ = true; }
    in_flight(const in_flight&) = delete;
    in_flight& operator=(const in_flight&) = delete;
    ~in_flight() { owner_.replies_.finish(owner_.channel_->in()); }
    void landed() noexcept { owner_.broken_ = false; }

private:
    connection& owner_;
};

} // namespace wharf::postgres
