// COPY of text that passes through as it is.
#include "copying.hpp"

#include "wharf/base/database_error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace {

using testing::HasSubstr;
using wharf::test::copy_pgtest;

TEST_F(copy_pgtest, csv__passes_through_both_ways) {
    const std::string csv = "1,Ann,a@b\n2,\"Bob, the\",\n";
    EXPECT_EQ(conn.copy_in_text("COPY people FROM STDIN (FORMAT csv)", csv).rows, 2U);
    std::string out;
    EXPECT_EQ(conn.copy_out_text("COPY (SELECT * FROM people ORDER BY id) TO STDOUT (FORMAT csv)",
                                 [&out](std::string_view piece) { out.append(piece); })
                  .rows,
              2U);
    EXPECT_EQ(out, csv);
}

TEST_F(copy_pgtest, text_source__may_be_a_range_or_a_function_with_pieces_anywhere) {
    const std::vector<std::string> pieces{"1\tA", "", "nn\t\\N", "\n2\tBob\t\\N\n"};
    EXPECT_EQ(conn.copy_in_text("COPY people FROM STDIN", pieces).rows, 2U);
    int lines = 0;
    const auto next = [&lines] { return ++lines > 50'000 ? std::string() : std::to_string(lines + 2) + "\tx\t\\N\n"; };
    EXPECT_EQ(conn.copy_in_text("COPY people FROM STDIN", next).rows, 50'000U);
    auto in = conn.open_copy_in_text("COPY people FROM STDIN (FORMAT csv)");
    in.write("100001,An");
    in.write("n,\n");
    EXPECT_EQ(in.bytes(), 12U);
    EXPECT_EQ(in.finish().rows, 1U);
    EXPECT_EQ(value("SELECT count(*) FROM people"), "50003");
}

TEST_F(copy_pgtest, text_that_is_wrong__is_the_servers_error_with_the_line) {
    try {
        conn.copy_in_text("COPY people FROM STDIN (FORMAT csv)", "1,Ann,\n2,Bob,x,y\n");
        FAIL() << "accepted";
    } catch (const wharf::database_error& error) {
        EXPECT_EQ(error.sqlstate(), "22P04");
        EXPECT_THAT(error.fields().where, HasSubstr("line 2"));
    }
    expect_usable();
}

TEST_F(copy_pgtest, copy_of_the_wrong_direction_or_none_at_all__is_refused_and_has_no_effect) {
    conn.copy_in("people", people(10));
    const auto ignore = [](std::string_view) { FAIL(); };
    EXPECT_THROW(conn.copy_in_text("COPY people TO STDOUT", "1"), wharf::usage_error);
    expect_usable();
    EXPECT_THROW(conn.copy_out_text("COPY people FROM STDIN", ignore), wharf::usage_error);
    expect_usable();
    EXPECT_THROW(conn.copy_in_text("DELETE FROM people", "1"), wharf::usage_error);
    EXPECT_THROW(conn.copy_out_text("SELECT 1", ignore), wharf::usage_error);
    EXPECT_THROW(conn.copy_in_text("COPY people FROM PROGRAM 'echo 100,x,y' (FORMAT csv)", "1"), wharf::usage_error);
    expect_usable();
    EXPECT_EQ(value("SELECT count(*) FROM people"), "10");
}

} // namespace
