// Simple query, Parse, Bind, Describe, Execute, Close, Sync.
#include "postgres/protocol/bind.hpp"
#include "postgres/protocol/parse.hpp"
#include "postgres/protocol/portal.hpp"
#include "postgres/protocol/simple_query.hpp"

#include "wire.hpp"

#include <array>

namespace wharf::postgres::protocol {
namespace {

TEST(simple_query, is_the_text_and_a_nul) {
    outgoing_buffer out;
    encode_query(out, "SELECT 1");
    EXPECT_EQ(written(out), wire("Q\0\0\0\x0dSELECT 1\0"));
    EXPECT_EQ(decode_query(body_of(out)), "SELECT 1");
}

TEST(simple_query, nul_is_refused_before_a_byte_is_written) {
    outgoing_buffer out;
    EXPECT_THROW(encode_query(out, wire("SELECT 1\0; DROP")), usage_error);
    EXPECT_TRUE(out.empty());
}

TEST(bare_messages, have_no_body) {
    outgoing_buffer out;
    encode_sync(out);
    encode_flush(out);
    encode_terminate(out);
    EXPECT_EQ(written(out), wire("S\0\0\0\4H\0\0\0\4X\0\0\0\4"));
}

TEST(parse, names_the_statement_and_its_types) {
    outgoing_buffer out;
    const std::array<std::uint32_t, 2> types{20, 0};
    encode(out, parse_message{"s1", "SELECT $1", types});
    EXPECT_EQ(written(out), wire("P\0\0\0\x1bs1\0SELECT $1\0\0\2\0\0\0\x14\0\0\0\0"));
    const received_parse decoded = decode_parse(body_of(out));
    EXPECT_EQ(decoded.statement, "s1");
    EXPECT_EQ(decoded.sql, "SELECT $1");
    EXPECT_EQ(decoded.parameter_types, (std::vector<std::uint32_t>{20, 0}));
    expect_prefixes_refused(body_of(out), decode_parse);
}

TEST(parse, nul_in_name_or_text_is_refused) {
    outgoing_buffer out;
    EXPECT_THROW(encode(out, parse_message{wire("s\0"), "SELECT 1", {}}), usage_error);
    EXPECT_THROW(encode(out, parse_message{"s", wire("SELECT 1\0"), {}}), usage_error);
    EXPECT_TRUE(out.empty());
}

TEST(parameter_description, lists_oids) {
    const std::vector<std::uint32_t> types{20, 0xffffffff};
    outgoing_buffer out;
    encode_parameter_description(out, types);
    EXPECT_EQ(written(out), wire("t\0\0\0\x0e\0\2\0\0\0\x14\xff\xff\xff\xff"));
    EXPECT_EQ(decode_parameter_description(body_of(out)), types);
    expect_prefixes_refused(body_of(out), decode_parameter_description);
}

TEST(parameter_description, count_beyond_the_body_is_refused_before_allocation) {
    EXPECT_THROW((void)decode_parameter_description(as_bytes(wire("\xff\xff\0\0\0\x14"))), protocol_violation);
}

TEST(bind, binary_parameters_need_one_format) {
    outgoing_buffer out;
    const std::array<format_code, 1> formats{format_code::binary};
    bind_message message{"", "s1", {}, 3, as_bytes(wire("\0\0\0\2ab\xff\xff\xff\xff\0\0\0\0")), formats};
    encode(out, message);
    EXPECT_EQ(written(out), wire("B\0\0\0\x20\0s1\0\0\1\0\1\0\3\0\0\0\2ab\xff\xff\xff\xff\0\0\0\0\0\1\0\1"));
    expect_prefixes_refused(body_of(out), decode_bind);
    const received_bind decoded = decode_bind(body_of(out));
    ASSERT_EQ(decoded.values.size(), 3U);
    EXPECT_EQ(as_text(decoded.values[0].data), "ab");
    EXPECT_TRUE(decoded.values[1].null);
    EXPECT_FALSE(decoded.values[2].null);
}

TEST(bind, formats_that_differ_are_sent_each) {
    outgoing_buffer out;
    const std::array<format_code, 2> formats{format_code::binary, format_code::text};
    encode(out, bind_message{"", "", formats, 2, as_bytes(wire("\0\0\0\1a\0\0\0\1b")), formats});
    EXPECT_EQ(written(out), wire("B\0\0\0\x1e\0\0\0\2\0\1\0\0\0\2\0\0\0\1a\0\0\0\1b\0\2\0\1\0\0"));
    const received_bind decoded = decode_bind(body_of(out));
    EXPECT_EQ(decoded.values[1].format, format_code::text);
    EXPECT_EQ(decoded.result_formats[0], format_code::binary);
}

TEST(bind, no_values_and_no_formats_are_three_counts) {
    outgoing_buffer out;
    encode(out, bind_message{});
    EXPECT_EQ(written(out), wire("B\0\0\0\x0c\0\0\0\0\0\0\0\0"));
}

TEST(bind, one_parameter_too_many_is_refused_before_a_byte_is_written) {
    outgoing_buffer out;
    const std::string nulls(std::size_t{65'536} * 4, '\xff');
    bind_message message{"", "", {}, 65'535, as_bytes(nulls).first(std::size_t{65'535} * 4), {}};
    EXPECT_NO_THROW(encode(out, message));
    EXPECT_EQ(decode_bind(body_of(out)).values.size(), 65'535U);
    out.clear();
    message.parameter_count = 65'536;
    message.parameters = as_bytes(nulls);
    EXPECT_THROW(encode(out, message), usage_error);
    EXPECT_TRUE(out.empty());
}

// The views claim more than exists: the sizes must be refused before anything is read through them.
TEST(bind, values_over_four_gibibytes_are_refused_before_a_byte_is_read_or_written) {
    outgoing_buffer out;
    const std::byte nothing{};
    for (const std::uint64_t size : {std::uint64_t{1} << 30, (std::uint64_t{1} << 32) + 1, ~std::uint64_t{0} >> 1})
        EXPECT_THROW(encode(out, bind_message{"", "", {}, 1, bytes_view(&nothing, size), {}}), usage_error);
    EXPECT_TRUE(out.empty());
}

TEST(bind, hostile_body_is_refused) {
    EXPECT_THROW((void)decode_bind(as_bytes(wire("\0\0\0\0\0\1\xff\xff\xff\xfe\0\0"))), protocol_violation);
    EXPECT_THROW((void)decode_bind(as_bytes(wire("\0\0\0\0\xff\xff\0\0"))), protocol_violation);
    EXPECT_THROW((void)decode_bind(as_bytes(wire("\0\0\0\1\0\2\0\0\0\0"))), protocol_violation);
}

TEST(portal, describe_close_and_execute_name_their_target) {
    outgoing_buffer out;
    encode_describe(out, target::statement, "s1");
    EXPECT_EQ(written(out), wire("D\0\0\0\10Ss1\0"));
    EXPECT_EQ(decode_target(body_of(out)).name, "s1");
    expect_prefixes_refused(body_of(out), decode_target);
    out.clear();
    encode_close(out, target::portal, "");
    EXPECT_EQ(written(out), wire("C\0\0\0\6P\0"));
    EXPECT_EQ(decode_target(body_of(out)).what, target::portal);
    out.clear();
    encode(out, execute_message{"p", 50});
    EXPECT_EQ(written(out), wire("E\0\0\0\np\0\0\0\0\x32"));
    EXPECT_EQ(decode_execute(body_of(out)).row_limit, 50);
    expect_prefixes_refused(body_of(out), decode_execute);
}

TEST(bind, large_parameters_are_sent_from_where_they_are) {
    const std::string large = std::string(wire("\0\x10\0\0")) + std::string(std::size_t{1} << 20, 'x');
    outgoing_buffer out;
    encode(out, bind_message{"", "s", {}, 1, as_bytes(large), {}});
    EXPECT_LT(out.capacity(), 10'000U);
    std::string sent;
    while (!out.empty()) {
        sent += as_text(out.pending());
        out.consume(out.pending().size());
    }
    const received_bind decoded = decode_bind(as_bytes(sent).subspan(frame_head_size));
    ASSERT_EQ(decoded.values.size(), 1U);
    EXPECT_EQ(as_text(decoded.values[0].data), std::string_view(large).substr(4));
}

} // namespace
} // namespace wharf::postgres::protocol
