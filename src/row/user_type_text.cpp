// Composites, and the types of extensions, as PostgreSQL writes them in text.
#include "row/cell_text.hpp"
#include "row/conversion.hpp"
#include "row/float_text.hpp"
#include "row/record_reader.hpp"
#include "wharf/row/hstore.hpp"
#include "wharf/row/vectors.hpp"

#include <string_view>

namespace wharf::detail {
namespace {

/// Source: PostgreSQL, record_out.
void append_member(std::string_view text, std::string& out) {
    const bool special = text.empty() || text.find_first_of("\"\\(), \t\n\r\v\f") != std::string_view::npos;
    if (!special) return void(out += text);
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') out += c;
        out += c;
    }
    out += '"';
}

/// Source: PostgreSQL, contrib/hstore/hstore_io.c (hstore_out).
void append_quoted(std::string_view text, std::string& out) {
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    out += '"';
}

void append_key_values(const cell_view& cell, std::string& out) {
    hstore values;
    codec<hstore>::decode(cell, values);
    bool first = true;
    for (const auto& [key, value] : values) {
        if (!first) out += ", ";
        first = false;
        append_quoted(key, out);
        out += "=>";
        if (value)
            append_quoted(*value, out);
        else
            out += "NULL";
    }
}

void append_dense(const cell_view& cell, std::string& out) {
    std::vector<float> values;
    decode_vector(cell, values);
    out += '[';
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i > 0) out += ',';
        append_float(out, values[i]);
    }
    out += ']';
}

void append_sparse(const cell_view& cell, std::string& out) {
    sparse_vector vector;
    codec<sparse_vector>::decode(cell, vector);
    out += '{';
    for (std::size_t i = 0; i < vector.indices.size(); ++i) {
        if (i > 0) out += ',';
        out += std::to_string(vector.indices[i] + 1) + ':';
        append_float(out, vector.values[i]);
    }
    out += "}/" + std::to_string(vector.dimensions);
}

} // namespace

bool append_record(const cell_view& cell, std::string& out) {
    record_reader from(cell);
    std::string text;
    out += '(';
    for (std::size_t index = 0; index < from.size(); ++index) {
        if (index > 0) out += ',';
        const auto member = from.next();
        if (member.null) continue;
        text.clear();
        if (!append_text(member, text)) return false;
        append_member(text, out);
    }
    out += ')';
    from.expect_end();
    return true;
}

bool append_extension_text(const cell_view& cell, std::string& out) {
    switch (cell.type) {
    case type_oid::hstore:
        append_key_values(cell, out);
        return true;
    case type_oid::vector:
    case type_oid::halfvec:
        append_dense(cell, out);
        return true;
    case type_oid::sparsevec:
        append_sparse(cell, out);
        return true;
    default:
        return false;
    }
}

} // namespace wharf::detail
