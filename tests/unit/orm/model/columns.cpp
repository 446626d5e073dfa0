#include "unit/orm/model/columns.hpp"

#include <array>
#include <utility>

namespace orm_model {
namespace {

using wharf::orm::entity_base;

template <auto Member>
struct member_of;
template <class T, class Value, Value T::* Member>
struct member_of<Member> {
    using owner = T;
    using value = Value;
    static Value& in(void* object) { return static_cast<T*>(object)->*Member; }
    static const Value& in(const void* object) { return static_cast<const T*>(object)->*Member; }
};

template <class Value>
cell to_cell(const Value& value) {
    if constexpr (std::is_same_v<Value, std::string>) {
        return value;
    } else if constexpr (std::is_same_v<Value, std::optional<std::string>>) {
        return value;
    } else {
        return std::to_string(value);
    }
}
template <class Value>
void from_cell(const cell& from, Value& to) {
    if constexpr (std::is_same_v<Value, std::string>) {
        to = from.value();
    } else if constexpr (std::is_same_v<Value, std::optional<std::string>>) {
        to = from;
    } else {
        to = static_cast<Value>(std::stoll(from.value()));
    }
}

template <auto Member>
constexpr column_info member(std::string_view name, role as) {
    using of = member_of<Member>;
    column_info made;
    made.name = name;
    made.role = as;
    made.nullable = std::is_same_v<typename of::value, std::optional<std::string>>;
    made.read = [](const void* object) { return to_cell(of::in(object)); };
    made.write = [](void* object, const cell& value) { from_cell(value, of::in(object)); };
    return made;
}

template <auto Member>
constexpr column_info reference(std::string_view name, kind target) {
    using of = member_of<Member>;
    using relation = typename of::value;
    using target_type = typename relation::target_type;
    column_info made;
    made.name = name;
    made.role = role::reference;
    made.target = target;
    made.nullable = relation::is_nullable;
    made.relate = [](void* object, const entity_base& wanted) {
        if constexpr (relation::is_nullable) {
            if (!wanted) {
                of::in(object) = nullptr;
                return;
            }
        }
        of::in(object) = wharf::entity<target_type>(entity_base(wanted));
    };
    made.set_key = [](void* object, const std::string& key) {
        if constexpr (std::is_same_v<target_type, Order>) {
            of::in(object).set_key(key);
        } else {
            of::in(object).set_key(static_cast<wharf::key_of<target_type>>(std::stoll(key)));
        }
    };
    made.reference_key = [](const void* object) -> cell {
        const auto& held = of::in(object);
        if (!held.foreign_key().is_set()) return {};
        if constexpr (relation::is_nullable) {
            return to_cell(*held.key());
        } else {
            return to_cell(held.key());
        }
    };
    made.reference_of = [](const void* object) -> const wharf::orm::reference_base& { return of::in(object); };
    return made;
}

/// The same with a collection on its other side.
template <auto Member, auto Collection>
constexpr column_info two_sided(std::string_view name, kind target, std::string_view collection) {
    using of = member_of<Collection>;
    using item_type = typename member_of<Member>::owner;
    auto made = reference<Member>(name, target);
    made.collection = collection;
    made.items = [](void* object) -> wharf::orm::collection_base& { return of::in(object); };
    made.add_item = [](void* object, const entity_base& item) {
        of::in(object).add(wharf::entity<item_type>(entity_base(item)));
    };
    made.remove_item = [](void* object, const entity_base& item) {
        of::in(object).remove(wharf::entity<const item_type>(entity_base(item)));
    };
    made.replace_items = [](void* object, const std::vector<entity_base>& items) {
        if (items.empty()) {
            of::in(object).clear();
            return;
        }
        std::vector<wharf::entity<item_type>> typed;
        for (const auto& item : items)
            typed.emplace_back(entity_base(item));
        of::in(object).replace(std::move(typed));
    };
    return made;
}

constexpr column_info key_part(column_info made) {
    made.in_key = true;
    return made;
}
constexpr column_info unique(column_info made) {
    made.unique = true;
    return made;
}
template <auto Member>
constexpr column_info with_member(column_info made) {
    const auto held = member<Member>({}, role::number);
    made.has_member = true;
    made.read = held.read;
    made.write = held.write;
    return made;
}

constexpr std::array person_columns{
    key_part(member<&Person::id>("id", role::key)), member<&Person::name>("name", role::value),
    unique(member<&Person::email>("email", role::value)), member<&Person::version>("version", role::version),
    reference<&Person::favourite>("favourite_id", kind::task)};
constexpr std::array task_columns{
    key_part(member<&Task::id>("id", role::key)), member<&Task::title>("title", role::value),
    with_member<&Task::owner_id>(two_sided<&Task::owner, &Person::tasks>("owner_id", kind::person, "tasks")),
    two_sided<&Task::reviewer, &Person::reviews>("reviewer_id", kind::person, "reviews")};
constexpr std::array node_columns{key_part(member<&Node::id>("id", role::key)),
                                  member<&Node::label>("label", role::value),
                                  two_sided<&Node::parent, &Node::children>("parent_id", kind::node, "children")};
constexpr std::array order_columns{key_part(member<&Order::code>("code", role::value)),
                                   member<&Order::state>("state", role::value),
                                   reference<&Order::buyer>("buyer_id", kind::person)};
constexpr std::array line_columns{
    key_part(with_member<&Line::order_code>(two_sided<&Line::order, &Order::lines>("of_order", kind::order, "lines"))),
    key_part(member<&Line::number>("place", role::number)), member<&Line::quantity>("quantity", role::number)};

constexpr std::array<class_info, kinds> classes{{{"Person", "persons", person_columns, true},
                                                 {"Task", "tasks", task_columns, true},
                                                 {"Node", "nodes", node_columns, true},
                                                 {"Order", "orders", order_columns, false},
                                                 {"Line", "lines", line_columns, false}}};

} // namespace

const class_info& info_of(kind type) {
    return classes[static_cast<std::size_t>(type)];
}

const std::string& all_rows_statement() {
    static const std::string statement = [] {
        std::string sql;
        for (const auto& type : classes) {
            sql += (sql.empty() ? "SELECT '" : " UNION ALL SELECT '") + std::string(type.name) + "'";
            for (const auto& column : type.columns)
                sql += " || '|' || coalesce(CAST(" + std::string(column.name) + " AS text), '~')";
            sql += " FROM " + std::string(type.table);
        }
        return sql;
    }();
    return statement;
}

std::string line_of(kind type, std::span<const cell> cells) {
    std::string line(info_of(type).name);
    for (const auto& value : cells)
        line.append("|").append(value ? *value : "~");
    return line;
}

std::vector<std::string> table_definitions(bool postgres) {
    const auto key = [postgres](const std::string& type) {
        return postgres ? "id " + type + " GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"
                        : std::string("id INTEGER PRIMARY KEY AUTOINCREMENT");
    };
    std::vector<std::string> made{
        "CREATE TABLE persons (" + key("bigint") +
            ", name text NOT NULL, email text UNIQUE, version bigint NOT NULL, favourite_id integer" +
            (postgres ? ")" : " REFERENCES tasks(id))"),
        "CREATE TABLE tasks (" + key("integer") +
            ", owner_id bigint NOT NULL REFERENCES persons(id), title text NOT NULL"
            ", reviewer_id bigint REFERENCES persons(id))",
        "CREATE TABLE nodes (" + key("bigint") + ", label text NOT NULL, parent_id bigint REFERENCES nodes(id))",
        "CREATE TABLE orders (code text PRIMARY KEY, state text NOT NULL, buyer_id bigint REFERENCES persons(id))",
        "CREATE TABLE lines (of_order text NOT NULL REFERENCES orders(code), place integer NOT NULL"
        ", quantity integer NOT NULL, PRIMARY KEY (of_order, place))"};
    if (postgres) made.emplace_back("ALTER TABLE persons ADD FOREIGN KEY (favourite_id) REFERENCES tasks(id)");
    return made;
}

const std::vector<std::string>& emptying_statements() {
    static const std::vector<std::string> statements{
        "UPDATE persons SET favourite_id = NULL WHERE favourite_id IS NOT NULL",
        "UPDATE nodes SET parent_id = NULL WHERE parent_id IS NOT NULL",
        "DELETE FROM lines",
        "DELETE FROM orders",
        "DELETE FROM tasks",
        "DELETE FROM persons",
        "DELETE FROM nodes"};
    return statements;
}

} // namespace orm_model
