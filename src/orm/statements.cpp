#include "orm/statements.hpp"

#include "sql/lookup.hpp"

namespace wharf::orm {
namespace {

sql::row_lock row_lock_of(lock locking) noexcept {
    switch (locking) {
    case lock::none:
        return sql::row_lock::none;
    case lock::update:
        return sql::row_lock::update;
    case lock::no_key_update:
        return sql::row_lock::no_key_update;
    case lock::share:
        return sql::row_lock::share;
    }
    return sql::row_lock::none;
}

sql::rendered_statement select_any(backend kind, const class_descriptor& type, std::span<const sql::table_column> by,
                                   std::span<const key_value> keys, std::span<const std::string_view> order) {
    sql::rendered_statement out;
    if (keys.size() == 1) {
        out.text = sql::select_by(kind, type.table, column_names(type), by, order);
        for (std::size_t i = 0; i < by.size(); ++i)
            add_key_part(keys.front(), i, by.size(), by[i].type, out.values);
        return out;
    }
    std::vector<parameters> values(by.size());
    for (const auto& key : keys)
        for (std::size_t i = 0; i < by.size(); ++i)
            add_key_part(key, i, by.size(), by[i].type, values[i]);
    return sql::select_by_any(kind, type.table, column_names(type), by, values, order);
}

} // namespace

std::vector<std::string_view> column_names(const class_descriptor& type) {
    std::vector<std::string_view> names;
    names.reserve(type.columns.size());
    for (const auto& column : type.columns)
        names.push_back(column.name);
    return names;
}

sql::table_column table_column_of(const class_descriptor& type, std::size_t column) noexcept {
    const auto& described = type.columns[column];
    return {described.name, described.wire, described.nullable};
}

std::vector<sql::table_column> key_table_columns(const class_descriptor& type) {
    std::vector<sql::table_column> columns;
    columns.reserve(type.key_size);
    for (std::size_t i = 0; i < type.key_size; ++i)
        columns.push_back(table_column_of(type, i));
    return columns;
}

sql::rendered_statement select_by_key(backend kind, const class_descriptor& type, const key_value& key, lock locking) {
    const auto by = key_table_columns(type);
    sql::rendered_statement out;
    out.text = sql::select_by(kind, type.table, column_names(type), by, {}, row_lock_of(locking));
    for (std::size_t i = 0; i < by.size(); ++i)
        add_key_part(key, i, by.size(), by[i].type, out.values);
    return out;
}

sql::rendered_statement select_by_keys(backend kind, const class_descriptor& type, std::span<const key_value> keys) {
    return select_any(kind, type, key_table_columns(type), keys, {});
}

sql::rendered_statement select_by_reference(backend kind, const class_descriptor& type,
                                            const relation_descriptor& reference, std::span<const key_value> keys) {
    std::vector<sql::table_column> by;
    by.reserve(reference.columns.size());
    for (const auto column : reference.columns)
        by.push_back(table_column_of(type, column));
    std::vector<std::string_view> order;
    for (const auto& column : type.key())
        order.push_back(column.name);
    return select_any(kind, type, by, keys, order);
}

} // namespace wharf::orm
