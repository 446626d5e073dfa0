#include "wharf/row/times.hpp"

#include "row/time_text.hpp"
#include "unit/row/cells.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace wharf::testing {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;
using ::testing::HasSubstr;

constexpr date leap_day{std::chrono::year{2024} / 2 / 29};
const timestamptz moment = leap_day + 12h + 34min + 56s + microseconds{789012};

TEST(time_codec, counts_from_2000) {
    EXPECT_EQ(encoded(date{std::chrono::year{2000} / 1 / 1}), bytes("00000000"));
    EXPECT_EQ(encoded(date{std::chrono::year{1999} / 12 / 31}), bytes("ffffffff"));
    EXPECT_EQ(encoded(timestamptz{date{std::chrono::year{2000} / 1 / 1}} + 1us), bytes("0000000000000001"));
    EXPECT_EQ(encoded(timestamp{microseconds{946'684'800'000'000}}), bytes("0000000000000000"));
}

TEST(time_codec, survives_a_round_trip) {
    EXPECT_EQ(round_trip(leap_day), leap_day);
    EXPECT_EQ(round_trip(moment), moment);
    EXPECT_EQ(round_trip(timestamp{microseconds{-1}}), timestamp{microseconds{-1}});
}

TEST(time_codec, value_that_the_database_cannot_hold_is_refused) {
    EXPECT_THROW(encoded(timestamptz::min()), conversion_error);
    EXPECT_THROW(encoded(timestamp::min()), conversion_error);
    EXPECT_THROW(encoded(date{std::chrono::days{std::numeric_limits<int>::max()}}), conversion_error);
    EXPECT_THROW(encoded(date{std::chrono::days{std::numeric_limits<int>::min()}}), conversion_error);
}

TEST(time_codec, value_beyond_the_clock_is_refused) {
    EXPECT_THAT(refusal<timestamptz>(cell(type_oid::timestamptz, bytes("7ffffffffffffffe"))), HasSubstr("can hold"));
}

TEST(time_codec, infinity_needs_unbounded) {
    const auto high = bytes("7fffffffffffffff");
    const auto low = bytes("8000000000000000");
    EXPECT_THAT(refusal<timestamptz>(cell(type_oid::timestamptz, high)), HasSubstr("wharf::unbounded"));
    EXPECT_THAT(refusal<date>(cell(type_oid::date, bytes("80000000"))), HasSubstr("wharf::unbounded"));
    using open = unbounded<timestamptz>;
    EXPECT_TRUE(decoded<open>(cell(type_oid::timestamptz, high)).is_infinity());
    EXPECT_TRUE(decoded<open>(cell(type_oid::timestamptz, low)).is_minus_infinity());
    EXPECT_TRUE(decoded<open>(cell(type_oid::text, "-infinity")).is_minus_infinity());
    EXPECT_EQ(encoded(open::infinity()), high);
    EXPECT_EQ(encoded(open::minus_infinity()), low);
    EXPECT_EQ(round_trip(open(moment)).value(), moment);
    EXPECT_LT(open::minus_infinity(), open(moment));
    EXPECT_LT(open(moment), open::infinity());
    EXPECT_EQ(encoded(unbounded<date>::infinity()), bytes("7fffffff"));
}

TEST(time_codec, other_types_and_lengths_are_refused) {
    EXPECT_THAT(refusal<timestamptz>(cell(type_oid::timestamp, bytes("0000000000000000"))),
                HasSubstr("timestamp cannot"));
    EXPECT_THAT(refusal<date>(cell(type_oid::date, bytes("0000"))), HasSubstr("malformed"));
    EXPECT_THAT(refusal<date>(cell(type_oid::int8, bytes("0000000000000000"))), HasSubstr("int8"));
}

TEST(time_codec, reads_iso_text) {
    EXPECT_EQ(decoded<timestamptz>(cell(type_oid::text, "2024-02-29 12:34:56.789012")), moment);
    EXPECT_EQ(decoded<timestamptz>(cell(type_oid::text, "2024-02-29T12:34:56.789012Z")), moment);
    EXPECT_EQ(decoded<timestamptz>(cell(type_oid::text, "2024-02-29T14:34:56.789012+02:00")), moment);
    EXPECT_EQ(decoded<timestamptz>(cell(type_oid::text, "2024-02-29T07:04:56.789012000-0530")), moment);
    EXPECT_EQ(decoded<timestamptz>(cell(type_oid::text, "2024-02-29 12:34")), leap_day + 12h + 34min);
    EXPECT_EQ(decoded<timestamptz>(cell(type_oid::text, "2024-02-29")), leap_day);
    EXPECT_EQ(decoded<timestamp>(cell(type_oid::text, "1970-01-01 00:00:00.5")), timestamp{500ms});
    EXPECT_EQ(decoded<date>(cell(type_oid::text, "2024-02-29")), leap_day);
}

TEST(time_codec, text_that_is_no_time_is_refused) {
    for (const auto* bad :
         {"", "2024", "2024-02-30", "2023-02-29", "2024-13-01", "2024-2-9", "2024-02-29 ", "2024-02-29 24:00",
          "2024-02-29 12:60", "2024-02-29 12:00:60", "2024-02-29 12:00:00.", "2024-02-29 12:00:00.1234567",
          "2024-02-29 12:00:00+", "2024-02-29 12:00:00+99:00", "2024-02-29 12:00:00Zx", "infinity", "-2024-02-29"})
        EXPECT_NE(refusal<timestamptz>(cell(type_oid::text, bad)), "") << bad;
    EXPECT_NE(refusal<timestamp>(cell(type_oid::text, "2024-02-29 12:00:00Z")), "");
    EXPECT_NE(refusal<date>(cell(type_oid::text, "2024-02-29 12:00:00")), "");
}

TEST(time_text, is_written_with_six_digits) {
    std::string out;
    EXPECT_TRUE(detail::append_timestamp(out, moment.time_since_epoch().count()));
    EXPECT_EQ(out, "2024-02-29 12:34:56.789012");
    out.clear();
    EXPECT_TRUE(detail::append_timestamp(out, -1));
    EXPECT_EQ(out, "1969-12-31 23:59:59.999999");
}

TEST(time_text, years_of_other_than_four_digits_are_refused) {
    std::string out;
    EXPECT_TRUE(detail::append_date(out, date{std::chrono::year{0} / 1 / 1}.time_since_epoch().count()));
    EXPECT_TRUE(detail::append_date(out, date{std::chrono::year{9999} / 12 / 31}.time_since_epoch().count()));
    EXPECT_EQ(out, "0000-01-019999-12-31");
    EXPECT_FALSE(detail::append_date(out, date{std::chrono::year{-1} / 12 / 31}.time_since_epoch().count()));
    EXPECT_FALSE(detail::append_date(out, date{std::chrono::year{10000} / 1 / 1}.time_since_epoch().count()));
    EXPECT_FALSE(detail::append_timestamp(out, std::numeric_limits<std::int64_t>::min()));
    EXPECT_EQ(out, "0000-01-019999-12-31");
}

} // namespace
} // namespace wharf::testing
