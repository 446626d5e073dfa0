// SASLprep: examples, and digests over what Python's stringprep and unicodedata make of the same text.
#include "postgres/protocol/saslprep.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace wharf::postgres::protocol {
namespace {

std::string utf8(char32_t character) {
    std::string result;
    const auto more = [&](unsigned shift) { result += static_cast<char>(0x80U | (character >> shift & 0x3fU)); };
    if (character < 0x80) {
        result += static_cast<char>(character);
    } else if (character < 0x800) {
        result += static_cast<char>(0xc0U | character >> 6U);
        more(0);
    } else if (character < 0x10000) {
        result += static_cast<char>(0xe0U | character >> 12U);
        more(6);
        more(0);
    } else {
        result += static_cast<char>(0xf0U | character >> 18U);
        more(12);
        more(6);
        more(0);
    }
    return result;
}

class digest {
public:
    digest() { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }
    void add(const std::string& text) { EVP_DigestUpdate(context_.get(), text.c_str(), text.size() + 1); }
    std::string hexadecimal() {
        std::array<unsigned char, 32> hash{};
        EVP_DigestFinal_ex(context_.get(), hash.data(), nullptr);
        std::string result;
        for (const unsigned byte : hash)
            result.append({"0123456789abcdef"[byte >> 4U], "0123456789abcdef"[byte & 15U]});
        return result;
    }

private:
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
};

TEST(saslprep, examples_of_rfc_4013) {
    EXPECT_EQ(saslprep("I\xc2\xadX"), "IX");
    EXPECT_EQ(saslprep("user"), "user");
    EXPECT_EQ(saslprep("USER"), "USER");
    EXPECT_EQ(saslprep("\xc2\xaa"), "a");
    EXPECT_EQ(saslprep("\xe2\x85\xa8"), "IX");
    EXPECT_EQ(saslprep("\x07"), "\x07") << "ASCII is never changed";
    EXPECT_EQ(saslprep("\xd8\xa7\x31"), "\xd8\xa7\x31") << "mixes directions";
}

TEST(saslprep, what_cannot_be_prepared_is_used_as_it_is) {
    for (const char* text : {"", "\xff", "\xc2", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "a\xe2\x82",
                             "\xc2\xad",                         // nothing is left of it
                             "\xef\xac\x81\xff",                 // a ligature, but no UTF-8
                             "\xef\xac\x81\xcb\x8d\xe2\x80\xae", // and a prohibited character
                             "\xef\xac\x81\xf0\x9f\x94\x91"})    // and one that is younger than Unicode 3.2
        EXPECT_EQ(saslprep(text), text);
}

TEST(saslprep, every_character_alone) {
    digest all;
    for (char32_t character = 0; character < 0x30000; ++character) // none that is mapped comes later
        if (character < 0xd800 || character > 0xdfff) all.add(saslprep(utf8(character)));
    EXPECT_EQ(all.hexadecimal(), "a4401600f620126340a5a827d56a6af5d62844cbd7dfbabc28d299c80024c99f");
}

TEST(saslprep, letters_and_marks_in_random_order) {
    constexpr std::array<std::pair<char32_t, std::uint64_t>, 10> blocks{{{0xc0, 0x1c0},
                                                                         {0x300, 0x70},
                                                                         {0x1100, 0x100},
                                                                         {0xac00, 0x2ba4},
                                                                         {0x1e00, 0x200},
                                                                         {0x5d0, 0x20},
                                                                         {0x61, 0x1a},
                                                                         {0xf900, 0x400},
                                                                         {0x900, 0x200},
                                                                         {0x2000, 0x200}}};
    std::uint64_t state = 1;
    const auto below = [&](std::uint64_t bound) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        return (state >> 33U) % bound;
    };
    digest all;
    for (int i = 0; i < 10'000; ++i) {
        std::string text;
        for (auto count = 1 + below(6); count > 0; --count) {
            const auto [first, size] = blocks[below(blocks.size())];
            text += utf8(first + static_cast<char32_t>(below(size)));
        }
        all.add(saslprep(text));
    }
    EXPECT_EQ(all.hexadecimal(), "4512a36a08a933e2eff4e888df6f3000c1151ce798eeab54e53fcae5a22ca1eb");
}

} // namespace
} // namespace wharf::postgres::protocol
