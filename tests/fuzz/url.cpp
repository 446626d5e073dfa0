// What a user may write, around a password that no message may tell.
#include "input.hpp"

#include "wharf/base/error.hpp"
#include "wharf/base/url.hpp"
#include "wharf/postgres/settings.hpp"

#include <string>

namespace {

constexpr std::string_view canary = "Canary7Secret";

void parse(const std::string& text) {
    try {
        const wharf::database_url url(text);
        static_cast<void>(url.hosts());
        if (url.scheme() == "postgresql") static_cast<void>(wharf::postgres::settings_from(url, {}));
    } catch (const wharf::error& refused) {
        wharf::fuzz::require(std::string_view(refused.what()).find(canary) == std::string_view::npos);
    }
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    wharf::fuzz::input in(data, size);
    const std::string text(in.rest());
    parse(text);
    parse("postgresql://bob:" + std::string(canary) + text);
    parse("postgresql://bob:" + std::string(canary) + "@" + text);
    parse("password=" + std::string(canary) + " " + text);
    parse(text + " password=" + std::string(canary));
    return 0;
}
