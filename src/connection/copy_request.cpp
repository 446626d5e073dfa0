#include "wharf/connection/copy.hpp"

#include "connection/identifiers.hpp"

#include <algorithm>
#include <utility>

namespace wharf {
namespace {

std::string select_from(std::string_view table, std::span<const std::string_view> columns) {
    std::string out = "SELECT ";
    if (columns.empty())
        out.push_back('*');
    else
        append_identifiers(out, columns);
    out.append(" FROM ");
    append_table(out, table);
    return out;
}

// COPY leaves them out where no columns are named. Their types do not tell them apart.
std::string generated_columns_of(std::string_view table) {
    std::string name;
    append_table(name, table);
    const bool escaped = name.find('\\') != std::string::npos;
    std::string literal = escaped ? "E'" : "'";
    for (const char c : name) {
        if (c == '\'' || c == '\\') literal.push_back(c);
        literal.push_back(c);
    }
    return "SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid OPERATOR(pg_catalog.=) " + literal +
           "'::pg_catalog.regclass AND attnum OPERATOR(pg_catalog.>) 0 AND NOT attisdropped AND attgenerated "
           "OPERATOR(pg_catalog.<>) ''";
}

// Of these the bytes depend on the column: composites and arrays name types in them, numbers may become a vector.
bool is_encoded_by_column(type_oid type) noexcept {
    switch (type) {
    case type_oid::hstore:
    case type_oid::hstore_array:
    case type_oid::vector:
    case type_oid::vector_array:
    case type_oid::halfvec:
    case type_oid::halfvec_array:
    case type_oid::sparsevec:
    case type_oid::sparsevec_array:
    case type_oid::record:
    case type_oid::record_array:
    case type_oid::text_array:
    case type_oid::float4_array:
    case type_oid::float8_array:
        return true;
    default:
        return false;
    }
}

} // namespace

copy_request copy_request::text(direction where, std::string_view sql) {
    return {where, std::string(sql), {}};
}

copy_request copy_request::rows_into(std::string_view table, std::span<const std::string_view> columns) {
    std::string statement = "COPY ";
    append_table(statement, table);
    if (!columns.empty()) {
        statement.append(" (");
        append_identifiers(statement, columns);
        statement.push_back(')');
    }
    statement.append(" FROM STDIN (FORMAT binary)");
    copy_request request(direction::in, std::move(statement), select_from(table, columns));
    if (columns.empty()) request.generated_ = generated_columns_of(table);
    return request;
}

copy_request copy_request::rows_from(std::string_view source, std::span<const std::string_view> columns) {
    if (is_table_name(source)) return {direction::out, {}, select_from(source, columns)};
    return {direction::out, {}, std::string(source)};
}

void copy_request::expect_cells(std::span<const type_oid> types) noexcept {
    described_first_ = described_first_ || std::ranges::any_of(types, is_encoded_by_column);
}

} // namespace wharf
