#include "sqlite/settings.hpp"

#include "wharf/base/error.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <string_view>

namespace wharf::sqlite {
namespace {

std::string choice(const database_url& url, std::string_view name, std::string_view otherwise,
                   std::initializer_list<std::string_view> allowed) {
    const auto value = url.parameter(name).value_or(otherwise);
    if (std::ranges::find(allowed, value) != allowed.end()) return std::string(value);
    std::string text;
    for (const auto word : allowed)
        text.append(text.empty() ? "" : ", ").append(word);
    throw configuration_error("the parameter " + std::string(name) + " of a sqlite URL is \"" + std::string(value) +
                              "\"; it can be " + text);
}

int flags_of(const std::string& mode) {
    // One thread at a time uses a connection, so SQLite's own mutexes are left out.
    constexpr int always = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    if (mode == "ro") return always | SQLITE_OPEN_READONLY;
    if (mode == "rw") return always | SQLITE_OPEN_READWRITE;
    return always | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
}

} // namespace

settings read_settings(const database_url& url) {
    if (url.scheme() != "sqlite") throw configuration_error("this is no sqlite URL: " + url.description());
    settings made;
    made.path = url.database();
    made.description = url.description();
    made.open_flags = flags_of(choice(url, "mode", "rwc", {"rwc", "rw", "ro"}));
    made.synchronous = choice(url, "synchronous", "full", {"off", "normal", "full", "extra"});
    made.journal_mode = choice(url, "journal_mode", "wal", {"wal", "delete", "truncate", "persist", "memory"});
    made.foreign_keys = choice(url, "foreign_keys", "on", {"on", "off"}) == "on";
    if (const auto text = url.parameter("busy_timeout")) {
        int milliseconds = 0;
        const auto* end = text->data() + text->size();
        const auto [stop, error] = std::from_chars(text->data(), end, milliseconds);
        if (error != std::errc() || stop != end || milliseconds < 0) {
            throw configuration_error("the parameter busy_timeout of a sqlite URL is \"" + std::string(*text) +
                                      "\"; it is a number of milliseconds");
        }
        made.busy_timeout = std::chrono::milliseconds(milliseconds);
    }
    made.gate_timeout = std::max(made.gate_timeout, made.busy_timeout);
    return made;
}

} // namespace wharf::sqlite
