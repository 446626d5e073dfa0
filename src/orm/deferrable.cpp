#include "orm/deferrable.hpp"

#include "sql/text.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace wharf::orm {
namespace {

std::string question(const unique_columns& about) {
    const auto& type = *about.type;
    std::vector<std::string_view> names;
    for (std::size_t i = 0; i < type.columns.size(); ++i)
        if (about.columns.test(i)) names.push_back(type.columns[i].name);
    std::string out = "SELECT count(*) FILTER (WHERE indimmediate) = 0 AND count(*) > 0 FROM pg_catalog.pg_index AS i "
                      "WHERE indisunique AND indrelid = ";
    sql::append_literal(out, sql::quoted_table(type.table));
    out.append("::pg_catalog.regclass AND indnkeyatts = ").append(std::to_string(names.size()));
    out.append(" AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE attrelid = indrelid AND "
               "attnum = ANY((indkey::int2[])[:indnkeyatts - 1]) AND attname NOT IN (");
    for (const auto name : names) {
        if (name != names.front()) out.append(", ");
        sql::append_literal(out, name);
    }
    return out.append("))");
}

} // namespace

io::op<std::vector<unique_columns>> find_deferrable(session_parts& parts, std::vector<unique_columns> asked) {
    std::vector<unique_columns> found;
    for (const auto& about : asked) {
        const auto text = question(about);
        const auto rows = co_await parts.run_one(text, parameters());
        auto row = rows[0];
        const auto cell = row.next();
        if (!cell.null && cell.bytes == std::string_view("\1", 1)) found.push_back(about);
    }
    co_return std::move(found);
}

} // namespace wharf::orm
