// The reader of answers, fed with damaged ones: whatever comes, it ends in an answer or in an exception of wharf's.
#include "postgres/reply_reader.hpp"

#include "postgres/request_writer.hpp"
#include "scripted_server.hpp"
#include "wharf/base/error.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>

namespace wharf::postgres {
namespace {

using namespace std::string_literals;

// A connection without sockets that has sent a query and its preparation.
struct exchange {
    exchange() : reader(server, statements, types, std::size_t{1} << 20), writer(out, reader) {
        item.sql = "SELECT 7";
        item.rows = &rows;
        reader.start(std::span(&item, 1));
        prepared_statement& statement = statements.get(item.sql);
        writer.prepare(statement, 0);
        writer.sync(0, false);
        writer.execute(statement, nullptr, 0);
        writer.sync(0, false);
    }

    // In pieces of `slice` bytes.
    void feed(std::string_view bytes, std::size_t slice) {
        while (!bytes.empty()) {
            const auto room = reader.room(arrived);
            const auto size = std::min({room.size(), bytes.size(), slice});
            std::memcpy(room.data(), bytes.data(), size);
            arrived.received(size);
            bytes.remove_prefix(size);
            reader.process(arrived);
        }
    }

    server_state server{};
    statement_cache statements{statement_cache_limits()};
    type_resolver types{};
    protocol::outgoing_buffer out{};
    reply_reader reader;
    request_writer writer;
    receive_buffer arrived{};
    result rows{};
    batch_item item{};
};

std::string honest_answers() {
    return prepared_answer() + error_message({"SNOTICE", "Mlook"}, 'N') + message('S', "TimeZone\0UTC\0"s) +
           message('A', "\0\0\0\1news\0hello\0"s) + message('2') + message('D', "\0\1\0\0\0\4\0\0\0\7"s) +
           message('D', "\0\1\xff\xff\xff\xff"s) + message('D', "\0\1\0\0\0\4\0\0\0\x9"s) +
           message('C', "SELECT 3\0"s) + message('Z', "I");
}

void read_all(const result& rows) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        row_view row = rows[i];
        while (row.position() < row.size())
            static_cast<void>(row.next().bytes.size());
    }
}

TEST(reply_reader, honest_answers_in_pieces_of_any_size_are_the_same_answers) {
    const std::string answers = honest_answers();
    for (std::size_t slice = 1; slice <= answers.size(); ++slice) {
        exchange one;
        one.feed(answers, slice);
        EXPECT_TRUE(one.reader.expected().empty());
        ASSERT_EQ(one.rows.size(), 3U);
        EXPECT_EQ(one.item.affected, 3U);
        EXPECT_FALSE(one.item.error);
        EXPECT_EQ(one.rows[2].next().bytes, "\0\0\0\x9"s);
    }
}

TEST(reply_reader, damaged_answers_end_in_an_exception_or_in_rows_that_can_be_read) {
    std::mt19937 random(20261122); // fixed, so that a failure comes again
    const std::string honest = honest_answers();
    const auto any = [&](std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
    };
    for (int round = 0; round < 30'000; ++round) {
        std::string damaged = honest;
        for (std::size_t changes = 1 + any(3); changes > 0; --changes) {
            const std::size_t at = any(damaged.size());
            switch (any(4)) {
            case 0:
                damaged[at] = static_cast<char>(any(256));
                break;
            case 1:
                damaged.erase(at, 1 + any(8));
                break;
            case 2:
                damaged.insert(at, damaged.substr(any(damaged.size()), any(24)));
                break;
            default:
                damaged[at] = static_cast<char>(damaged[at] ^ (1 << any(8)));
                break;
            }
            if (damaged.empty()) break;
        }
        exchange one;
        try {
            one.feed(damaged, 1 + any(64));
        } catch (const error&) {
        }
        one.reader.finish(one.arrived);
        read_all(one.rows);
    }
}

// The driver's own question for types has no place among the items of the batch.
TEST(reply_reader, copy_instead_of_an_answer_about_types_is_an_error_of_the_question) {
    for (const std::string& copied : {std::string(), message('d', "data") + message('c')}) {
        exchange one;
        one.feed(prepared_answer() + executed_answer(), 100);
        prepared_statement unknown;
        unknown.user_types_used = {static_cast<type_oid>(20'000)};
        ASSERT_FALSE(one.types.resolve(unknown));
        one.types.ask(one.writer);
        one.writer.sync(request_writer::no_item, false);
        one.feed(message('1') + message('2') + message('n') + message('H', "\0\0\0"s) + copied +
                     message('C', "COPY 1\0"s) + message('Z', "I"),
                 100);
        EXPECT_TRUE(one.reader.expected().empty());
        const auto failure = one.types.take_answer();
        ASSERT_TRUE(failure);
        EXPECT_THROW(std::rethrow_exception(failure), usage_error);
        EXPECT_FALSE(one.item.error);
    }
}

TEST(reply_reader, large_result_in_small_pieces_keeps_its_rows) {
    exchange one;
    one.feed(prepared_answer() + message('2'), 100);
    std::string rows;
    for (int i = 0; i < 60'000; ++i)
        rows += message('D', "\0\1\0\0\0\4"s + std::string{static_cast<char>(i >> 24), static_cast<char>(i >> 16),
                                                           static_cast<char>(i >> 8), static_cast<char>(i)});
    one.feed(rows, 1777);
    one.feed(message('C', "SELECT 60000\0"s) + message('Z', "I"), 3);
    ASSERT_EQ(one.rows.size(), 60'000U);
    for (int i = 0; i < 60'000; ++i)
        ASSERT_EQ(load<std::int32_t>(one.rows[static_cast<std::size_t>(i)].next().bytes.data()), i);
    EXPECT_TRUE(one.reader.expected().empty());
}

TEST(reply_reader, roll_back_in_front_of_a_batch_is_refused__throws_connection_lost) {
    exchange way;
    way.feed(honest_answers(), 4096);
    way.writer.roll_back();
    way.reader.start(std::span(&way.item, 1));
    try {
        way.feed(error_message({"SERROR", "C57014", "Mcanceling statement"}), 4096);
        FAIL();
    } catch (const connection_lost& lost) {
        EXPECT_NE(std::string(lost.what()).find("canceling statement"), std::string::npos);
    }
}

} // namespace
} // namespace wharf::postgres
