// Codecs of text and of bytes.
#pragma once

#include "wharf/row/codec.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wharf {

/// Text. Reads every type that is sent as text: text, varchar, bpchar, name, json, jsonb, xml, enums, domains over
/// them. Other types are read as PostgreSQL writes them, but for numbers, bool, bytea, dates, timestamps and
/// arrays: those have plain types of their own, and `::text` in the statement.
template <>
struct codec<std::string> {
    static constexpr type_oid type = type_oid::text;
    static constexpr bool exact = true;
    static void encode(const std::string& value, std::string& out) { out.append(value); }
    static void decode(const cell_view& cell, std::string& out);
};

/// Text. What is read is a view into the result, which must outlive it.
template <>
struct codec<std::string_view> {
    static constexpr type_oid type = type_oid::text;
    static void encode(const std::string_view& value, std::string& out) { out.append(value); }
    static void decode(const cell_view& cell, std::string_view& out);
};

/// Text that ends with NUL; a parameter only. A null pointer is NULL.
template <>
struct codec<const char*> {
    static constexpr type_oid type = type_oid::text;
    static constexpr bool nullable = true;
    static bool is_null(const char* const& value) noexcept { return value == nullptr; }
    static void set_null(const char*& out) noexcept { out = nullptr; }
    static void encode(const char* const& value, std::string& out) { out.append(value); }
};

/// One byte: PostgreSQL's "char", or text that is one byte long.
template <>
struct codec<char> {
    static constexpr type_oid type = type_oid::character;
    static constexpr bool exact = true;
    static void encode(const char& value, std::string& out) { out.push_back(value); }
    static void decode(const cell_view& cell, char& out);
};

template <>
struct codec<std::vector<std::byte>> {
    static constexpr type_oid type = type_oid::bytea;
    static constexpr bool exact = true;
    static void encode(const std::vector<std::byte>& value, std::string& out);
    static void decode(const cell_view& cell, std::vector<std::byte>& out);
};

/// Bytes of somebody else. What is read is a view into the result, which must outlive it.
template <>
struct codec<std::span<const std::byte>> {
    static constexpr type_oid type = type_oid::bytea;
    static void encode(const std::span<const std::byte>& value, std::string& out);
    static void decode(const cell_view& cell, std::span<const std::byte>& out);
};

} // namespace wharf
