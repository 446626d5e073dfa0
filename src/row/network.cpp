#include "wharf/row/network.hpp"

#include "row/conversion.hpp"
#include "wharf/row/bytes.hpp"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>
#include <span>

namespace wharf {
namespace {

// PostgreSQL's own numbers, on every platform. Source: PostgreSQL, src/include/utils/inet.h.
constexpr char wire_v4 = 2;
constexpr char wire_v6 = 3;

constexpr std::size_t size_of(ip_family family) noexcept {
    return family == ip_family::v4 ? 4 : 16;
}

constexpr int system_family(ip_family family) noexcept {
    return family == ip_family::v4 ? AF_INET : AF_INET6;
}

bool is_network(const inet& value) noexcept {
    for (std::size_t bit = value.prefix; bit < value.bits(); ++bit)
        if ((value.address[bit / 8] & (0x80U >> bit % 8)) != 0) return false;
    return true;
}

std::string address_text(const inet& value) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(system_family(value.family), value.address.data(), text.data(), text.size());
    return text.data();
}

void append_address(const inet& value, bool network, std::string& out) {
    const auto size = size_of(value.family);
    out += value.family == ip_family::v4 ? wire_v4 : wire_v6;
    out += static_cast<char>(value.prefix);
    out += network ? '\1' : '\0';
    out += static_cast<char>(size);
    out.append(reinterpret_cast<const char*>(value.address.data()), size);
}

inet read_address(const cell_view& cell) {
    constexpr std::size_t header = 4;
    const auto bytes = cell.bytes;
    if (bytes.size() < header || (bytes[0] != wire_v4 && bytes[0] != wire_v6)) detail::refuse_bytes(cell);
    inet value;
    value.family = bytes[0] == wire_v4 ? ip_family::v4 : ip_family::v6;
    value.prefix = static_cast<std::uint8_t>(bytes[1]);
    const auto size = size_of(value.family);
    if (value.prefix > value.bits() || static_cast<std::uint8_t>(bytes[3]) != size || bytes.size() != header + size)
        detail::refuse_bytes(cell);
    std::memcpy(value.address.data(), bytes.data() + header, size);
    return value;
}

int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool parse_hardware(std::string_view text, std::span<std::uint8_t> out) noexcept {
    constexpr std::size_t per_byte = 3; // two digits and what separates them
    if (text.size() != out.size() * per_byte - 1) return false;
    const char separator = text[2];
    if (separator != ':' && separator != '-') return false;
    for (std::size_t at = 0; at < out.size(); ++at) {
        const auto part = text.substr(at * per_byte, per_byte);
        const int high = hex_digit(part[0]);
        const int low = hex_digit(part[1]);
        if (high < 0 || low < 0 || (part.size() == per_byte && part[2] != separator)) return false;
        out[at] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return true;
}

std::string hardware_text(std::span<const std::uint8_t> bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const auto byte : bytes) {
        if (!text.empty()) text += ':';
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

template <class Address>
void decode_hardware(const cell_view& cell, std::string_view target, Address& out) {
    if (detail::is_text(cell)) {
        const auto value = Address::parse(cell.bytes);
        if (!value) detail::refuse_text(cell, target);
        out = *value;
        return;
    }
    if (cell.type != codec<Address>::type) detail::refuse_type(cell, target);
    detail::expect_size(cell, out.bytes.size());
    std::memcpy(out.bytes.data(), cell.bytes.data(), out.bytes.size());
}

} // namespace

std::optional<inet> inet::parse(std::string_view text) noexcept {
    const auto slash = text.find('/');
    const auto address = text.substr(0, slash);
    std::array<char, INET6_ADDRSTRLEN> terminated{};
    if (address.size() >= terminated.size()) return std::nullopt;
    address.copy(terminated.data(), address.size());
    inet value;
    value.family = address.find(':') == std::string_view::npos ? ip_family::v4 : ip_family::v6;
    value.prefix = value.bits();
    if (::inet_pton(system_family(value.family), terminated.data(), value.address.data()) != 1) return std::nullopt;
    if (slash == std::string_view::npos) return value;
    const auto prefix = text.substr(slash + 1);
    const auto [stop, error] = std::from_chars(prefix.data(), prefix.data() + prefix.size(), value.prefix);
    if (error != std::errc() || stop != prefix.data() + prefix.size() || value.prefix > value.bits())
        return std::nullopt;
    return value;
}

std::optional<cidr> cidr::parse(std::string_view text) noexcept {
    const auto value = inet::parse(text);
    if (!value || !is_network(*value)) return std::nullopt;
    return cidr{*value};
}

std::optional<macaddr> macaddr::parse(std::string_view text) noexcept {
    macaddr value;
    return parse_hardware(text, value.bytes) ? std::optional(value) : std::nullopt;
}

std::optional<macaddr8> macaddr8::parse(std::string_view text) noexcept {
    macaddr8 value;
    return parse_hardware(text, value.bytes) ? std::optional(value) : std::nullopt;
}

std::string to_string(const inet& value) {
    auto text = address_text(value);
    if (value.prefix != value.bits()) text += '/' + std::to_string(value.prefix);
    return text;
}

std::string to_string(const cidr& value) {
    return address_text(value.network) + '/' + std::to_string(value.network.prefix);
}

std::string to_string(const macaddr& value) {
    return hardware_text(value.bytes);
}

std::string to_string(const macaddr8& value) {
    return hardware_text(value.bytes);
}

void codec<inet>::encode(const inet& value, std::string& out) {
    if (value.prefix > value.bits()) detail::refuse_encoding("wharf::inet", type);
    append_address(value, false, out);
}

void codec<inet>::decode(const cell_view& cell, inet& out) {
    if (detail::is_text(cell)) {
        const auto value = inet::parse(cell.bytes);
        if (!value) detail::refuse_text(cell, "wharf::inet");
        out = *value;
        return;
    }
    if (cell.type != type_oid::inet && cell.type != type_oid::cidr) detail::refuse_type(cell, "wharf::inet");
    out = read_address(cell);
}

void codec<cidr>::encode(const cidr& value, std::string& out) {
    if (value.network.prefix > value.network.bits() || !is_network(value.network))
        detail::refuse_encoding("wharf::cidr", type);
    append_address(value.network, true, out);
}

void codec<cidr>::decode(const cell_view& cell, cidr& out) {
    if (detail::is_text(cell)) {
        const auto value = cidr::parse(cell.bytes);
        if (!value) detail::refuse_text(cell, "wharf::cidr");
        out = *value;
        return;
    }
    if (cell.type != type) detail::refuse_type(cell, "wharf::cidr");
    out.network = read_address(cell);
    if (!is_network(out.network)) detail::refuse_bytes(cell);
}

void codec<macaddr>::encode(const macaddr& value, std::string& out) {
    out.append(reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size());
}

void codec<macaddr>::decode(const cell_view& cell, macaddr& out) {
    decode_hardware(cell, "wharf::macaddr", out);
}

void codec<macaddr8>::encode(const macaddr8& value, std::string& out) {
    out.append(reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size());
}

void codec<macaddr8>::decode(const cell_view& cell, macaddr8& out) {
    decode_hardware(cell, "wharf::macaddr8", out);
}

} // namespace wharf
