// libpq's connection strings of keywords and values: "host=a port=5432 dbname='x y'".
// Source: PostgreSQL documentation, 34.1.1.1 (keyword/value connection strings).
#include "base/parameter_names.hpp"
#include "wharf/base/error.hpp"
#include "wharf/base/url.hpp"

#include <algorithm>
#include <string>

namespace wharf {
namespace {

constexpr std::string_view spaces = " \t\n\v\f\r";

[[noreturn]] void refuse(std::string_view what, std::size_t at) {
    throw configuration_error("the connection string has " + std::string(what) + " (at character " +
                              std::to_string(at + 1) + ")");
}

class keyword_reader {
public:
    explicit keyword_reader(std::string_view text) : text_(text) { skip_spaces(); }

    [[nodiscard]] bool at_end() const noexcept { return at_ == text_.size(); }
    [[nodiscard]] std::size_t position() const noexcept { return at_; }

    /// Up to and with the "=".
    std::string_view name() {
        const auto start = at_;
        const auto end = std::min(text_.find_first_of(" \t\n\v\f\r=", at_), text_.size());
        at_ = end;
        skip_spaces();
        if (at_end() || text_[at_] != '=')
            refuse(
                "a name without \"=\" behind it; a value with spaces in it is written in quotes, as dbname='my shop'",
                start);
        ++at_;
        return text_.substr(start, end - start);
    }

    std::string value() {
        skip_spaces();
        const bool quoted = !at_end() && text_[at_] == '\'';
        const auto start = at_;
        if (quoted) ++at_;
        std::string out;
        for (; !at_end(); ++at_) {
            const char c = text_[at_];
            if (quoted ? c == '\'' : spaces.find(c) != std::string_view::npos) break;
            if (c != '\\')
                out += c;
            else if (++at_ < text_.size())
                out += text_[at_];
            else
                break;
        }
        if (quoted && at_end()) refuse("a quote \"'\" that is not closed", start);
        if (quoted) ++at_;
        skip_spaces();
        return out;
    }

private:
    void skip_spaces() noexcept { at_ = std::min(text_.find_first_not_of(spaces, at_), text_.size()); }

    std::string_view text_;
    std::size_t at_{0};
};

} // namespace

void database_url::parse_keywords(std::string_view text) {
    if (const auto nul = text.find('\0'); nul != std::string_view::npos) refuse("a NUL character", nul);
    bool behind_password = false;
    for (keyword_reader reader(text); !reader.at_end();) {
        const auto at = reader.position();
        const auto name = reader.name();
        if (!take_keyword(name, reader.value()))
            refuse(detail::unknown_parameter(name, behind_password, detail::postgres_parameters()), at);
        behind_password = name == "password" || name == "sslpassword";
    }
}

bool database_url::take_keyword(std::string_view name, std::string value) {
    if (name == "requiressl") { // of libpq before 8.0
        set_parameter("sslmode", value.starts_with('1') ? "require" : "prefer");
        return true;
    }
    const auto known = detail::postgres_parameters();
    if (std::ranges::find(known, name) == known.end()) return false;
    set_parameter(name, std::move(value));
    return true;
}

} // namespace wharf
