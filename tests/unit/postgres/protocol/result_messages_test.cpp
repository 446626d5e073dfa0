// RowDescription, DataRow, CommandComplete.
#include "postgres/protocol/command_complete.hpp"
#include "postgres/protocol/data_row.hpp"
#include "postgres/protocol/row_description.hpp"

#include "wire.hpp"

namespace wharf::postgres::protocol {
namespace {

TEST(row_description, column_has_eighteen_bytes_after_its_name) {
    outgoing_buffer out;
    const std::vector<column_description> columns{{"id", 16384, 1, 20, 8, -1, format_code::binary}};
    encode_row_description(out, columns);
    EXPECT_EQ(written(out), wire("T\0\0\0\x1b\0\1id\0\0\0\x40\0\0\1\0\0\0\x14\0\x08\xff\xff\xff\xff\0\1"));
    EXPECT_EQ(decode_row_description(body_of(out)), columns);
    expect_prefixes_refused(body_of(out), decode_row_description);
}

TEST(row_description, count_beyond_the_body_is_refused_before_allocation) {
    EXPECT_THROW((void)decode_row_description(as_bytes(wire("\x7f\xff"))), protocol_violation);
    EXPECT_THROW((void)decode_row_description(as_bytes(wire("\xff\xff"))), protocol_violation);
}

TEST(row_description, unknown_format_is_refused) {
    EXPECT_THROW(
        (void)decode_row_description(as_bytes(wire("\0\1id\0\0\0\x40\0\0\1\0\0\0\x14\0\x08\xff\xff\xff\xff\0\2"))),
        protocol_violation);
}

TEST(data_row, cells_are_lengths_and_bytes) {
    outgoing_buffer out;
    const std::vector<std::optional<bytes_view>> cells{as_bytes("ab"), std::nullopt, as_bytes("")};
    encode_data_row(out, cells);
    EXPECT_EQ(written(out), wire("D\0\0\0\x14\0\3\0\0\0\2ab\xff\xff\xff\xff\0\0\0\0"));
    EXPECT_NO_THROW(check_data_row(body_of(out), 3));
    expect_prefixes_refused(body_of(out), [](bytes_view body) {
        check_data_row(body, 3);
        return 0;
    });
}

TEST(data_row, other_number_of_cells_than_announced_is_refused) {
    EXPECT_THROW(check_data_row(as_bytes(wire("\0\1\xff\xff\xff\xff")), 2), protocol_violation);
    EXPECT_THROW(check_data_row(as_bytes(wire("\0\1\xff\xff\xff\xff")), 0), protocol_violation);
}

TEST(data_row, cell_length_below_minus_one_or_beyond_the_frame_is_refused) {
    EXPECT_THROW(check_data_row(as_bytes(wire("\0\1\xff\xff\xff\xfe")), 1), protocol_violation);
    EXPECT_THROW(check_data_row(as_bytes(wire("\0\1\x7f\xff\xff\xff")), 1), protocol_violation);
    EXPECT_THROW(check_data_row(as_bytes(wire("\0\1\0\0\0\2a")), 1), protocol_violation);
    EXPECT_THROW(check_data_row(as_bytes(wire("\0\1\0\0\0\1ab")), 1), protocol_violation);
}

TEST(command_complete, tag_ends_with_a_nul) {
    EXPECT_EQ(decode_command_complete(as_bytes(wire("COMMIT\0"))), "COMMIT");
    expect_prefixes_refused(as_bytes(wire("COMMIT\0")), decode_command_complete);
    EXPECT_THROW((void)decode_command_complete(as_bytes(wire("A\0B\0"))), protocol_violation);
}

TEST(command_complete, affected_rows_are_the_last_number) {
    EXPECT_EQ(affected_rows("INSERT 0 3"), 3U);
    EXPECT_EQ(affected_rows("SELECT 18446744073709551615"), 18446744073709551615U);
    EXPECT_EQ(affected_rows("SELECT 18446744073709551616"), 0U);
    EXPECT_EQ(affected_rows("CREATE TABLE"), 0U);
    EXPECT_EQ(affected_rows("BEGIN"), 0U);
    EXPECT_EQ(affected_rows("UPDATE "), 0U);
    EXPECT_EQ(affected_rows("UPDATE 3x"), 0U);
}

} // namespace
} // namespace wharf::postgres::protocol
