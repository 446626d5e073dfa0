// Source: PostgreSQL, contrib/hstore/hstore_io.c (hstore_send, hstore_recv).
#include "wharf/row/hstore.hpp"

#include "row/conversion.hpp"
#include "wharf/base/error.hpp"
#include "wharf/row/bytes.hpp"

#include <limits>

namespace wharf {
namespace {

void append_text(std::string& out, const std::string& text) {
    if (text.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
        throw conversion_error("a key or value of an hstore has more than 2^31 - 1 bytes");
    append(out, static_cast<std::int32_t>(text.size()));
    out += text;
}

/// Nothing: NULL.
std::optional<std::string_view> take_text(const cell_view& cell, std::string_view& rest) {
    if (rest.size() < sizeof(std::int32_t)) detail::refuse_bytes(cell);
    const auto length = load<std::int32_t>(rest.data());
    rest.remove_prefix(sizeof length);
    if (length == -1) return std::nullopt;
    if (length < 0 || static_cast<std::size_t>(length) > rest.size()) detail::refuse_bytes(cell);
    const auto text = rest.substr(0, static_cast<std::size_t>(length));
    rest.remove_prefix(text.size());
    return text;
}

} // namespace

void codec<hstore>::encode(const hstore& value, std::string& out) {
    if (value.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
        throw conversion_error("an hstore has more than 2^31 - 1 keys");
    append(out, static_cast<std::int32_t>(value.size()));
    for (const auto& [key, text] : value) {
        append_text(out, key);
        if (text)
            append_text(out, *text);
        else
            append(out, std::int32_t{-1});
    }
}

void codec<hstore>::decode(const cell_view& cell, hstore& out) {
    if (cell.type != type_oid::hstore || cell.format != wire_format::binary) detail::refuse_type(cell, "wharf::hstore");
    auto rest = cell.bytes;
    if (rest.size() < sizeof(std::int32_t)) detail::refuse_bytes(cell);
    const auto count = load<std::int32_t>(rest.data());
    rest.remove_prefix(sizeof count);
    if (count < 0) detail::refuse_bytes(cell);
    out.clear();
    for (std::int32_t index = 0; index < count; ++index) {
        const auto key = take_text(cell, rest);
        if (!key) detail::refuse_bytes(cell);
        const auto text = take_text(cell, rest);
        out.emplace(*key, text ? std::optional<std::string>(*text) : std::nullopt);
    }
    if (!rest.empty()) detail::refuse_bytes(cell);
}

} // namespace wharf
