#include "vector/canonical_json.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using wharf::canonical_json;

TEST(canonical_json, spellings_of_one_value__are_one_text) {
    EXPECT_EQ(canonical_json(R"( { "b" : [ 1 , 2.50 , true , null ] , "a" : "x" } )"),
              R"({"a":"x","b":[1,2.50,true,null]})");
    EXPECT_EQ(canonical_json(R"({"a":1,"a":2})"), R"({"a":2})");
    EXPECT_EQ(canonical_json(R"("\u00e9\ud83d\ude00\/\n\u0041")"), "\"\xc3\xa9\xf0\x9f\x98\x80/\\u000aA\"");
    EXPECT_EQ(canonical_json("1e+05"), "100000");
    EXPECT_EQ(canonical_json("-1.5e-3"), "-0.0015");
    EXPECT_EQ(canonical_json("{}"), "{}");
    EXPECT_EQ(canonical_json("[ ]"), "[]");
}

TEST(canonical_json, what_is_no_json__is_nothing) {
    for (const char* const text :
         {"", "{", "[1,]", "{\"a\"}", "nul", "\"a", "1 2", "\"\\u0000\"", "\"\\ud800\"", "--1"})
        EXPECT_EQ(canonical_json(text), std::nullopt) << text;
    EXPECT_EQ(canonical_json(std::string(1000, '[')), std::nullopt);
}

} // namespace
