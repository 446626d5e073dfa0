#include "vector/canonical_json.hpp"

#include "vector/checked_text.hpp"
#include "wharf/base/error.hpp"
#include "wharf/row/decimal.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>

namespace wharf {
namespace {

constexpr int deepest = 256;

class reader {
public:
    explicit reader(std::string_view text) noexcept : rest_(text) {}

    std::optional<std::string> read() {
        std::string out;
        if (!value(out, 0)) return std::nullopt;
        skip_space();
        if (!rest_.empty()) return std::nullopt;
        return out;
    }

private:
    void skip_space() noexcept { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size())); }
    bool skip(char c) noexcept {
        skip_space();
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    bool value(std::string& out, int depth) {
        if (depth > deepest) return false;
        skip_space();
        if (skip('{')) return object(out, depth);
        if (skip('[')) return array(out, depth);
        if (rest_.starts_with('"')) {
            std::string text;
            if (!string(text)) return false;
            append_json_text(out, text);
            return true;
        }
        for (const std::string_view word : {"true", "false", "null"}) {
            if (!rest_.starts_with(word)) continue;
            out += word;
            rest_.remove_prefix(word.size());
            return true;
        }
        return number(out);
    }

    bool object(std::string& out, int depth) {
        std::map<std::string, std::string> members;
        for (bool first = true; !skip('}'); first = false) {
            if (!first && !skip(',')) return false;
            skip_space();
            std::string key;
            std::string member;
            if (!string(key) || !skip(':') || !value(member, depth + 1)) return false;
            members.insert_or_assign(std::move(key), std::move(member));
        }
        out += '{';
        bool first = true;
        for (const auto& [key, member] : members) {
            if (!first) out += ',';
            first = false;
            append_json_text(out, key);
            out.append(":").append(member);
        }
        out += '}';
        return true;
    }

    bool array(std::string& out, int depth) {
        out += '[';
        for (bool first = true; !skip(']'); first = false) {
            if (!first && !skip(',')) return false;
            if (!first) out += ',';
            if (!value(out, depth + 1)) return false;
        }
        out += ']';
        return true;
    }

    bool number(std::string& out) {
        const auto size = std::min(rest_.find_first_not_of("0123456789+-.eE"), rest_.size());
        const auto parsed = decimal::parse(rest_.substr(0, size));
        if (size == 0 || !parsed || !parsed->is_finite()) return false;
        out += to_string(*parsed);
        rest_.remove_prefix(size);
        return true;
    }

    bool string(std::string& out) {
        if (!skip('"')) return false;
        while (!rest_.empty()) {
            const char c = rest_.front();
            rest_.remove_prefix(1);
            if (c == '"') return true;
            if (c != '\\') {
                out += c;
            } else if (!escape(out)) {
                return false;
            }
        }
        return false;
    }

    bool escape(std::string& out) {
        if (rest_.empty()) return false;
        const char c = rest_.front();
        rest_.remove_prefix(1);
        constexpr std::string_view names = "\"\\/bfnrt";
        constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
        if (const auto at = names.find(c); at != std::string_view::npos) {
            out += meanings[at];
            return true;
        }
        std::uint32_t code = 0;
        if (c != 'u' || !hex4(code)) return false;
        if (code >= 0xD800 && code < 0xDC00) {
            std::uint32_t low = 0;
            if (!rest_.starts_with("\\u")) return false;
            rest_.remove_prefix(2);
            if (!hex4(low) || low < 0xDC00 || low > 0xDFFF) return false;
            code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
        }
        append_utf8(out, code);
        return true;
    }

    bool hex4(std::uint32_t& code) noexcept {
        if (rest_.size() < 4) return false;
        const auto result = std::from_chars(rest_.data(), rest_.data() + 4, code, 16);
        if (result.ec != std::errc() || result.ptr != rest_.data() + 4) return false;
        rest_.remove_prefix(4);
        return true;
    }

    static void append_utf8(std::string& out, std::uint32_t code) {
        const auto tail = [&](unsigned shift) { out += static_cast<char>(0x80U | ((code >> shift) & 0x3FU)); };
        if (code < 0x80) {
            out += static_cast<char>(code);
        } else if (code < 0x800) {
            out += static_cast<char>(0xC0U | (code >> 6U));
            tail(0);
        } else if (code < 0x10000) {
            out += static_cast<char>(0xE0U | (code >> 12U));
            tail(6);
            tail(0);
        } else {
            out += static_cast<char>(0xF0U | (code >> 18U));
            tail(12);
            tail(6);
            tail(0);
        }
    }

    std::string_view rest_;
};

} // namespace

std::optional<std::string> canonical_json(std::string_view text) {
    try {
        return reader(text).read();
    } catch (const usage_error&) { // text that no JSON of a database holds
        return std::nullopt;
    }
}

} // namespace wharf
