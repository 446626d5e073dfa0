// Cutting COPY's binary stream into rows.
#include "postgres/copy_rows.hpp"

#include "protocol/wire.hpp"

#include <random>

namespace wharf::postgres {
namespace {

using protocol::wire;
using rows = std::vector<std::string>;

constexpr std::size_t no_limit = std::size_t{1} << 30;

const std::string header(wire("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"));
const std::string row_a(wire("\0\2\0\0\0\1a\xff\xff\xff\xff"));
const std::string row_b(wire("\0\2\0\0\0\0\0\0\0\2bc"));
const std::string trailer(wire("\xff\xff"));

// Takes the stream in these pieces.
rows split(std::size_t columns, std::span<const std::string> messages) {
    copy_row_splitter splitter;
    splitter.start(columns, no_limit);
    rows all;
    for (const std::string& message : messages) {
        std::vector<std::string_view> found;
        splitter.take(message, found);
        all.insert(all.end(), found.begin(), found.end());
        splitter.forget();
    }
    splitter.finish();
    return all;
}

rows split(std::size_t columns, std::initializer_list<std::string> messages) {
    return split(columns, std::span(messages.begin(), messages.size()));
}

TEST(copy_rows, one_row_in_each_message_is_taken_where_it_lies) {
    copy_row_splitter splitter;
    splitter.start(2, no_limit);
    std::vector<std::string_view> found;
    const std::string first = header + row_a;
    splitter.take(first, found);
    splitter.take(row_b, found);
    splitter.take(trailer, found);
    splitter.finish();
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0], row_a);
    EXPECT_EQ(found[0].data(), first.data() + header.size()) << "copied";
    EXPECT_EQ(found[1].data(), row_b.data()) << "copied";
}

TEST(copy_rows, any_cut_of_the_stream_gives_the_same_rows) {
    const std::string stream = header + row_a + row_b + row_a + trailer;
    for (std::size_t size = 1; size <= stream.size(); ++size) {
        std::vector<std::string> pieces;
        for (std::size_t at = 0; at < stream.size(); at += size)
            pieces.push_back(stream.substr(at, size));
        EXPECT_EQ(split(2, pieces), (rows{row_a, row_b, row_a})) << "pieces of " << size;
    }
}

TEST(copy_rows, header_may_carry_an_extension_which_is_skipped) {
    std::string extended = header;
    extended[18] = 3;
    EXPECT_EQ(split(2, {extended + "xyz" + row_a + trailer}), rows{row_a});
    EXPECT_EQ(split(2, {extended + "x", "yz" + row_a + trailer}), rows{row_a});
}

TEST(copy_rows, no_rows_are_a_header_and_a_trailer) {
    EXPECT_EQ(split(2, {header + trailer}), rows{});
    EXPECT_EQ(split(0, {header, std::string(wire("\0\0")), trailer}), rows{std::string(wire("\0\0"))});
}

TEST(copy_rows, stream_that_is_not_as_it_should_be_is_refused) {
    std::string with_oids = header;
    with_oids[12] = 1;
    std::string huge_extension = header;
    huge_extension[15] = '\x7f';
    const std::string streams[] = {
        "PGCOPZ\n" + row_a,
        std::string(wire("\0\2")),
        with_oids + trailer,
        huge_extension + trailer,
        header + std::string(wire("\0\1\0\0\0\1a")) + trailer,
        header + std::string(wire("\0\3")) + trailer,
        header + std::string(wire("\xff\xfe")) + trailer,
        header + std::string(wire("\0\2\xff\xff\xff\xfe")) + trailer,
        header + row_a + trailer + row_a,
        header + row_a,
        header + row_a.substr(0, 5),
        header.substr(0, 12),
        "",
    };
    for (const std::string& stream : streams)
        EXPECT_THROW((void)split(2, {stream}), protocol_violation) << testing::PrintToString(stream);
}

TEST(copy_rows, row_above_the_limit_is_refused_before_it_is_kept) {
    copy_row_splitter splitter;
    splitter.start(1, 100);
    std::vector<std::string_view> found;
    splitter.take(header + std::string(wire("\0\1\x7f\0\0\0")), found);
    EXPECT_THROW(splitter.take(std::string(100, 'x'), found), protocol_violation);
}

TEST(copy_rows, random_bytes_are_rows_or_refused) {
    std::minstd_rand random(4);
    for (int round = 0; round < 20'000; ++round) {
        std::string stream = header;
        for (auto size = random() % 40; size > 0; --size)
            stream.push_back(static_cast<char>(random() % 4 == 0 ? random() % 256 : random() % 3));
        try {
            for (const std::string& row : split(2, {stream.substr(0, 25), stream.size() > 25 ? stream.substr(25) : ""}))
                EXPECT_GE(row.size(), 10U);
        } catch (const protocol_violation&) {
        }
    }
}

} // namespace
} // namespace wharf::postgres
