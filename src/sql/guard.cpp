#include "sql/guard.hpp"

#include "sql/text.hpp"

#include <charconv>

namespace wharf::sql {

namespace {

constexpr std::string_view count_mark = "wharf.row_count:";
constexpr std::string_view unfit_mark = "wharf.unfit:";
constexpr std::string_view null_mark = "wharf.null:";

std::string numbered(std::string_view prefix, std::size_t index) {
    return std::string(prefix) + std::to_string(index + 1);
}

/// The integers that a smaller member holds; empty for others.
std::string_view bounds_of(type_oid type) noexcept {
    if (type == type_oid::int4) return "BETWEEN -2147483648 AND 2147483647";
    if (type == type_oid::int2) return "BETWEEN -32768 AND 32767";
    return {};
}

/// Whether a column holds what was sent to the last digit: 2 and 2.00 are equal, but not the same to read.
value_test stored_test_of(type_oid type) noexcept {
    return type == type_oid::numeric || type == type_oid::numeric_array ? value_test::image : test_of(type);
}

class text {
public:
    text(const guarded_change& what, const answer& wanted, std::span<const std::string> values)
        : what_(what), wanted_(wanted), values_(values) {}

    std::string write() {
        out_.append("WITH ").append(what_.before).append("wharf_rows AS (").append(what_.change).append(" RETURNING ");
        if (wanted_.empty()) {
            out_.append(what_.numbered ? what_.row + " AS wharf_row" : "1").append(") SELECT ");
            check();
            out_.append(" FROM wharf_rows");
            return std::move(out_);
        }
        returning();
        out_.append(") ");
        rows();
        // The second part has no rows of its own, but must be computed to know that, also when there are no changed
        // rows.
        out_.append(" UNION ALL SELECT NULL, NULL");
        for (std::size_t i = 0; i != wanted_.returning.size() + wanted_.written.size(); ++i)
            out_.append(", NULL");
        out_.append(" FROM (SELECT ");
        check();
        out_.append(" AS wrong FROM wharf_rows) AS wharf_guard WHERE wrong <> 0");
        return std::move(out_);
    }

private:
    [[nodiscard]] bool joined() const noexcept { return what_.row.empty(); }

    /// Whether any column differs from what was sent; `prefix` and a number, or the column's own name.
    void differs(std::string_view prefix, bool by_number) {
        out_.append("NOT (");
        for (std::size_t i = 0; i != wanted_.written.size(); ++i) {
            const auto& column = wanted_.written[i];
            if (i != 0) out_.append(" AND ");
            std::string stored(prefix);
            if (by_number)
                stored = numbered(stored.append("w"), i);
            else
                append_identifier(stored, column.name);
            if (is_sent_again(column)) stored.append("::double precision");
            append_same(out_, stored, values_[i], stored_test_of(column.type), column.type);
        }
        out_.append(wanted_.written.empty() ? "TRUE)" : ")");
    }

    void returning() {
        if (!joined()) {
            out_.append(what_.row).append(" AS wharf_row, ");
            differs(what_.column_prefix, false);
            out_.append(" AS wharf_differs");
        }
        bool first = joined();
        const auto name = [&](std::string_view prefix, std::span<const table_column> columns) {
            for (std::size_t i = 0; i != columns.size(); ++i) {
                if (!first) out_.append(", ");
                first = false;
                out_.append(what_.column_prefix);
                append_identifier(out_, columns[i].name);
                out_.append(" AS ").append(numbered(prefix, i));
            }
        };
        name("r", wanted_.returning);
        name("w", wanted_.written);
    }

    void names(std::string_view prefix, std::size_t count) {
        for (std::size_t i = 0; i != count; ++i)
            out_.append(", ").append(numbered(prefix, i));
    }

    void rows() {
        out_.append("SELECT wharf_row, wharf_differs");
        names("r", wanted_.returning.size());
        for (std::size_t i = 0; i != wanted_.written.size(); ++i)
            out_.append(", CASE WHEN wharf_differs THEN ").append(numbered("w", i)).append(" END");
        if (joined()) {
            out_.append(" FROM (SELECT wharf_row, ");
            differs("stored.", true);
            out_.append(" AS wharf_differs");
            names("r", wanted_.returning.size());
            names("w", wanted_.written.size());
            out_.append(
                " FROM (SELECT row_number() OVER () AS wharf_row, * FROM wharf_rows) AS stored JOIN wharf_given "
                "AS given ON given.n = stored.wharf_row) AS wharf_rows");
        } else {
            out_.append(" FROM wharf_rows");
        }
        if (wanted_.returning.empty()) out_.append(" WHERE wharf_differs");
    }

