// Streams from servers that break the protocol or go away half-way.
#include "scripted_server.hpp"

#include "wharf/base/error.hpp"
#include "wharf/io/blocking.hpp"
#include "wharf/row/codecs.hpp"
#include "wharf/row/decode.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace wharf::postgres {
namespace {

using namespace std::string_literals;

const auto row = message('D', "\0\1\0\0\0\4\0\0\0\7"s);
const auto end = message('C', "SELECT 1\0"s) + message('Z', "I");

// What becomes of a stream whose answer comes in two pieces.
class hostile_stream : public testing::Test {
protected:
    void start(std::string first, std::string second, std::uint32_t fetch_size = 0) {
        server_.emplace([=](scripted_peer& client) {
            client.log_in();
            client.read_until('S');
            client.send(prepared_answer());
            client.read_until('E');
            client.send(first);
            client.send(second);
        });
        connection_ = server_->connect();
        batch_item item;
        item.sql = "SELECT 7";
        stream_options options;
        options.fetch_size = fetch_size;
        rows_ = io::run(connection_->open_rows(std::span(&item, 1), options), soon());
        if (item.error) std::rethrow_exception(item.error);
    }
    std::size_t read_all() {
        std::size_t count = 0;
        for (auto chunk = io::run(rows_->next(), soon()); !chunk.empty(); chunk = io::run(rows_->next(), soon()))
            count += chunk.size();
        return count;
    }
    static call_options soon() { return call_options(std::chrono::seconds(20)); }
    // The pieces may come together, and then opening the stream fails.
    template <class Error>
    void expect_fails(std::string first, std::string second, std::uint32_t fetch_size = 0) {
        EXPECT_THROW(
            {
                start(std::move(first), std::move(second), fetch_size);
                (void)read_all();
            },
            Error);
        EXPECT_FALSE(connection_->usable());
        if (rows_) rows_->leave();
        EXPECT_FALSE(connection_->usable());
    }

    std::optional<scripted_server> server_;
    std::unique_ptr<driver> connection_;
    std::unique_ptr<row_stream> rows_;
};

TEST_F(hostile_stream, honest_rows_are_taken) {
    start(message('2') + row, row + end);
    EXPECT_EQ(read_all(), 2U);
    EXPECT_TRUE(connection_->usable());
}

TEST_F(hostile_stream, stream_that_ends_without_its_end_is_a_lost_connection) {
    expect_fails<connection_lost>(message('2') + row, row);
}

TEST_F(hostile_stream, row_with_other_columns_than_announced_is_a_violation) {
    expect_fails<protocol_violation>(message('2') + row, message('D', "\0\2\xff\xff\xff\xff\xff\xff\xff\xff"s) + end);
}

TEST_F(hostile_stream, cell_beyond_its_row_is_a_violation) {
    expect_fails<protocol_violation>(message('2') + row, message('D', "\0\1\0\0\0\5\0\0\0\7"s) + end);
}

TEST_F(hostile_stream, suspension_that_was_not_asked_for_is_a_violation) {
    expect_fails<protocol_violation>(message('2') + row, message('s') + end);
}

TEST_F(hostile_stream, row_behind_the_end_is_a_violation) {
    expect_fails<protocol_violation>(message('2') + row, message('C', "SELECT 1\0"s) + row + message('Z', "I"));
}

TEST_F(hostile_stream, end_of_all_where_a_fetch_is_unanswered_is_a_violation) {
    expect_fails<protocol_violation>(message('2') + row + message('s'), message('Z', "I"), 1);
}

TEST_F(hostile_stream, fatal_error_in_the_middle_is_a_lost_connection) {
    expect_fails<connection_lost>(message('2') + row, error_message({"SFATAL", "VFATAL", "C57P01", "Mterminating"}));
}

} // namespace
} // namespace wharf::postgres
