// Service files, environments and password files made at random: what libpq makes of them, and we.
#include "postgres/password_file.hpp"
#include "wharf/base/error.hpp"
#include "wharf/postgres/settings.hpp"

#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <dlfcn.h>
#include <sys/stat.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <random>

namespace wharf::postgres {
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
    using values = std::map<std::string, std::string, std::less<>>;

    [[nodiscard]] bool found() const { return library_ != nullptr; }

    /// What libpq is about to connect with. The host of `text` must not be reachable. Nothing where it does not even
    /// try. "password" is the one that it would use for the first host.
    [[nodiscard]] std::optional<values> resolve(const std::string& text) const {
        const std::unique_ptr<void, void (*)(void*)> made(start_(text.c_str()), finish_);
        if (std::string_view(error_(made.get())).find("connection to server") == std::string_view::npos)
            return std::nullopt;
        values all;
        auto* options = options_(made.get());
        for (auto* option = options; option->keyword != nullptr; ++option)
            if (option->value != nullptr) all[option->keyword] = option->value;
        free_(options);
        all["password"] = password_(made.get());
        return all;
    }

private:
    template <class Function>
    Function find(const char* name) const {
        return library_ == nullptr ? nullptr : reinterpret_cast<Function>(::dlsym(library_, name));
    }

    void* library_{::dlopen("libpq.so.5", RTLD_NOW)};
    void* (*start_)(const char*){find<void* (*)(const char*)>("PQconnectStart")};
    void (*finish_)(void*){find<void (*)(void*)>("PQfinish")};
    const char* (*error_)(const void*){find<const char* (*)(const void*)>("PQerrorMessage")};
    const char* (*password_)(const void*){find<const char* (*)(const void*)>("PQpass")};
    conninfo_option* (*options_)(void*){find<conninfo_option* (*)(void*)>("PQconninfo")};
    void (*free_)(conninfo_option*){find<void (*)(conninfo_option*)>("PQconninfoFree")};
};

class dice {
public:
    explicit dice(unsigned seed) : random_(seed) {}
    std::size_t pick(std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_); }
    bool one_in(std::size_t count) { return pick(count) == 0; }
    template <class List>
    std::string any_of(const List& list) {
        return std::string(list[pick(list.size())]);
    }

private:
    std::mt19937 random_;
};

constexpr unsigned seed = 20240301;

// The process as a test has made it, and as it was before.
class process_environment {
public:
    explicit process_environment(const std::string& home) { set("HOME", home); }
    process_environment(const process_environment&) = delete;
    process_environment& operator=(const process_environment&) = delete;
    ~process_environment() {
        for (const auto& [name, value] : before_)
            value ? ::setenv(name.c_str(), value->c_str(), 1) : ::unsetenv(name.c_str());
    }
    void set(const std::string& name, const std::optional<std::string>& value) {
        const char* old = std::getenv(name.c_str());
        before_.emplace(name, old != nullptr ? std::optional<std::string>(old) : std::nullopt);
        value ? ::setenv(name.c_str(), value->c_str(), 1) : ::unsetenv(name.c_str());
    }

private:
    std::map<std::string, std::optional<std::string>> before_{};
};

struct variable {
    std::string_view keyword;
    std::string_view name;
    std::array<std::string_view, 3> values;
};
constexpr auto variables = std::to_array<variable>({
    {"host", "PGHOST", {"/nonexistent", "/none", "@none"}},
    {"port", "PGPORT", {"1", "65535", ""}},
    {"dbname", "PGDATABASE", {"shop", "till", ""}},
    {"user", "PGUSER", {"ann", "bob", ""}},
    {"password", "PGPASSWORD", {"one", "two", ""}},
    {"options", "PGOPTIONS", {"-c a=b", "x", ""}},
    {"application_name", "PGAPPNAME", {"a", "b", ""}},
    {"connect_timeout", "PGCONNECT_TIMEOUT", {"2", "77", " 5 "}},
    {"sslmode", "PGSSLMODE", {"disable", "require", "verify-ca"}},
    {"sslrootcert", "PGSSLROOTCERT", {"/ca", "/other", ""}},
    {"target_session_attrs", "PGTARGETSESSIONATTRS", {"any", "primary", "standby"}},
});

std::string word_of(std::optional<ssl_mode> mode) {
    static constexpr std::array<const char*, 6> words{"disable", "allow",     "prefer",
                                                      "require", "verify-ca", "verify-full"};
    return mode ? words[static_cast<std::size_t>(*mode)] : "prefer";
}

std::string word_of(session_target target) {
    static constexpr std::array<const char*, 6> words{"any",     "read-write", "read-only",
                                                      "primary", "standby",    "prefer-standby"};
    return words[static_cast<std::size_t>(target)];
}

