#include "sql/guard.hpp"

#include "sql/text.hpp"

#include <charconv>

namespace wharf::sql {

namespace {

constexpr std::string_view mark = "wharf.row_count:";

void append_check(std::string& out, std::string_view expected) {
    out.append("CASE WHEN count(*) = ").append(expected).append(" THEN 0 ELSE ('").append(mark);
    out.append("' || count(*) || '/' || ").append(expected).append(")::int END");
}

} // namespace

std::string guarded(std::string_view change, std::string_view expected, std::span<const std::string_view> returning) {
    std::string names;
    for (const auto name : returning) {
        if (!names.empty()) names.append(", ");
        append_identifier(names, name);
    }
    std::string out = "WITH wharf_rows AS (";
    out.append(change).append(" RETURNING ").append(names.empty() ? std::string_view("1") : names).append(") SELECT ");
    if (returning.empty()) {
        append_check(out, expected);
        return out.append(" FROM wharf_rows");
    }
    // The second part has no rows of its own, but must be computed to know that, also when there are no changed rows.
    out.append(names).append(" FROM wharf_rows UNION ALL SELECT ");
    for (std::size_t i = 0; i != returning.size(); ++i)
        out.append(i == 0 ? "NULL" : ", NULL");
    out.append(" FROM (SELECT ");
    append_check(out, expected);
    return out.append(" AS wrong FROM wharf_rows) AS wharf_guard WHERE wrong <> 0");
}

std::optional<row_count_mismatch> read_guard(const database_error& error) {
    if (error.sqlstate() != "22P02") return std::nullopt;
    const auto message = error.message();
    const auto at = message.find(mark);
    if (at == std::string_view::npos) return std::nullopt;
    row_count_mismatch found;
    const auto* const end = message.data() + message.size();
    const auto matched = std::from_chars(message.data() + at + mark.size(), end, found.matched);
    if (matched.ec != std::errc() || matched.ptr == end || *matched.ptr != '/') return std::nullopt;
    const auto expected = std::from_chars(matched.ptr + 1, end, found.expected);
    if (expected.ec != std::errc()) return std::nullopt;
    return found;
}

} // namespace wharf::sql
