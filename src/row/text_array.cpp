#include "row/text_array.hpp"

#include "row/json_array.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

namespace wharf::detail {
namespace {

constexpr std::string_view space = " \t\n\r\v\f";

/// Puts an array together from brackets and elements, and sees to it that all parts of a dimension have the same size.
class builder {
public:
    explicit builder(text_array& out) noexcept : out_(&out) {}

    [[nodiscard]] bool open() noexcept {
        const bool inside_elements = leaf_level_ != 0 && level_ == leaf_level_;
        if (level_ == most_array_dimensions || inside_elements) return false;
        counts_[level_++] = 0;
        return true;
    }
    [[nodiscard]] bool close() noexcept {
        if (level_ == 0) return false;
        const auto at = level_ - 1;
        if (!sizes_[at]) sizes_[at] = counts_[at];
        if (*sizes_[at] != counts_[at]) return false;
        --level_;
        return level_ == 0 || count();
    }
    [[nodiscard]] bool add(type_oid type, std::string_view bytes, bool null = false) {
        if (leaf_level_ == 0) leaf_level_ = level_;
        if (level_ == 0 || level_ != leaf_level_) return false;
        out_->elements.push_back({type, null, out_->bytes.size(), bytes.size()});
        out_->bytes += bytes;
        return count();
    }
    [[nodiscard]] bool closed() const noexcept { return level_ == 0; }
    void finish() noexcept {
        out_->depth = out_->elements.empty() ? 0 : leaf_level_;
        for (std::size_t at = 0; at < out_->depth; ++at)
            out_->dimensions[at].size = *sizes_[at];
    }

private:
    [[nodiscard]] bool count() noexcept {
        auto& number = counts_[level_ - 1];
        if (number == std::numeric_limits<std::int32_t>::max()) return false;
        ++number;
        return true;
    }

    text_array* out_;
    std::array<std::int32_t, most_array_dimensions> counts_{};
    std::array<std::optional<std::int32_t>, most_array_dimensions> sizes_{};
    std::size_t level_{0};
    std::size_t leaf_level_{0}; // 0 until the first element
};

/// Takes PostgreSQL's text form apart.
class literal_parser {
public:
    literal_parser(std::string_view text, char delimiter, text_array& out) noexcept
        : rest_(text), delimiter_(delimiter), out_(&out), parts_(out) {}

    [[nodiscard]] bool parse() {
        if (!bounds()) return false;
        bool item_wanted = true; // an opening bracket or an element may come
        bool first = true;       // and so may a closing bracket
        skip_space();
        if (rest_.empty() || rest_.front() != '{') return false;
        do {
            skip_space();
            if (rest_.empty()) return false;
            const char c = rest_.front();
            if (c == '{') {
                rest_.remove_prefix(1);
                if (!item_wanted || !parts_.open()) return false;
                first = true;
            } else if (c == '}') {
                rest_.remove_prefix(1);
                if ((item_wanted && !first) || !parts_.close()) return false;
                item_wanted = first = false;
            } else if (c == delimiter_) {
                rest_.remove_prefix(1);
                if (item_wanted) return false;
                item_wanted = true;
                first = false;
            } else {
                if (!item_wanted || !element()) return false;
                item_wanted = first = false;
            }
        } while (!parts_.closed());
        skip_space();
        if (!rest_.empty()) return false;
        parts_.finish();
        return bounds_given_ == 0 || agree();
    }

private:
    void skip_space() noexcept { rest_.remove_prefix(std::min(rest_.find_first_not_of(space), rest_.size())); }
    [[nodiscard]] bool skip(char c) noexcept {
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }
    [[nodiscard]] bool number(std::int32_t& out) noexcept {
        const auto [stop, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), out);
        if (error != std::errc()) return false;
        rest_.remove_prefix(static_cast<std::size_t>(stop - rest_.data()));
        return true;
    }
    // "[0:2][1:3]=", in front of an array whose indexes do not start at 1.
    [[nodiscard]] bool bounds() noexcept {
        while (skip('[')) {
            std::int32_t lower = 1;
            std::int32_t upper = 0;
            if (bounds_given_ == most_array_dimensions || !number(lower) || !skip(':') || !number(upper) || !skip(']'))
                return false;
            out_->dimensions[bounds_given_].lower_bound = lower;
            upper_[bounds_given_++] = upper;
        }
        return bounds_given_ == 0 || skip('=');
    }
    [[nodiscard]] bool agree() const noexcept {
        if (bounds_given_ != out_->depth) return false;
        for (std::size_t at = 0; at < out_->depth; ++at) {
            const auto& dimension = out_->dimensions[at];
            if (std::int64_t{upper_[at]} - dimension.lower_bound + 1 != dimension.size) return false;
        }
        return true;
    }
    [[nodiscard]] bool element() {
        std::string text;
        if (skip('"')) {
            for (;;) {
                if (rest_.empty()) return false;
                if (skip('"')) return parts_.add(type_oid::unspecified, text);
                static_cast<void>(skip('\\'));
                if (rest_.empty()) return false;
                text += rest_.front();
                rest_.remove_prefix(1);
            }
        }
        std::size_t trimmed = 0; // white space behind an element is not part of it, unless it is escaped
        bool escaped = false;
        while (!rest_.empty() && rest_.front() != delimiter_ && rest_.front() != '}') {
            if (rest_.front() == '{' || rest_.front() == '"') return false;
            const bool escape = skip('\\');
            if (rest_.empty()) return false;
            escaped = escaped || escape;
            text += rest_.front();
            if (escape || space.find(rest_.front()) == std::string_view::npos) trimmed = text.size();
            rest_.remove_prefix(1);
        }
        text.resize(trimmed);
        const bool null = !escaped && text.size() == 4 && (text[0] | 32) == 'n' && (text[1] | 32) == 'u' &&
                          (text[2] | 32) == 'l' && (text[3] | 32) == 'l';
        if (null) text.clear();
        return parts_.add(type_oid::unspecified, text, null);
    }

    std::string_view rest_;
    char delimiter_;
    text_array* out_;
    builder parts_;
    std::array<std::int32_t, most_array_dimensions> upper_{};
    std::size_t bounds_given_{0};
};

} // namespace

bool parse_array_literal(std::string_view text, type_oid array, text_array& out) {
    return literal_parser(text, array == type_oid::box_array ? ';' : ',', out).parse();
}

bool parse_json_array(std::string_view text, text_array& out) {
    using token = json_array_reader::token;
    json_array_reader json(text);
    builder parts(out);
    if (!parts.open()) return false;
    for (;;) {
        bool good = false;
        switch (json.next()) {
        case token::open:
            good = parts.open();
            break;
        case token::close:
            good = parts.close();
            break;
        case token::number:
            good = parts.add(type_oid::numeric, json.literal());
            break;
        case token::boolean:
            good = parts.add(type_oid::boolean, json.literal());
            break;
        case token::string:
            good = parts.add(type_oid::text, json.string());
            break;
        case token::null:
            good = parts.add(type_oid::text, {}, true);
            break;
        case token::end:
            if (!parts.close()) return false;
            parts.finish();
            return true;
        case token::error:
            return false;
        }
        if (!good) return false;
    }
}

} // namespace wharf::detail