void expect_same(const settings& ours, libpq::values theirs, const std::string& about) {
    const auto number = [&theirs](const char* keyword, const char* otherwise) {
        return std::stoi(theirs[keyword].empty() ? otherwise : theirs[keyword]);
    };
    EXPECT_EQ(ours.servers[0].host, theirs["host"]) << about;
    EXPECT_EQ(ours.servers[0].port, number("port", "5432")) << about;
    EXPECT_EQ(ours.database, theirs["dbname"]) << about;
    EXPECT_EQ(ours.user, theirs["user"]) << about;
    EXPECT_EQ(ours.password.value_or(""), theirs["password"]) << about;
    EXPECT_EQ(ours.options, theirs["options"]) << about;
    EXPECT_EQ(word_of(ours.sslmode), theirs["sslmode"]) << about;
    EXPECT_EQ(ours.root_certificate, theirs["sslrootcert"]) << about;
    EXPECT_EQ(word_of(ours.target_session_attrs), theirs["target_session_attrs"]) << about;
    EXPECT_EQ(ours.application_name, theirs.contains("application_name") ? theirs["application_name"] : "wharf")
        << about;
    // Ours is 10 seconds where none is given.
    EXPECT_EQ(ours.connect_timeout, std::chrono::seconds(number("connect_timeout", "10"))) << about;
}

TEST(random_surroundings, fill_a_connection_string_as_libpq_fills_it) {
    const libpq reference;
    if (!reference.found()) GTEST_SKIP() << "libpq is not installed";
    std::cout << "seed " << seed << '\n';
    const test::temporary_directory home;
    process_environment process(home.path());
    process.set("PGSYSCONFDIR", home.path() / "system");
    std::filesystem::create_directory(home.path() / "system");
    dice roll(seed);
    const auto service_file = [&roll] {
        static constexpr auto odd = std::to_array<std::string_view>(
            {"# comment", "", "  [b] ", "[a]", "nonsense", "service=b", "host =x", "[c"});
        std::string text;
        for (auto lines = roll.pick(6); lines > 0; --lines) {
            const auto& of = variables[roll.pick(variables.size())];
            if (roll.one_in(3)) text += roll.one_in(2) ? "[a]\n" : "[b]\n";
            if (roll.one_in(8)) text += roll.any_of(odd) + '\n';
            text += (roll.one_in(4) ? "  " : "") + std::string(of.keyword) + '=' + roll.any_of(of.values) + " \r\n";
        }
        return text;
    };
    int accepted = 0;
    int refused = 0;
    for (int i = 0; i < 600 && !testing::Test::HasFailure(); ++i) {
        const std::string own = service_file();
        const std::string common = service_file();
        std::ofstream(home.path() / ".pg_service.conf") << own;
        std::ofstream(home.path() / "system" / "pg_service.conf") << common;
        std::string about = own;
        about.append("--\n").append(common).append("--\n");
        for (const auto& one : variables) {
            const bool given = roll.one_in(3);
            const std::string value = roll.any_of(one.values);
            if (given) about += std::string(one.name) + '=' + value + '\n';
            process.set(std::string(one.name), given ? std::optional(value) : std::nullopt);
        }
        process.set("PGSERVICE", roll.one_in(4) ? std::optional<std::string>("a") : std::nullopt);
        process.set("PGREQUIRESSL", roll.one_in(4) ? std::optional<std::string>("1") : std::nullopt);
        std::string text = roll.one_in(2) ? "service=b " : "";
        for (const auto& one : variables)
            if (roll.one_in(4)) text += std::string(one.keyword) + "='" + roll.any_of(one.values) + "' ";
        if (!std::getenv("PGHOST") && text.find("host=") == std::string::npos) text += "host=/nonexistent";
        about += text;
        const auto theirs = reference.resolve(text);
        try {
            const settings ours = settings_from(text.empty() ? "postgresql://" : text);
            ASSERT_TRUE(theirs) << "libpq does not try: " << about;
            expect_same(ours, *theirs, about);
            ++accepted;
        } catch (const configuration_error& why) {
            ASSERT_FALSE(theirs) << why.what() << "; libpq tries: " << about;
            ++refused;
        }
    }
    EXPECT_GT(accepted, 150);
    EXPECT_GT(refused, 60);
}

TEST(random_password_file, gives_the_password_that_libpq_finds) {
    const libpq reference;
    if (!reference.found()) GTEST_SKIP() << "libpq is not installed";
    std::cout << "seed " << seed << '\n';
    const test::temporary_directory directory;
    process_environment process(directory.path());
    for (const auto& one : variables)
        process.set(std::string(one.name), std::nullopt);
    const std::string path = directory.path() / "pgpass";
    dice roll(seed);
    static constexpr auto pieces = std::to_array<std::string_view>(
        {"*", ":", "\\", "\\:", "\\\\", "a", "b", "/none", "5", "\r", "#", " ", "*:*:*:*:x", "/none:5:a:b:", "\n"});
    int answered = 0;
    for (int i = 0; i < 800 && !testing::Test::HasFailure(); ++i) {
        std::string text;
        for (auto count = roll.pick(20); count > 0; --count)
            text += roll.any_of(pieces);
        if (roll.one_in(2)) text += "\n/none:5:*:" + roll.any_of(pieces) + ":" + roll.any_of(pieces);
        std::ofstream(path) << text;
        ::chmod(path.c_str(), 0600);
        const auto theirs = reference.resolve("host=/none port=5 dbname=a user=b passfile=" + path);
        const auto ours = look_up_password({path, "/none", 5, "a", "b"});
        ASSERT_TRUE(theirs);
        ASSERT_EQ(ours.password.value_or(""), theirs->at("password")) << text;
        answered += ours.password.has_value();
    }
    EXPECT_GT(answered, 120);
}

} // namespace
} // namespace wharf::postgres
