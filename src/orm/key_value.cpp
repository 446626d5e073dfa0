#include "wharf/orm/key_value.hpp"

#include "row/cell_text.hpp"
#include "wharf/base/error.hpp"
#include "wharf/orm/descriptor.hpp"
#include "wharf/row/bytes.hpp"

#include <cstring>
#include <optional>

namespace wharf::orm {
namespace {

constexpr unsigned char long_part = 255; // a length of four bytes follows

std::optional<std::int64_t> integer_in(const cell_view& cell) noexcept {
    if (cell.format != wire_format::binary) return std::nullopt;
    switch (cell.type) {
    case type_oid::int2:
        return load<std::int16_t>(cell.bytes.data());
    case type_oid::int4:
        return load<std::int32_t>(cell.bytes.data());
    case type_oid::int8:
        return load<std::int64_t>(cell.bytes.data());
    default:
        return std::nullopt;
    }
}

bool is_integer(type_oid type) noexcept {
    return type == type_oid::int2 || type == type_oid::int4 || type == type_oid::int8;
}

std::size_t part_size(const char*& at) noexcept {
    const auto first = static_cast<unsigned char>(*at++);
    if (first != long_part) return first;
    const auto size = load<std::uint32_t>(at);
    at += sizeof size;
    return size;
}

std::string quoted_start(std::string_view text) {
    constexpr std::size_t most = 40;
    const bool whole = text.size() <= most;
    if (!whole) {
        auto end = most;
        while (end != 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80) // within a character of UTF-8
            --end;
        text = text.substr(0, end);
    }
    std::string out(1, '\'');
    for (const char c : text)
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    return out + (whole ? "'" : "...'");
}

std::uint64_t mix(std::uint64_t value) noexcept {
    value ^= value >> 32;
    value *= 0xd6e8feb86659fd93U;
    value ^= value >> 32;
    value *= 0xd6e8feb86659fd93U;
    return value ^ (value >> 32);
}

} // namespace

key_value::key_value(std::string_view bytes) : size_(static_cast<std::uint32_t>(bytes.size())) {
    if (size_ <= inline_size) {
        bytes.copy(small_, size_); // unlike memcpy, from nowhere when there is nothing
    } else {
        auto* memory = new char[size_];
        bytes.copy(memory, size_);
        std::memcpy(small_, static_cast<const void*>(&memory), sizeof memory);
    }
}

key_value::key_value(std::int64_t integer) noexcept : size_(sizeof integer) {
    store(small_, integer);
}

char* key_value::large() const noexcept {
    char* memory = nullptr;
    std::memcpy(static_cast<void*>(&memory), small_, sizeof memory);
    return memory;
}

void key_value::take(key_value& other) noexcept {
    std::memcpy(small_, other.small_, inline_size);
    size_ = std::exchange(other.size_, unset);
}

std::size_t key_value::hash() const noexcept {
    const auto all = bytes();
    std::uint64_t hash = all.size();
    std::size_t at = 0;
    for (; at + 8 <= all.size(); at += 8)
        hash = mix(hash ^ load<std::uint64_t>(all.data() + at));
    std::uint64_t rest = 0;
    for (; at < all.size(); ++at)
        rest = rest << 8 | static_cast<unsigned char>(all[at]);
    return mix(hash ^ rest);
}

bool operator<(const key_value& left, const key_value& right) noexcept {
    const auto a = left.bytes();
    const auto b = right.bytes();
    // Integers are two's complement: the sign bit is turned, so that negative keys come first.
    if (a.size() == 8 && b.size() == 8) return load<std::int64_t>(a.data()) < load<std::int64_t>(b.data());
    return a < b;
}

void key_builder::add(const cell_view& cell) {
    if (cell.null) {
        has_null_ = true;
        return;
    }
    const auto integer = integer_in(cell);
    const auto size = integer ? sizeof *integer : cell.bytes.size();
    if (composite_) {
        if (size < long_part) {
            bytes_.push_back(static_cast<char>(size));
        } else {
            bytes_.push_back(static_cast<char>(long_part));
            append(bytes_, static_cast<std::uint32_t>(size));
        }
    }
    if (integer) {
        append(bytes_, *integer);
    } else {
        bytes_ += cell.bytes;
    }
}

key_value key_builder::finish() const {
    return has_null_ ? key_value() : key_value(bytes_);
}

key_value key_of_cell(const cell_view& cell) {
    if (cell.null) return {};
    const auto integer = integer_in(cell);
    return integer ? key_value(*integer) : key_value(cell.bytes);
}

cell_view key_part(const key_value& key, std::size_t part, std::size_t parts, type_oid type) noexcept {
    cell_view out;
    out.null = false;
    out.type = is_integer(type) ? type_oid::int8 : type;
    out.bytes = key.bytes();
    if (parts > 1) {
        const char* at = out.bytes.data();
        std::size_t size = part_size(at);
        for (; part != 0; --part) {
            at += size;
            size = part_size(at);
        }
        out.bytes = {at, size};
    }
    return out;
}

void add_key_part(const key_value& key, std::size_t part, std::size_t parts, type_oid type, parameters& out) {
    if (!key.is_set()) {
        out.add_null(type);
        return;
    }
    const auto cell = key_part(key, part, parts, type);
    if (type == type_oid::int4 || type == type_oid::int2) {
        const auto size = type == type_oid::int4 ? std::size_t{4} : std::size_t{2};
        out.add_encoded(type, cell.bytes.substr(8 - size));
    } else {
        out.add_encoded(type, cell.bytes);
    }
}

key_value make_key(const class_descriptor& type, std::span<const void* const> values) {
    thread_local parameters scratch;
    scratch.clear();
    key_builder built(type.key_size);
    for (std::size_t i = 0; i < type.key_size; ++i) {
        type.columns[i].type->encode(values[i], scratch);
        built.add(scratch[i]);
    }
    return built.finish();
}

void read_key(const class_descriptor& type, const key_value& key, std::span<void* const> values) {
    for (std::size_t i = 0; i < type.key_size; ++i) {
        const auto* operations = type.columns[i].type;
        operations->decode(key_part(key, i, type.key_size, operations->type), values[i]);
    }
}

std::string describe_value(const cell_view& cell) {
    if (cell.null) return "NULL";
    if (const auto integer = integer_in(cell)) return std::to_string(*integer);
    std::string text;
    try {
        if (!wharf::detail::append_text(cell, text)) text = cell.bytes;
    } catch (const conversion_error&) {
        text = cell.bytes;
    }
    return quoted_start(text);
}

std::string describe_key(const class_descriptor& type, const key_value& key) {
    if (!key.is_set()) return "(none)";
    std::string text;
    for (std::size_t i = 0; i < type.key_size; ++i) {
        if (i != 0) text += ", ";
        text += describe_value(key_part(key, i, type.key_size, type.columns[i].wire));
    }
    return type.key_size == 1 ? text : "(" + text + ")";
}

} // namespace wharf::orm
