#include "sql/given_rows.hpp"

#include "sql/text.hpp"

namespace wharf::sql {

std::size_t given_rows::next() {
    if (count_ != 0) arrays_.append(", ");
    return ++count_;
}

void given_rows::add(std::string_view table, std::span<const table_column> columns) {
    for (const auto& column : columns)
        append_typed_array(arrays_, table, column, next());
}

void given_rows::add(std::string_view table, std::span<const expected_column> columns) {
    for (const auto& column : columns) {
        const auto number = next();
        if (column.test != value_test::hash) {
            append_typed_array(arrays_, table, column, number);
            continue;
        }
        append_placeholder(arrays_, number);
        arrays_.append("::bytea[]");
    }
}

void given_rows::add_as_they_are(std::span<const table_column> columns) {
    for (const auto& column : columns)
        append_cast_placeholder(arrays_, next(), column.type, true);
}

std::string given_rows::text() const {
    std::string out = "wharf_given AS (SELECT * FROM unnest(" + arrays_ + ") WITH ORDINALITY AS given(";
    for (std::size_t i = 0; i != count_; ++i)
        out.append("c").append(std::to_string(i + 1)).append(", ");
    return out.append("n)), ");
}

} // namespace wharf::sql
