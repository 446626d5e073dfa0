// Random connection strings, read by libpq and by us: the same verdict and values, or one of the differences named
// here.
#include "wharf/base/error.hpp"
#include "wharf/base/url.hpp"

#include "unit/base/connection_string_maker.hpp"

#include <gtest/gtest.h>

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace wharf {
namespace {

// Of libpq-fe.h.
struct conninfo_option {
    char* keyword;
    char* variable;
    char* compiled;
    char* value;
    char* label;
    char* display;
    int size;
};

class libpq {
public:
    libpq() : library_(::dlopen("libpq.so.5", RTLD_NOW)) {
        if (library_ == nullptr) return;
        parse_ = reinterpret_cast<decltype(parse_)>(::dlsym(library_, "PQconninfoParse"));
        free_ = reinterpret_cast<decltype(free_)>(::dlsym(library_, "PQconninfoFree"));
    }
    [[nodiscard]] bool found() const { return parse_ != nullptr && free_ != nullptr; }
    /// All parameters that libpq knows, with what the string says. Nothing where libpq refuses the string.
    using values = std::map<std::string, std::optional<std::string>, std::less<>>;
    [[nodiscard]] std::optional<values> read(const std::string& text) const {
        char* message = nullptr; // a few bytes are not worth finding PQfreemem
        auto* options = parse_(text.c_str(), &message);
        ::free(message);
        if (options == nullptr) return std::nullopt;
        values all;
        for (auto* option = options; option->keyword != nullptr; ++option)
            all[option->keyword] = option->value != nullptr ? std::optional<std::string>(option->value) : std::nullopt;
        free_(options);
        return all;
    }

private:
    void* library_;
    conninfo_option* (*parse_)(const char*, char**){nullptr};
    void (*free_)(conninfo_option*){nullptr};
};

struct difference {
    std::string_view sign; ///< what our message says, or what is true of what we accepted
    std::string_view reason;
    int seen{0};
};

// What we refuse although libpq takes it as long as it only parses.
std::array<difference, 7> we_refuse{{
    {"an \"@\" where none can be", "it is most likely part of a password that lacks its %40; libpq looks up a host"},
    {"a port that is no number", "libpq says so when it connects"},
    {"hosts and", "lists whose lengths differ; libpq says so when it connects"},
    {"brackets around something that is no IPv6 address", "libpq looks it up as a name"},
    {"a control character", "in a URL it must be encoded (RFC 3986)"},
    {"has no scheme",
     "an empty string is nearly always a setting that was forgotten; postgresql:// means all defaults"},
    {"dbname is a URL", "no database is named so, and the password in it would be shown in messages"},
}};

// What we take although the libpq that is installed refuses it.
std::array<difference, 2> we_take{{
    {"newer", "parameters that libpq has had since 16, 17 or 18"},
    {"scheme", "a URL of another kind is for another driver"},
}};

void expect_same_values(const database_url& ours, const libpq::values& theirs, const std::string& text) {
    for (const auto& [keyword, value] : theirs) {
        const auto own = ours.parameter(keyword);
        ASSERT_EQ(own ? std::optional<std::string>(*own) : std::nullopt, value) << keyword << " of " << text;
    }
    for (const auto& [keyword, value] : ours.parameters())
        ASSERT_TRUE(theirs.contains(keyword)) << keyword << " of " << text;
}

TEST(database_url, random_ones_are_read_as_libpq_reads_them) {
    const libpq reference;
    if (!reference.found()) GTEST_SKIP() << "libpq is not installed";
    const auto known = reference.read("postgresql://").value();
    constexpr unsigned seed = 20240229;
    std::cout << "seed " << seed << '\n';
    test::connection_string_maker make(seed);
    int accepted = 0;
    int refused = 0;
    for (int i = 0; i < 40'000 && !testing::Test::HasFatalFailure(); ++i) {
        const auto text = make.next();
        const auto theirs = reference.read(text);
        try {
            const database_url ours(text);
            if (theirs) {
                ++accepted;
                expect_same_values(ours, *theirs, text);
                continue;
            }
            const bool newer = std::ranges::any_of(
                ours.parameters(), [&known](const auto& parameter) { return !known.contains(parameter.first); });
            ASSERT_TRUE(newer || ours.scheme() != "postgresql") << "libpq refuses " << text;
            ++we_take[newer ? 0 : 1].seen;
        } catch (const configuration_error& error) {
            if (!theirs) {
                ++refused;
                continue;
            }
            const std::string_view why = error.what();
            const auto why_else = std::ranges::find_if(
                we_refuse, [why](const difference& one) { return why.find(one.sign) != std::string_view::npos; });
            ASSERT_NE(why_else, we_refuse.end()) << "libpq takes " << text << ": " << why;
            ++why_else->seen;
        }
    }
    EXPECT_GT(accepted, 8'000);
    EXPECT_GT(refused, 8'000);
    for (const auto& one : we_refuse)
        EXPECT_GT(one.seen, 0) << "a difference that there is not: " << one.sign << ", " << one.reason;
    for (const auto& one : we_take)
        EXPECT_GT(one.seen, 0) << "a difference that there is not: " << one.sign << ", " << one.reason;
}

} // namespace
} // namespace wharf
