// Random URLs, read by libpq and by us: the same verdict and values, or one of the differences named here.
#include "wharf/base/error.hpp"
#include "wharf/base/url.hpp"

#include <gtest/gtest.h>

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <random>
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
    /// Nothing where libpq refuses the URL.
    [[nodiscard]] std::optional<std::map<std::string, std::string>> read(const std::string& url) const {
        char* message = nullptr; // a few bytes are not worth finding PQfreemem
        auto* options = parse_(url.c_str(), &message);
        ::free(message);
        if (options == nullptr) return std::nullopt;
        std::map<std::string, std::string> values;
        for (auto* option = options; option->keyword != nullptr; ++option)
            if (option->value != nullptr) values[option->keyword] = option->value;
        free_(options);
        return values;
    }

private:
    void* library_;
    conninfo_option* (*parse_)(const char*, char**){nullptr};
    void (*free_)(conninfo_option*){nullptr};
};

// What we refuse although libpq takes it as long as it only parses.
constexpr std::array<std::string_view, 11> stricter{"\"@\" where none can be",
                                                    "a port that is no number",
                                                    "is no IPv6 address",
                                                    "lacks its closing", // "[/]"
                                                    "between an IPv6",   // "[?]"
                                                    "sslmode in the database URL",
                                                    "connect_timeout in the",
                                                    "hosts and",
                                                    "a control character",
                                                    "unknown parameter",
                                                    "can only be true"};

std::string join(std::span<const database_host> hosts, bool ports) {
    std::string text;
    for (std::size_t i = 0; i < hosts.size(); ++i) {
        if (i > 0) text += ',';
        if (ports)
            text += hosts[i].port == 0 ? "" : std::to_string(hosts[i].port);
        else
            text += hosts[i].name;
    }
    return text;
}

std::string without_commas(std::string text) {
    return text.find_first_not_of(',') == std::string::npos ? "" : text;
}

/// One port stands for all hosts.
std::string ports_of(const std::string& ports, std::size_t hosts) {
    if (ports.empty() || ports.find(',') != std::string::npos) return without_commas(ports);
    std::string text = ports;
    for (std::size_t i = 1; i < hosts; ++i)
        text += ',' + ports;
    return text;
}

class url_maker {
public:
    std::string next() {
        static constexpr std::array<std::string_view, 30> pieces{"a",
                                                                 "b.c",
                                                                 ":",
                                                                 "@",
                                                                 "/",
                                                                 "?",
                                                                 ",",
                                                                 "=",
                                                                 "&",
                                                                 "%",
                                                                 "%4",
                                                                 "%41",
                                                                 "%2F",
                                                                 "%00",
                                                                 "[",
                                                                 "]",
                                                                 "[::1]",
                                                                 "1",
                                                                 "5432",
                                                                 "port=1",
                                                                 "x",
                                                                 "-",
                                                                 "user=u",
                                                                 "host=h",
                                                                 "dbname=d",
                                                                 "password=p",
                                                                 "sslmode=require",
                                                                 "application_name=n",
                                                                 "é",
                                                                 "//"};
        std::string url = pick(2) == 0 ? "postgres://" : "postgresql://";
        if (pick(3) > 0) return url + shaped();
        for (auto count = pick(10); count > 0; --count)
            url += pieces[pick(pieces.size())];
        return url;
    }

private:
    std::size_t pick(std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_); }
    std::string word() {
        static constexpr std::array<std::string_view, 8> words{"a", "", "b%20c", "x.y", "%C3%A9", "1", "p%40", "-_~"};
        return std::string(words[pick(words.size())]);
    }
    std::string shaped() {
        std::string text;
        if (pick(2) == 0) text += word() + (pick(2) == 0 ? ":" + word() : "") + "@";
        for (auto hosts = pick(4); hosts > 0; --hosts)
            text += (pick(4) == 0 ? "[fe80::1]" : word()) + (pick(2) == 0 ? ":" + std::to_string(1 + pick(9)) : "") +
                    (hosts > 1 ? "," : "");
        if (pick(3) > 0) text += "/" + word();
        if (pick(3) == 0) text += "?user=" + word() + (pick(2) == 0 ? "&dbname=" + word() : "");
        return text;
    }
    std::mt19937 random_{20240229};
};

TEST(database_url, random_ones_are_read_as_libpq_reads_them) {
    const libpq reference;
    if (!reference.found()) GTEST_SKIP() << "libpq is not installed";
    url_maker make;
    int accepted = 0;
    for (int i = 0; i < 20'000; ++i) {
        const auto text = make.next();
        const auto theirs = reference.read(text);
        try {
            const database_url ours(text);
            ASSERT_TRUE(theirs) << text;
            const auto their = [&](const char* name) {
                const auto found = theirs->find(name);
                return found == theirs->end() ? std::string() : found->second;
            };
            ASSERT_EQ(ours.user(), their("user")) << text;
            ASSERT_EQ(ours.password().value_or(""), their("password")) << text;
            ASSERT_EQ(ours.database(), their("dbname")) << text;
            ASSERT_EQ(without_commas(join(ours.hosts(), false)), without_commas(their("host"))) << text;
            ASSERT_EQ(without_commas(join(ours.hosts(), true)), ports_of(their("port"), ours.hosts().size())) << text;
            ASSERT_EQ(ours.parameter("application_name").value_or(""), their("application_name")) << text;
            ++accepted;
        } catch (const configuration_error& error) {
            const std::string_view why = error.what();
            const bool known = std::ranges::any_of(
                stricter, [why](std::string_view part) { return why.find(part) != std::string_view::npos; });
            ASSERT_TRUE(!theirs || known) << text << ": " << why;
        }
    }
    EXPECT_GT(accepted, 2'000);
}

} // namespace
} // namespace wharf