    void check() {
        out_.append("CASE WHEN count(*) <> ").append(what_.expected).append(" THEN ('").append(count_mark);
        out_.append("' || count(*) || '/' || ").append(what_.expected);
        if (what_.numbered) {
            out_.append(" || ':' || (SELECT string_agg(n::text, ',') FROM (SELECT n FROM wharf_given WHERE n NOT IN "
                        "(SELECT wharf_row FROM wharf_rows) ORDER BY n LIMIT 20) AS missing)");
        }
        out_.append(")::int");
        for (std::size_t i = 0; i != wanted_.returning.size(); ++i)
            fits(wanted_.returning[i], numbered("r", i), i, bounds_of(wanted_.returning[i].type));
        for (std::size_t i = 0; i != wanted_.written.size(); ++i)
            fits(wanted_.written[i], numbered("w", i), wanted_.returning.size() + i, {});
        out_.append(" ELSE 0 END");
    }

    void fits(const table_column& column, const std::string& name, std::size_t place, std::string_view bounds) {
        if (!column.nullable) fails("count(" + name + ") <> count(*)", null_mark, place);
        if (bounds.empty()) return;
        fails("count(*) FILTER (WHERE " + name + " NOT " + std::string(bounds) + ") <> 0", unfit_mark, place);
    }

    void fails(const std::string& condition, std::string_view mark, std::size_t place) {
        out_.append(" WHEN ").append(condition).append(" THEN ('").append(mark);
        out_.append(std::to_string(place)).append("/' || count(*))::int");
    }

    const guarded_change& what_;
    const answer& wanted_;
    std::span<const std::string> values_;
    std::string out_{};
};

/// What follows the mark in the message of an error of a guard.
std::optional<std::string_view> behind_mark(const database_error& error, std::string_view mark) {
    if (error.sqlstate() != "22P02") return std::nullopt;
    const std::string_view message = error.message();
    const auto at = message.find(mark);
    if (at == std::string_view::npos) return std::nullopt;
    return message.substr(at + mark.size());
}

/// The number that the text begins with, which is taken off, with the sign behind it if there is such a one.
std::optional<std::uint64_t> take_number(std::string_view& text, char sign) {
    std::uint64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    if (text.starts_with(sign)) text.remove_prefix(1);
    return number;
}

} // namespace

bool is_sent_again(const table_column& column) noexcept {
    return column.type == type_oid::float8;
}

std::vector<table_column> sent_again(std::span<const table_column> set) {
    std::vector<table_column> again;
    for (const auto& column : set)
        if (is_sent_again(column)) again.push_back(column);
    return again;
}

std::vector<std::string> values_sent(std::span<const table_column> set, bool arrays, std::string_view given) {
    std::vector<std::string> values;
    std::size_t again = set.size();
    for (std::size_t i = 0; i != set.size(); ++i) {
        const auto number = is_sent_again(set[i]) ? ++again : i + 1;
        auto& value = values.emplace_back();
        if (arrays)
            value = std::string(given) + ".c" + std::to_string(number);
        else
            append_value(value, number, set[i].type);
        if (is_sent_again(set[i])) value.append("::double precision");
    }
    return values;
}

std::string guarded(const guarded_change& what, const answer& wanted, std::span<const std::string> values) {
    return text(what, wanted, values).write();
}

std::optional<row_count_mismatch> read_guard(const database_error& error) {
    auto rest = behind_mark(error, count_mark);
    if (!rest) return std::nullopt;
    const auto matched = take_number(*rest, '/');
    if (!matched) return std::nullopt;
    const auto expected = take_number(*rest, ':');
    if (!expected) return std::nullopt;
    row_count_mismatch found{*matched, *expected, {}};
    while (const auto row = take_number(*rest, ','))
        found.missing.push_back(*row);
    return found;
}

std::optional<unfit_value> read_unfit(const database_error& error) {
    for (const auto mark : {unfit_mark, null_mark}) {
        auto rest = behind_mark(error, mark);
        if (!rest) continue;
        if (const auto place = take_number(*rest, '/')) return unfit_value{*place, mark == null_mark};
    }
    return std::nullopt;
}

} // namespace wharf::sql
