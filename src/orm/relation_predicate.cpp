#include "wharf/base/error.hpp"
#include "wharf/orm/object_state.hpp"
#include "wharf/orm/predicate.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace wharf::orm {

namespace {

const relation_descriptor& relation_of(const class_descriptor& type, tag member) {
    const auto found = std::ranges::find(type.relations, member, &relation_descriptor::member);
    if (found == type.relations.end()) throw usage_error("a relation that is not mapped was compared");
    return *found;
}

sql::expression column_in_query(const class_descriptor& type, const column_descriptor& column) {
    return sql::column(type.table, column.name, column.wire, column.nullable);
}

} // namespace

sql::expression foreign_key_column(const class_descriptor& type, tag relation) {
    return column_in_query(type, type.columns[relation_of(type, relation).columns.front()]);
}

key_value key_for_comparison(object_state& object) {
    if (object.key.is_set()) return object.key;
    const auto& type = *object.type;
    std::vector<const void*> values;
    for (const auto& column : type.key()) {
        const void* value = column.at(object.object());
        if (column.generated && column.type->is_default(value))
            throw usage_error("a query compares with an object for table " + std::string(type.table) +
                              " that has no key yet; flush the session first");
        values.push_back(value);
    }
    return make_key(type, values);
}

predicate refers_to(const class_descriptor& type, tag relation, const key_value& key) {
    if (!key.is_set()) return refers_to_nothing(type, relation);
    const auto& columns = relation_of(type, relation).columns;
    sql::expression all;
    for (std::size_t i = 0; i != columns.size(); ++i) {
        const auto& column = type.columns[columns[i]];
        parameters one;
        add_key_part(key, i, columns.size(), column.wire, one);
        all = sql::both(std::move(all), sql::compare(sql::comparison::equal, column_in_query(type, column),
                                                     sql::value(std::move(one))));
    }
    return predicate(std::move(all));
}

predicate refers_to_nothing(const class_descriptor& type, tag relation) {
    sql::expression any;
    for (const auto index : relation_of(type, relation).columns)
        any = sql::either(std::move(any), sql::is_null(column_in_query(type, type.columns[index])));
    return predicate(std::move(any));
}

} // namespace wharf::orm
