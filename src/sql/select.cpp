#include "sql/text.hpp"
#include "sql/writer.hpp"
#include "wharf/sql/select_statement.hpp"

namespace wharf::sql {

namespace {

void write_conditions(writer& out, backend kind, const select_statement& statement) {
    out << " FROM ";
    out.table(statement.from);
    if (statement.where) {
        out << " WHERE ";
        out.write(statement.where);
    }
    for (std::size_t i = 0; i != statement.order.size(); ++i) {
        out << (i == 0 ? " ORDER BY " : ", ");
        out.write(statement.order[i].by);
        if (statement.order[i].descending) out << " DESC";
        // PostgreSQL takes NULLs for greater than all else, SQLite for less.
        const auto& by = statement.order[i].by.root();
        if (kind == backend::sqlite && by.nullable)
            out << (statement.order[i].descending ? " NULLS FIRST" : " NULLS LAST");
    }
    if (statement.limit) {
        out << " LIMIT ";
        out.parameter(*statement.limit);
    } else if (statement.offset && kind == backend::sqlite) {
        out << " LIMIT -1"; // SQLite has no OFFSET without LIMIT
    }
    if (statement.offset) {
        out << " OFFSET ";
        out.parameter(*statement.offset);
    }
}

// The rows of a statement whose order does not matter.
select_statement unordered(const select_statement& statement) {
    auto copy = statement;
    if (!copy.limit && !copy.offset) copy.order.clear();
    return copy;
}

} // namespace

rendered_statement render_select(backend kind, const select_statement& statement,
                                 const std::vector<std::string_view>& columns) {
    writer out(kind, statement.from);
    out << "SELECT ";
    for (std::size_t i = 0; i != columns.size(); ++i) {
        if (i != 0) out << ", ";
        out.identifier(columns[i]);
    }
    write_conditions(out, kind, statement);
    out.lock(statement.lock);
    if (kind == backend::postgres && statement.lock != row_lock::none && statement.skip_locked) out << " SKIP LOCKED";
    return out.finish();
}

rendered_statement render_count(backend kind, const select_statement& statement) {
    writer out(kind, statement.from);
    const bool window = statement.limit || statement.offset;
    out << (window ? "SELECT count(*) FROM (SELECT 1" : "SELECT count(*)");
    write_conditions(out, kind, unordered(statement));
    if (window) out << ") AS counted";
    return out.finish();
}

rendered_statement render_exists(backend kind, const select_statement& statement) {
    writer out(kind, statement.from);
    out << "SELECT EXISTS (SELECT 1";
    write_conditions(out, kind, unordered(statement));
    out << ")";
    return out.finish();
}

} // namespace wharf::sql
