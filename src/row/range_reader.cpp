#include "wharf/row/range_reader.hpp"

#include "row/conversion.hpp"
#include "wharf/base/error.hpp"
#include "wharf/row/bytes.hpp"
#include "wharf/row/range_types.hpp"
#include "wharf/row/user_types.hpp"

#include <limits>

namespace wharf::detail {
namespace {

constexpr unsigned empty_flag = 0x01;
constexpr unsigned lower_inclusive_flag = 0x02;
constexpr unsigned upper_inclusive_flag = 0x04;
constexpr unsigned no_lower_flag = 0x08;
constexpr unsigned no_upper_flag = 0x10;
constexpr unsigned known_flags = 0x1F;

constexpr std::string_view range_name = "wharf::range";
constexpr std::string_view multirange_name = "wharf::multirange";
constexpr std::string_view space = " \t\n\r\v\f";

const user_type* user_type_of(const cell_view& cell) noexcept {
    return cell.types == nullptr ? nullptr : cell.types->find(cell.type);
}

type_oid bound_type(const cell_view& range) noexcept {
    const auto* known = user_type_of(range);
    return known == nullptr ? bound_of(range.type) : range.types->read_as(known->element);
}

type_oid range_type(const cell_view& multirange) noexcept {
    const auto* known = user_type_of(multirange);
    return known == nullptr ? range_in(multirange.type) : known->element;
}

/// A length and that many bytes.
std::string_view take(const cell_view& cell, std::string_view& rest) {
    if (rest.size() < sizeof(std::int32_t)) refuse_bytes(cell);
    const auto length = load<std::int32_t>(rest.data());
    rest.remove_prefix(sizeof length);
    if (length < 0 || static_cast<std::size_t>(length) > rest.size()) refuse_bytes(cell);
    const auto bytes = rest.substr(0, static_cast<std::size_t>(length));
    rest.remove_prefix(bytes.size());
    return bytes;
}

void read_binary(const cell_view& cell, range_parts& out) {
    auto rest = cell.bytes;
    if (rest.empty()) refuse_bytes(cell);
    const unsigned flags = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    if ((flags & ~known_flags) != 0) refuse_bytes(cell);
    const auto bound = [&](unsigned missing) -> cell_view {
        const bool none = out.empty || (flags & missing) != 0;
        return {bound_type(cell), wire_format::binary, none, none ? std::string_view() : take(cell, rest), cell.types};
    };
    out.empty = (flags & empty_flag) != 0;
    out.lower_inclusive = (flags & lower_inclusive_flag) != 0;
    out.upper_inclusive = (flags & upper_inclusive_flag) != 0;
    out.lower = bound(no_lower_flag);
    out.upper = bound(no_upper_flag);
    if (!rest.empty()) refuse_bytes(cell);
}

/// Takes one bound of a text off its front, up to the comma or bracket that ends it. False where there is no such end.
bool take_bound(std::string_view& rest, std::string& out, bool& quoted) {
    bool inside = false;
    while (!rest.empty()) {
        const char c = rest.front();
        if (!inside && (c == ',' || c == ')' || c == ']')) return true;
        rest.remove_prefix(1);
        if (c == '\\') {
            if (rest.empty()) return false;
            out += rest.front();
            rest.remove_prefix(1);
        } else if (c == '"') {
            quoted = true;
            if (inside && rest.starts_with('"')) {
                out += c;
                rest.remove_prefix(1);
            } else {
                inside = !inside;
            }
        } else if (!inside && (c == '(' || c == '[')) {
            return false;
        } else {
            out += c;
        }
    }
    return false;
}

std::string_view trimmed(std::string_view text) noexcept {
    const auto first = text.find_first_not_of(space);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(space) + 1 - first);
}

void read_text(const cell_view& cell, range_parts& out) {
    auto rest = trimmed(cell.bytes);
    if (rest == "empty") {
        out.empty = true;
        return;
    }
    if (rest.empty() || (rest.front() != '[' && rest.front() != '(')) refuse_text(cell, range_name);
    out.lower_inclusive = rest.front() == '[';
    rest.remove_prefix(1);
    bool lower_quoted = false;
    if (!take_bound(rest, out.unquoted, lower_quoted) || rest.front() != ',') refuse_text(cell, range_name);
    rest.remove_prefix(1);
    const auto lower_size = out.unquoted.size();
    bool upper_quoted = false;
    if (!take_bound(rest, out.unquoted, upper_quoted) || rest.size() != 1 || rest.front() == ',')
        refuse_text(cell, range_name);
    out.upper_inclusive = rest.front() == ']';
    const auto both = std::string_view(out.unquoted);
    const auto bound = [&](std::string_view text, bool quoted) -> cell_view {
        return {bound_of(cell.type), wire_format::text, text.empty() && !quoted, text};
    };
    out.lower = bound(both.substr(0, lower_size), lower_quoted);
    out.upper = bound(both.substr(lower_size), upper_quoted);
}

std::vector<cell_view> ranges_of_text(const cell_view& cell) {
    const auto whole = trimmed(cell.bytes);
    if (whole.size() < 2 || whole.front() != '{' || whole.back() != '}') refuse_text(cell, multirange_name);
    const auto text = whole.substr(1, whole.size() - 2);
    std::vector<cell_view> ranges;
    std::size_t start = 0;
    bool inside = false; // a quoted bound
    bool open = false;   // a range
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '\\') {
            ++at;
        } else if (c == '"') {
            inside = !inside;
        } else if (inside) {
            continue;
        } else if (c == '[' || c == '(') {
            open = true;
        } else if (c == ']' || c == ')') {
            open = false;
        } else if (c == ',' && !open) {
            ranges.push_back({range_in(cell.type), wire_format::text, false, text.substr(start, at - start)});
            start = at + 1;
        }
    }
    if (!ranges.empty() || !trimmed(text).empty())
        ranges.push_back({range_in(cell.type), wire_format::text, false, text.substr(start)});
    return ranges;
}

