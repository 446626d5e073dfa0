#include "sql/writer.hpp"

#include "sql/array_parameter.hpp"
#include "sql/text.hpp"
#include "sqlite/value_list.hpp"
#include "wharf/base/error.hpp"
#include "wharf/row/type_name.hpp"

#include <span>

namespace wharf::sql {

namespace {

std::string_view sign_of(comparison op) noexcept {
    switch (op) {
    case comparison::equal:
        return " = ";
    case comparison::not_equal:
        return " <> ";
    case comparison::less:
        return " < ";
    case comparison::less_equal:
        return " <= ";
    case comparison::greater:
        return " > ";
    case comparison::greater_equal:
        return " >= ";
    }
    return " = ";
}

bool is_atom(const node& what) noexcept {
    return what.kind == node_kind::column || what.kind == node_kind::value || what.kind == node_kind::constant ||
           what.kind == node_kind::count_rows;
}

} // namespace

void writer::identifier(std::string_view name) {
    append_identifier(out_.text, name);
}

void writer::table(std::string_view name) {
    append_table(out_.text, name);
}

void writer::lock(row_lock kind) {
    append_lock(out_.text, kind_, kind);
}

void writer::parameter(std::int64_t value) {
    out_.values.add(type_oid::int8, [&](std::string& bytes) { append(bytes, value); });
    append_placeholder(out_.text, out_.values.size());
}

void writer::write(const expression& what) {
    const auto& at = what.root();
    switch (at.kind) {
    case node_kind::column:
        return write_column(at);
    case node_kind::value:
        return write_value(at);
    case node_kind::constant:
        *this << (at.truth ? "TRUE" : "FALSE");
        return;
    case node_kind::compare:
        return write_binary(sign_of(at.op), at);
    case node_kind::identical:
        return write_identical(at);
    case node_kind::is_null:
        write_operand(at.children[0]);
        *this << (at.negated ? " IS NOT NULL" : " IS NULL");
        return;
    case node_kind::in_list:
        return write_in(at);
    case node_kind::like:
    case node_kind::ilike:
        return write_match(at);
    case node_kind::both:
        return write_chain(" AND ", at);
    case node_kind::either:
        return write_chain(" OR ", at);
    case node_kind::negation:
        *this << "NOT (";
        write(at.children[0]);
        *this << ")";
        return;
    case node_kind::count_rows:
        *this << "count(*)";
        return;
    }
}

void writer::write_column(const node& what) {
    if (what.table != table_)
        throw usage_error("a query on table " + std::string(table_) + " names the column " + what.name + " of table " +
                          what.table);
    identifier(what.name);
    if (kind_ == backend::sqlite && what.type == type_oid::numeric) *this << decimal_collation;
}

void writer::write_value(const node& what) {
    const auto one = what.values[0];
    if (one.null)
        out_.values.add_null(one.type);
    else
        out_.values.add_encoded(one.type, one.bytes);
    append_placeholder(out_.text, out_.values.size());
}

void writer::write_binary(std::string_view sign, const node& what) {
    write_operand(what.children[0]);
    *this << sign;
    write_operand(what.children[1]);
}

void writer::write_identical(const node& what) {
    const bool postgres = kind_ == backend::postgres;
    write_operand(what.children[0]);
    if (what.negated)
        *this << (postgres ? " IS DISTINCT FROM " : " IS NOT ");
    else
        *this << (postgres ? " IS NOT DISTINCT FROM " : " IS ");
    write_operand(what.children[1]);
}

void writer::write_in(const node& what) {
    write_operand(what.children[0]);
    const auto& values = what.values;
    // One array instead of a list: one text, whatever the number of values.
    if (kind_ == backend::postgres && array_of(values[0].type) != type_oid::unspecified) {
        add_array_parameter(out_.values, values);
        *this << " = ANY(";
        append_placeholder(out_.text, out_.values.size());
        *this << ")";
        return;
    }
    if (kind_ == backend::sqlite) {
        const auto list = sqlite::list_of(std::span(&values, 1));
        out_.values.add_encoded(type_oid::text, list.json);
        *this << " IN (SELECT " << list.elements.front() << " FROM json_each(";
        append_placeholder(out_.text, out_.values.size());
        *this << "))";
        return;
    }
    *this << " IN (";
    for (std::size_t i = 0; i != values.size(); ++i) {
        if (i != 0) *this << ", ";
        if (values[i].null)
            out_.values.add_null(values[i].type);
        else
            out_.values.add_encoded(values[i].type, values[i].bytes);
        append_placeholder(out_.text, out_.values.size());
    }
    *this << ")";
}

// SQLite's own LIKE ignores the case of ASCII letters. PostgreSQL's ILIKE folds what the database's locale says; with
// the collation C it is ASCII.
void writer::write_match(const node& what) {
    const bool any_case = what.kind == node_kind::ilike;
    if (kind_ == backend::sqlite) {
        *this << (any_case ? "wharf_ilike(" : "wharf_like(");
        write(what.children[0]);
        *this << ", ";
        write(what.children[1]);
        *this << ")";
        return;
    }
    write_operand(what.children[0]);
    *this << (any_case ? " COLLATE \"C\" ILIKE " : " LIKE ");
    write_operand(what.children[1]);
    *this << " ESCAPE '\\'";
}

void writer::write_chain(std::string_view sign, const node& what) {
    bool first = true;
    for (const auto& part : what.children) {
        if (!first) *this << sign;
        first = false;
        // Comparisons bind tighter than AND and OR; the other chain does not, or is easily misread.
        const auto kind = part.root().kind;
        const bool chain = kind == node_kind::both || kind == node_kind::either;
        if (chain) *this << "(";
        write(part);
        if (chain) *this << ")";
    }
}

void writer::write_operand(const expression& what) {
    if (is_atom(what.root())) return write(what);
    *this << "(";
    write(what);
    *this << ")";
}

} // namespace wharf::sql
