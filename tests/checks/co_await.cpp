#include "checks/rules.hpp"
#include "checks/tokens.hpp"

#include <algorithm>
#include <initializer_list>

namespace wharf::checks {

namespace {

constexpr std::size_t none = static_cast<std::size_t>(-1);

bool one_of(std::string_view text, std::initializer_list<std::string_view> set) {
    return std::find(set.begin(), set.end(), text) != set.end();
}

bool is_word(std::string_view text) {
    return !text.empty() && text.front() != ':' && text.front() != '-' &&
           text.find_first_of("(){}[]<>;,.=+*/%&|^!~?@\\") == std::string_view::npos;
}

enum class group { parenthesis, control, catch_control, block, lambda_body, braces };

class reader {
public:
    explicit reader(std::string_view source) : tokens_(tokens_of(source)), partner_(tokens_.size(), none) {
        std::vector<std::size_t> open;
        for (std::size_t i = 0; i < tokens_.size(); ++i) {
            if (one_of(text(i), {"(", "[", "{"})) {
                open.push_back(i);
            } else if (one_of(text(i), {")", "]", "}"}) && !open.empty()) {
                partner_[i] = open.back();
                partner_[open.back()] = i;
                open.pop_back();
            }
        }
    }

    std::vector<finding> run() {
        for (std::size_t i = 0; i < tokens_.size(); ++i) {
            if (text(i) == "co_await" && text(i - 1) != "operator") examine(i);
        }
        return std::move(found_);
    }

private:
    // Of a literal: one quote, so that nothing takes it for the end of the file, which is empty.
    [[nodiscard]] std::string_view text(std::size_t i) const {
        if (i >= tokens_.size()) return {};
        return tokens_[i].text.empty() ? std::string_view("'") : tokens_[i].text;
    }

    // What an opening token opens.
    [[nodiscard]] group kind(std::size_t open) const {
        const auto before = text(open - 1);
        if (text(open) == "(") {
            if (before == "catch") return group::catch_control;
            const auto keyword = before == "constexpr" ? text(open - 2) : before;
            return one_of(keyword, {"if", "for", "while", "switch"}) ? group::control : group::parenthesis;
        }
        if (text(open) == "[") return group::parenthesis;
        if (before.empty() || one_of(before, {";", "{", "}", ":", "else", "do", "try"})) return group::block;
        return behind_head(open);
    }

    // `{` behind the head of a function, lambda, control statement, class or namespace, or of an initializer.
    [[nodiscard]] group behind_head(std::size_t open) const {
        std::size_t i = open - 1;
        while (one_of(text(i), {"const", "noexcept", "override", "final", "mutable", "&"}) && i > 0)
            --i;
        if (text(i) == ")") {
            const auto parameters = partner_[i];
            if (parameters == none) return group::block;
            const auto before = text(parameters - 1);
            if (before == "]") return group::lambda_body;
            if (before == ">" && after_capture(parameters - 1)) return group::lambda_body;
            if (before == "noexcept" && text(parameters - 2) == ")") return behind_head(parameters - 1);
            return group::block;
        }
        if (text(i) == "]") return is_capture(i) ? group::lambda_body : group::braces;
        // A trailing return type or a requires clause, back to where it begins; or the name of a class or namespace.
        for (; i != none && i < tokens_.size(); --i) {
            const auto word = text(i);
            if (word == "->") {
                if (i == 0 || !one_of(text(i - 1), {")", "mutable", "noexcept", "const"})) return group::braces;
                auto end = i - 1;
                while (text(end) != ")" && end > 0)
                    --end;
                const auto parameters = partner_[end];
                const auto before = parameters == none ? std::string_view{} : text(parameters - 1);
                return before == "]" || (before == ">" && after_capture(parameters - 1)) ? group::lambda_body
                                                                                         : group::block;
            }
            if (one_of(word, {"requires", "struct", "class", "union", "enum", "namespace", "extern"})) {
                return group::block;
            }
            if (!is_word(word) && !one_of(word, {"::", "<", ">", "&", "*", ",", "|", ":"})) break;
            if (one_of(word, {"return", "co_return", "co_yield", "co_await", "throw", "case", "new"})) break;
        }
        return group::braces;
    }

    // `[...]` that captures rather than indexes.
    [[nodiscard]] bool is_capture(std::size_t close) const {
        const auto open = partner_[close];
        if (open == none) return false;
        const auto before = text(open - 1);
        return !(is_word(before) && !one_of(before, {"return", "co_return", "co_yield", "co_await"})) &&
               !one_of(before, {")", "]"});
    }

    // `[...]<...>`: `close` is the `>`.
    [[nodiscard]] bool after_capture(std::size_t close) const {
        int depth = 0;
        for (std::size_t i = close; i != none && i < tokens_.size(); --i) {
            if (text(i) == ">") ++depth;
            if (text(i) == "<" && --depth == 0) return text(i - 1) == "]";
            if (one_of(text(i), {";", "{", "}"})) return false;
        }
        return false;
    }

    void report(std::size_t at, const char* what) {
        const finding made{tokens_[at].line, what};
        const bool known = std::any_of(found_.begin(), found_.end(), [&](const finding& other) {
            return other.line == made.line && other.text == made.text;
        });
        if (!known) found_.push_back(made);
    }

