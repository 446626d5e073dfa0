#include "postgres/protocol/outgoing_buffer.hpp"

#include "wire.hpp"

namespace wharf::postgres::protocol {
namespace {

TEST(outgoing_buffer, messages_line_up_behind_each_other) {
    outgoing_buffer out;
    out.begin(frontend_message::query, 3).string("ab");
    out.begin(frontend_message::sync, 0);
    EXPECT_EQ(written(out), wire("Q\0\0\0\7ab\0S\0\0\0\4"));
}

TEST(outgoing_buffer, sent_bytes_leave_the_front_and_later_ones_join_behind) {
    outgoing_buffer out;
    std::string expected;
    for (int i = 0; i < 3000; ++i) {
        out.begin(frontend_message::query, 4).string("abc");
        expected += wire("Q\0\0\0\10abc\0");
        const std::size_t sent = static_cast<std::size_t>(i) % 11;
        out.consume(sent);
        expected.erase(0, sent);
    }
    EXPECT_EQ(written(out), expected);
}

TEST(outgoing_buffer, truncated_keeps_what_came_before) {
    outgoing_buffer out;
    out.begin(frontend_message::sync, 0);
    const std::size_t before = out.size();
    out.begin(frontend_message::flush, 0);
    out.truncate(before);
    EXPECT_EQ(written(out), wire("S\0\0\0\4"));
}

TEST(outgoing_buffer, message_over_one_gibibyte_is_refused_before_a_byte_is_written) {
    outgoing_buffer out;
    EXPECT_THROW(out.begin(frontend_message::query, std::uint64_t{1} << 30), usage_error);
    EXPECT_THROW(out.begin(frontend_message::query, std::uint64_t{1} << 32), usage_error);
    EXPECT_THROW(out.begin(frontend_message::query, ~std::uint64_t{0}), usage_error);
    EXPECT_THROW(out.begin_untyped(~std::uint64_t{0}), usage_error);
    EXPECT_TRUE(out.empty());
}

TEST(outgoing_buffer, string_with_nul_is_refused) {
    EXPECT_THROW((void)string_size(wire("a\0b"), "the statement"), usage_error);
    EXPECT_EQ(string_size("ab", "the statement"), 3U);
}

std::string sent_in_steps(outgoing_buffer& out, std::size_t most) {
    std::string sent;
    while (!out.empty()) {
        const auto next = as_text(out.pending()).substr(0, most);
        sent += next;
        out.consume(next.size());
    }
    return sent;
}

TEST(outgoing_buffer, bytes_of_another_one_are_sent_in_their_place_without_a_copy) {
    const std::string large(1000, 'x');
    for (const std::size_t most : {1U, 7U, 5000U}) {
        outgoing_buffer out;
        out.begin(frontend_message::sync, 0);
        out.begin_around(frontend_message::query, 1002, 1000).character('a').character('b');
        out.insert(as_bytes(large), 1);
        out.begin(frontend_message::flush, 0);
        EXPECT_EQ(out.size(), 5U + 1007 + 5);
        EXPECT_EQ(out.written(), out.size());
        const std::string front(wire("S\0\0\0\4Q\0\0\3\xee"
                                     "a"));
        EXPECT_EQ(sent_in_steps(out, most), front + large + std::string(wire("bH\0\0\0\4")));
        EXPECT_EQ(out.consumed(), 5U + 1007 + 5);
    }
}

TEST(outgoing_buffer, text_that_it_keeps_lives_until_it_has_been_sent) {
    outgoing_buffer out;
    std::string large(1000, 'x');
    out.begin_around(frontend_message::query, 1000, 1000);
    out.insert(as_bytes(large), 0);
    out.keep(std::move(large));
    EXPECT_EQ(sent_in_steps(out, 100).substr(5), std::string(1000, 'x'));
}

TEST(outgoing_buffer, truncated_takes_back_what_was_inserted_too) {
    outgoing_buffer out;
    const std::string text(10, 'x');
    out.begin(frontend_message::sync, 0);
    const auto before = out.size();
    out.begin_around(frontend_message::query, 12, 10).character('a').character('b');
    out.insert(as_bytes(text), 1);
    out.truncate(before);
    EXPECT_EQ(out.written(), before);
    EXPECT_EQ(sent_in_steps(out, 100), wire("S\0\0\0\4"));
}

} // namespace
} // namespace wharf::postgres::protocol
