#include "sql/text.hpp"

#include "wharf/base/error.hpp"
#include "wharf/row/type_name.hpp"

namespace wharf::sql {

namespace {

// The standard's spelling where it differs from the catalogue's; empty for a type without a name.
std::string_view postgres_name(type_oid type) noexcept {
    switch (type) {
    case type_oid::boolean:
        return "boolean";
    case type_oid::int8:
        return "bigint";
    case type_oid::int4:
        return "integer";
    case type_oid::int2:
        return "smallint";
    case type_oid::float4:
        return "real";
    case type_oid::float8:
        return "double precision";
    case type_oid::bool_array:
        return "boolean[]";
    case type_oid::int2_array:
        return "smallint[]";
    case type_oid::int4_array:
        return "integer[]";
    case type_oid::int8_array:
        return "bigint[]";
    case type_oid::float4_array:
        return "real[]";
    case type_oid::float8_array:
        return "double precision[]";
    default:
        return sql_name_of(type);
    }
}

// The affinity that keeps what the driver stores as it is.
std::string_view sqlite_name(type_oid type) noexcept {
    switch (type) {
    case type_oid::boolean:
    case type_oid::int8:
    case type_oid::int4:
    case type_oid::int2:
    case type_oid::oid:
        return "INTEGER";
    case type_oid::float4:
    case type_oid::float8:
        return "REAL";
    case type_oid::bytea:
    case type_oid::float4_array:
    case type_oid::float8_array:
        return "BLOB";
    case type_oid::numeric:
        return "TEXT COLLATE wharf_decimal";
    default:
        return postgres_name(type).empty() ? std::string_view() : "TEXT";
    }
}

} // namespace

std::string quoted_table(std::string_view table) {
    std::string out;
    append_table(out, table);
    return out;
}

void append_literal(std::string& out, std::string_view text) {
    out.push_back('\'');
    for (const char c : text)
        out.append(c == '\'' ? 2 : 1, c);
    out.push_back('\'');
}

void append_placeholder(std::string& out, std::size_t number) {
    out.push_back('$');
    out.append(std::to_string(number));
}

std::string_view type_name(backend kind, type_oid type) {
    const auto name = kind == backend::postgres ? postgres_name(type) : sqlite_name(type);
    if (name.empty()) throw configuration_error("wharf knows no column type for " + name_of(type));
    return name;
}

void append_cast_placeholder(std::string& out, std::size_t number, type_oid type, bool array) {
    append_placeholder(out, number);
    const auto name = postgres_name(type);
    if (name.empty()) return;
    out.append("::").append(name);
    if (array) out.append("[]");
}

void append_lock(std::string& out, backend kind, row_lock lock) {
    if (kind != backend::postgres) return;
    switch (lock) {
    case row_lock::none:
        return;
    case row_lock::share:
        out.append(" FOR SHARE");
        return;
    case row_lock::no_key_update:
        out.append(" FOR NO KEY UPDATE");
        return;
    case row_lock::update:
        out.append(" FOR UPDATE");
        return;
    }
}

} // namespace wharf::sql
