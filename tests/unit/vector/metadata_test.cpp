#include "vector/content_hash.hpp"
#include "wharf/base/error.hpp"
#include "wharf/vector/document.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace {

using wharf::document;
using wharf::metadata_object;

TEST(metadata, values_of_each_kind__are_an_object_with_its_keys_in_order) {
    const auto made =
        document("t").metadata("lang", "en").metadata("year", 2024).metadata("score", 0.5).metadata("new", true);
    EXPECT_EQ(made.metadata().json(), R"({"lang":"en","new":true,"score":0.5,"year":2024})");
}

TEST(metadata, nothing_set__is_an_empty_object) {
    EXPECT_EQ(metadata_object().json(), "{}");
}

TEST(metadata, key_set_twice__keeps_the_second_value) {
    EXPECT_EQ(document("t").metadata("k", 1).metadata("k", "two").metadata().json(), R"({"k":"two"})");
}

TEST(metadata, quotes_controls_and_utf8__are_escaped_or_kept) {
    EXPECT_EQ(document("t").metadata("a\"b\\", "line\n\x01 \xc3\xa9").metadata().json(),
              "{\"a\\\"b\\\\\":\"line\\u000a\\u0001 \xc3\xa9\"}");
}

TEST(metadata, nul_or_a_number_that_is_not_finite__is_refused) {
    EXPECT_THROW((void)document("t").metadata("k", std::string(1, '\0')).metadata().json(), wharf::usage_error);
    EXPECT_THROW((void)document("t").metadata("k", std::numeric_limits<double>::infinity()).metadata().json(),
                 wharf::usage_error);
}

TEST(content_hash, same_bytes_split_differently__differs) {
    EXPECT_EQ(wharf::content_hash("a", "bc", "{}"), wharf::content_hash("a", "bc", "{}"));
    EXPECT_NE(wharf::content_hash("a", "bc", "{}"), wharf::content_hash("ab", "c", "{}"));
    EXPECT_EQ(wharf::content_hash("", "", "").size(), 64U);
}

} // namespace
