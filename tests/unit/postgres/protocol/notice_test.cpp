#include "postgres/protocol/notice.hpp"

#include "wire.hpp"

namespace wharf::postgres::protocol {
namespace {

TEST(notice, every_field_is_taken_over) {
    const diagnostic fields = decode_diagnostic(
        as_bytes(wire("SFEHLER\0VERROR\0C23505\0Mm\0Dd\0Hh\0P7\0p8\0qi\0Ww\0ss\0tt\0cc\0dy\0nn\0Ff.c\0L42\0Rr\0\0")));
    EXPECT_EQ(fields.severity, "ERROR");
    EXPECT_EQ(fields.sqlstate, "23505");
    EXPECT_EQ(fields.message, "m");
    EXPECT_EQ(fields.detail, "d");
    EXPECT_EQ(fields.hint, "h");
    EXPECT_EQ(fields.position, 7);
    EXPECT_EQ(fields.internal_query, "i");
    EXPECT_EQ(fields.where, "w");
    EXPECT_EQ(fields.schema, "s");
    EXPECT_EQ(fields.table, "t");
    EXPECT_EQ(fields.column, "c");
    EXPECT_EQ(fields.data_type, "y");
    EXPECT_EQ(fields.constraint, "n");
    EXPECT_EQ(fields.file, "f.c");
    EXPECT_EQ(fields.line, 42);
    EXPECT_EQ(fields.routine, "r");
}

TEST(notice, unknown_fields_and_missing_sqlstate_are_tolerated) {
    const diagnostic fields = decode_diagnostic(as_bytes(wire("SFATAL\0Zz\0!\0Mgone\0Pmany\0\0")));
    EXPECT_EQ(fields.severity, "FATAL");
    EXPECT_EQ(fields.sqlstate, "");
    EXPECT_EQ(fields.message, "gone");
    EXPECT_EQ(fields.position, 0);
}

TEST(notice, every_cut_is_refused) {
    expect_prefixes_refused(as_bytes(wire("SERROR\0C42601\0Mx\0\0")), decode_diagnostic);
}

TEST(notice, long_text_is_cut_between_characters) {
    std::string body = "M";
    for (std::size_t i = 0; i < max_error_text; ++i)
        body += "\xe2\x82\xac";
    body += wire("\0\0");
    const diagnostic fields = decode_diagnostic(as_bytes(body));
    EXPECT_LE(fields.message.size(), max_error_text);
    EXPECT_EQ(fields.message.size() % 3, 0U);
    EXPECT_GT(fields.message.size(), max_error_text - 3);
}

TEST(notice, encoded_error_has_exact_bytes) {
    outgoing_buffer out;
    diagnostic fields;
    fields.severity = "ERROR";
    fields.sqlstate = "42601";
    fields.message = "bad";
    fields.position = 3;
    encode_error(out, fields);
    EXPECT_EQ(written(out), wire("E\0\0\0\x1bVERROR\0C42601\0Mbad\0P3\0\0"));
    out.clear();
    encode_notice(out, {});
    EXPECT_EQ(written(out), wire("N\0\0\0\5\0"));
}

} // namespace
} // namespace wharf::postgres::protocol