/// Ranges that a user has made are read as what their bounds are read as.
bool may_be_range(const cell_view& cell) noexcept {
    if (const auto* known = user_type_of(cell)) return known->form == type_form::range;
    const auto type = cell.type;
    const bool of_postgres = bound_of(type) != type_oid::unspecified && range_in(type) == type_oid::unspecified;
    return of_postgres || type >= first_user_type;
}

bool may_be_multirange(const cell_view& cell) noexcept {
    if (const auto* known = user_type_of(cell)) return known->form == type_form::multirange;
    return range_in(cell.type) != type_oid::unspecified || cell.type >= first_user_type;
}

} // namespace

void read_range(const cell_view& cell, range_parts& out) {
    if (is_text(cell)) return read_text(cell, out);
    if (!may_be_range(cell)) refuse_type(cell, range_name);
    read_binary(cell, out);
}

std::vector<cell_view> read_multirange(const cell_view& cell) {
    if (is_text(cell)) return ranges_of_text(cell);
    if (!may_be_multirange(cell)) refuse_type(cell, multirange_name);
    auto rest = cell.bytes;
    if (rest.size() < sizeof(std::int32_t)) refuse_bytes(cell);
    const auto count = load<std::int32_t>(rest.data());
    rest.remove_prefix(sizeof count);
    // Each range has at least a length and its flags.
    constexpr std::size_t smallest = sizeof(std::int32_t) + 1;
    if (count < 0 || static_cast<std::size_t>(count) > rest.size() / smallest) refuse_bytes(cell);
    std::vector<cell_view> ranges;
    ranges.reserve(static_cast<std::size_t>(count));
    for (std::int32_t i = 0; i < count; ++i)
        ranges.push_back({range_type(cell), wire_format::binary, false, take(cell, rest), cell.types});
    if (!rest.empty()) refuse_bytes(cell);
    return ranges;
}

range_writer::range_writer(std::string& out, bool has_lower, bool lower_inclusive, bool has_upper, bool upper_inclusive)
    : out_(&out) {
    unsigned flags = 0;
    if (has_lower)
        flags |= lower_inclusive ? lower_inclusive_flag : 0;
    else
        flags |= no_lower_flag;
    if (has_upper)
        flags |= upper_inclusive ? upper_inclusive_flag : 0;
    else
        flags |= no_upper_flag;
    out += static_cast<char>(flags);
}

void range_writer::write_empty(std::string& out) {
    out += static_cast<char>(empty_flag);
}

std::size_t range_writer::open(std::string& out) {
    const auto start = out.size();
    append(out, std::int32_t{0});
    return start;
}

void range_writer::close(std::string& out, std::size_t start) {
    const auto length = out.size() - start - sizeof(std::int32_t);
    if (length > std::size_t{1} << 30) throw conversion_error("a bound of a range has more than 1 GiB");
    store(out.data() + start, static_cast<std::int32_t>(length));
}

void begin_multirange(std::string& out, std::size_t ranges) {
    if (ranges > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
        throw conversion_error("a multirange has more than 2^31 - 1 ranges");
    append(out, static_cast<std::int32_t>(ranges));
}

} // namespace wharf::detail
