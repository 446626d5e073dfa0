#include "checks/tokens.hpp"

#include <algorithm>
#include <cctype>

namespace wharf::checks {

namespace {

bool word_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

class scanner {
public:
    explicit scanner(std::string_view source) : source_(source) {}

    std::vector<token> run() {
        while (at_ < source_.size()) {
            step();
        }
        return std::move(tokens_);
    }

private:
    [[nodiscard]] std::string_view rest() const { return source_.substr(at_); }
    [[nodiscard]] char here() const { return source_[at_]; }

    void advance(std::size_t count) {
        const auto passed = source_.substr(at_, count);
        line_ += static_cast<int>(std::count(passed.begin(), passed.end(), '\n'));
        at_ += passed.size();
    }

    void skip_past(std::string_view end, std::size_t from) {
        const auto found = source_.find(end, at_ + from);
        advance(found == std::string_view::npos ? source_.size() - at_ : found + end.size() - at_);
    }

    void step() {
        const char c = here();
        if (c == '\n') {
            advance(1);
            line_begins_ = true;
        } else if (std::isspace(static_cast<unsigned char>(c)) != 0) {
            advance(1);
        } else if (rest().starts_with("//")) {
            skip_line();
        } else if (rest().starts_with("/*")) {
            skip_past("*/", 2);
        } else if (c == '#' && line_begins_) {
            skip_line();
        } else {
            line_begins_ = false;
            if (c == '"' || c == '\'') {
                skip_quoted(c);
            } else if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
                skip_number();
            } else if (word_character(c)) {
                word();
            } else {
                const std::size_t length = rest().starts_with("::") || rest().starts_with("->") ? 2 : 1;
                tokens_.push_back({rest().substr(0, length), line_});
                advance(length);
            }
        }
    }

    // To the end of the line, and on where it ends with a backslash.
    void skip_line() {
        while (at_ < source_.size() && here() != '\n') {
            advance(rest().starts_with("\\\n") ? 2 : 1);
        }
    }

    void skip_quoted(char quote) {
        tokens_.push_back({rest().substr(0, 0), line_});
        advance(1);
        while (at_ < source_.size() && here() != quote && here() != '\n') {
            advance(here() == '\\' ? 2 : 1);
        }
        advance(1);
    }

    void skip_number() {
        tokens_.push_back({rest().substr(0, 0), line_});
        while (at_ < source_.size() && (word_character(here()) || here() == '.' || digit_separator())) {
            advance(1);
        }
    }
    [[nodiscard]] bool digit_separator() const {
        return here() == '\'' && at_ + 1 < source_.size() && word_character(source_[at_ + 1]);
    }

    void word() {
        std::size_t length = 0;
        while (length < rest().size() && word_character(rest()[length])) {
            ++length;
        }
        const auto text = rest().substr(0, length);
        const bool quoted = rest().substr(length).starts_with('"');
        if (quoted && text.ends_with('R')) {
            tokens_.push_back({rest().substr(0, 0), line_});
            const auto open = rest().find('(', length);
            const auto delimiter = rest().substr(length + 1, open - length - 1);
            skip_past(")" + std::string(delimiter) + "\"", length);
        } else if (quoted && (text == "u8" || text == "L" || text == "u" || text == "U")) {
            advance(length);
        } else {
            tokens_.push_back({text, line_});
            advance(length);
        }
    }

    std::string_view source_;
    std::size_t at_{0};
    int line_{1};
    bool line_begins_{true};
    std::vector<token> tokens_;
};

} // namespace

std::vector<token> tokens_of(std::string_view source) {
    return scanner(source).run();
}

std::vector<include_line> includes_of(std::string_view source) {
    std::vector<include_line> found;
    int number = 0;
    while (!source.empty()) {
        ++number;
        auto line = source.substr(0, source.find('\n'));
        source.remove_prefix(std::min(line.size() + 1, source.size()));
        const auto skip_blanks = [&line] { line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size())); };
        skip_blanks();
        if (!line.starts_with('#')) continue;
        line.remove_prefix(1);
        skip_blanks();
        if (!line.starts_with("include")) continue;
        line.remove_prefix(7);
        skip_blanks();
        const bool quoted = line.starts_with('"');
        if (!quoted && !line.starts_with('<')) continue;
        const auto end = line.find(quoted ? '"' : '>', 1);
        if (end == std::string_view::npos) continue;
        found.push_back({std::string(line.substr(1, end - 1)), quoted, number});
    }
    return found;
}

} // namespace wharf::checks
