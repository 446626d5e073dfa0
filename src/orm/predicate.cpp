#include "wharf/orm/predicate.hpp"

#include "wharf/base/error.hpp"
#include "wharf/orm/bound_value.hpp"

#include <algorithm>
#include <string>

namespace wharf::orm {

sql::expression member_column(const class_descriptor& type, tag member) {
    const auto found = std::ranges::find(type.columns, member, &column_descriptor::member);
    if (found == type.columns.end())
        throw usage_error("a member that table " + std::string(type.table) + " has no column for is in a query");
    return sql::column(type.table, found->name, found->wire, found->nullable);
}

sql::expression null_value(type_oid type) {
    parameters one;
    one.add_null(type);
    return sql::value(std::move(one));
}

void refuse_value_out_of_range() {
    throw conversion_error("an integer in a query is out of the range of the column that it is compared with");
}

} // namespace wharf::orm
