#include "postgres/adapt_array.hpp"

#include "postgres/known_types.hpp"
#include "wharf/row/bytes.hpp"
#include "wharf/row/type_name.hpp"

#include <cstddef>
#include <optional>

namespace wharf::postgres {
namespace {

constexpr std::size_t empty_head = 12;    // dimensions, flag, type of the elements
constexpr std::size_t one_dimension = 20; // and size and lower bound of the one dimension

// Reads the elements of an array in its binary format. Source: PostgreSQL's array_send.
class element_reader {
public:
    // Empty for arrays of more dimensions.
    static std::optional<element_reader> of(std::string_view array) {
        if (array.size() < empty_head) return std::nullopt;
        const auto dimensions = load<std::int32_t>(array.data());
        if (dimensions == 0) return element_reader(array.substr(0, empty_head), {});
        if (dimensions != 1 || array.size() < one_dimension) return std::nullopt;
        return element_reader(array.substr(0, one_dimension), array.substr(one_dimension));
    }
    [[nodiscard]] std::string_view head() const noexcept { return head_; }
    [[nodiscard]] bool at_end() const noexcept { return rest_.size() < sizeof(std::int32_t); }
    // Empty: NULL.
    std::optional<std::string_view> next() noexcept {
        const auto length = load<std::int32_t>(rest_.data());
        rest_.remove_prefix(sizeof length);
        if (length < 0) return std::nullopt;
        const std::string_view element = rest_.substr(0, static_cast<std::size_t>(length));
        rest_.remove_prefix(element.size());
        return element;
    }

private:
    element_reader(std::string_view head, std::string_view rest) noexcept : head_(head), rest_(rest) {}

    std::string_view head_;
    std::string_view rest_;
};

adaptation adapt_elements(type_oid given, element_reader elements, type_oid wanted, std::string& out) {
    const std::size_t start = out.size();
    out += elements.head();
    store(out.data() + start + 8, static_cast<std::uint32_t>(wanted));
    while (!elements.at_end()) {
        const auto element = elements.next();
        const std::size_t length_at = out.size();
        append(out, std::int32_t{-1});
        if (!element) continue;
        if (const auto done = adapt_scalar(given, *element, wanted, out); done != adaptation::binary)
            return done == adaptation::text ? adaptation::none : done;
        store(out.data() + length_at, static_cast<std::int32_t>(out.size() - length_at - sizeof(std::int32_t)));
    }
    return adaptation::binary;
}

adaptation write_literal(type_oid given, element_reader elements, std::string& out) {
    out += '{';
    std::string text;
    for (bool first = true; !elements.at_end(); first = false) {
        if (!first) out += ',';
        const auto element = elements.next();
        if (!element) {
            out += "NULL";
            continue;
        }
        text.clear();
        if (!append_literal(given, *element, text)) return adaptation::none;
        out += '"';
        for (const char c : text) {
            if (c == '"' || c == '\\') out += '\\';
            out += c;
        }
        out += '"';
    }
    out += '}';
    return adaptation::text;
}

} // namespace

adaptation adapt_array(type_oid given, std::string_view bytes, type_oid wanted, std::string& out) {
    const type_oid from = element_of(given);
    const auto elements = element_reader::of(bytes);
    if (from == type_oid::unspecified || !elements) return adaptation::none;

    const std::size_t start = out.size();
    if (const type_oid to = element_of(wanted); to != type_oid::unspecified) {
        const auto done = adapt_elements(from, *elements, to, out);
        if (done != adaptation::none) return done;
        out.resize(start);
    }
    const bool literal =
        is_foreign(wanted) || (element_of(wanted) != type_oid::unspecified && takes_literal(from, element_of(wanted)));
    return literal ? write_literal(from, *elements, out) : adaptation::none;
}

} // namespace wharf::postgres