    void examine(std::size_t at) {
        look_left(at);
        look_right(at);
        look_for_handler(at);
        look_for_variable(at);
    }

    void look_left(std::size_t at) {
        for (std::size_t i = at; i-- > 0;) {
            const auto here = text(i);
            if (here == ";") return;
            if (here == "?") {
                report(at, "co_await in an expression with ?:");
            } else if (here == "}" || here == ")" || here == "]") {
                const auto open = partner_[i];
                if (open == none) return;
                const auto kind_of_group = kind(open);
                if (kind_of_group == group::block || kind_of_group == group::control ||
                    kind_of_group == group::catch_control) {
                    return;
                }
                inside(open, i, at);
                i = open;
            } else if (here == "{") {
                if (kind(i) != group::braces) return;
                report(at, "co_await in an expression with braces");
            } else if (here == "(" && kind(i) != group::parenthesis) {
                return;
            }
        }
    }

    void look_right(std::size_t at) {
        for (std::size_t i = at + 1; i < tokens_.size(); ++i) {
            const auto here = text(i);
            if (here == ";" || here == "}") return;
            if (here == "?") {
                report(at, "co_await in an expression with ?:");
            } else if (here == "(" || here == "[" || here == "{") {
                const auto close = partner_[i];
                if (close == none) return;
                inside(i, close, at);
                i = close;
            } else if (here == ")" && partner_[i] != none && kind(partner_[i]) != group::parenthesis) {
                return;
            }
        }
    }

    // A bracketed part of the expression, from `open` to `close`.
    void inside(std::size_t open, std::size_t close, std::size_t at) {
        for (std::size_t i = open; i <= close; ++i) {
            if (text(i) == "{") {
                report(at, "co_await in an expression with braces");
                i = partner_[i] == none ? close : partner_[i];
            } else if (text(i) == "?") {
                report(at, "co_await in an expression with ?:");
            }
        }
    }

    // The blocks around it, outwards to the body of its function.
    void look_for_handler(std::size_t at) {
        for (std::size_t i = at; i-- > 0;) {
            if (one_of(text(i), {")", "]", "}"}) && partner_[i] != none) {
                i = partner_[i];
            } else if (text(i) == "{") {
                const auto kind_of_group = kind(i);
                if (kind_of_group == group::lambda_body) return;
                if (text(i - 1) == ")" && partner_[i - 1] != none && kind(partner_[i - 1]) == group::catch_control) {
                    report(at, "co_await in a handler");
                    return;
                }
            }
        }
    }

    // Where it stands in the head of an `if`, `while` or `switch`: whether its function declares any variable.
    void look_for_variable(std::size_t at) {
        bool in_head = false;
        for (std::size_t i = at; i-- > 0;) {
            if (one_of(text(i), {")", "]", "}"}) && partner_[i] != none) {
                i = partner_[i];
            } else if (text(i) == "(") {
                in_head = in_head || kind(i) == group::control;
            } else if (text(i) == "{" && !is_nested_block(i)) {
                if (in_head && partner_[i] != none && !declares_variable(i, partner_[i])) {
                    report(at, "co_await in a condition, in a coroutine without a variable");
                }
                return;
            }
        }
    }

    // A block of a function, not its body.
    [[nodiscard]] bool is_nested_block(std::size_t open) const {
        const auto before = text(open - 1);
        if (before == ")" && partner_[open - 1] != none) {
            const auto head = kind(partner_[open - 1]);
            return head == group::control || head == group::catch_control;
        }
        return one_of(before, {";", "{", "}", ":", "else", "do", "try"});
    }

    [[nodiscard]] bool declares_variable(std::size_t begin, std::size_t end) const {
        for (std::size_t i = begin; i < end; ++i) {
            const bool begins = one_of(text(i), {";", "{", "}"}) || (text(i) == "(" && kind(i) == group::control);
            if (begins && is_declaration(i + 1, end)) return true;
        }
        return false;
    }

    // A type, and then a name.
    [[nodiscard]] bool is_declaration(std::size_t i, std::size_t end) const {
        while (text(i) == "[" && partner_[i] != none)
            i = partner_[i] + 1;
        if (one_of(text(i), {"auto", "const"})) return true;
        if (one_of(text(i), {"return", "co_return", "co_await", "co_yield", "throw", "delete", "new", "goto", "case",
                             "using", "else", "do", "if", "for", "while", "switch", "try"})) {
            return false;
        }
        bool type = false;
        for (; i < end; ++i) {
            const auto here = text(i);
            if (here == "<") {
                while (i < end && !one_of(text(i), {">", ";"}))
                    ++i;
            } else if (is_word(here)) {
                if (type) return one_of(text(i + 1), {"=", "(", "{", ";", ":"});
                type = text(i + 1) != "::";
            } else if (here != "::" && here != "&" && here != "*" && here != ">") {
                return false;
            }
        }
        return false;
    }

    std::vector<token> tokens_;
    std::vector<std::size_t> partner_;
    std::vector<finding> found_;
};

} // namespace

std::vector<finding> check_co_await(std::string_view /*path*/, std::string_view source) {
    return reader(source).run();
}

} // namespace wharf::checks
