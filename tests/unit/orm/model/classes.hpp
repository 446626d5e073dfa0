// The classes of the model, with their tables.
//
//   Person  generated key, unique nullable column, version; refers to one of its tasks, so that tables go in a circle
//   Task    generated key; a foreign key that is also a member, and a nullable one that is not
//   Node    a tree
//   Order   natural key with children; refers to a person who knows nothing of it
//   Line    composite key, both parts under other names; one part is the foreign key
#pragma once

#include "wharf/orm/session.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace orm_model {

struct Task;
struct Line;

struct Person {
    std::int64_t id{};
    std::string name{};
    std::optional<std::string> email{};
    std::int64_t version{};
    wharf::belongs_to<std::optional<Task>> favourite{};
    wharf::has_many<Task> tasks{};
    wharf::has_many<Task> reviews{};
};
struct Task {
    std::int32_t id{};
    std::int64_t owner_id{};
    std::string title{};
    wharf::belongs_to<Person> owner{};
    wharf::belongs_to<std::optional<Person>> reviewer{};
};
struct Node {
    std::int64_t id{};
    std::string label{};
    wharf::belongs_to<std::optional<Node>> parent{};
    wharf::has_many<Node> children{};
};
struct Order {
    std::string code{};
    std::string state{};
    wharf::belongs_to<std::optional<Person>> buyer{};
    wharf::has_many<Line> lines{};
};
struct Line {
    std::string order_code{};
    std::int32_t number{};
    std::int32_t quantity{};
    wharf::belongs_to<Order> order{};
};

constexpr auto wharf_mapping(wharf::type<Person>) {
    return wharf::table<Person>("persons", wharf::primary_key<&Person::id>().generated(),
                                wharf::column<&Person::name>(), wharf::column<&Person::email>().unique(),
                                wharf::column<&Person::version>().version(), wharf::relation<&Person::favourite>(),
                                wharf::relation<&Person::tasks>().inverse<&Task::owner>(),
                                wharf::relation<&Person::reviews>().inverse<&Task::reviewer>());
}
constexpr auto wharf_mapping(wharf::type<Task>) {
    return wharf::table<Task>("tasks", wharf::primary_key<&Task::id>().generated(), wharf::column<&Task::owner_id>(),
                              wharf::column<&Task::title>(), wharf::relation<&Task::owner>().column<&Task::owner_id>(),
                              wharf::relation<&Task::reviewer>());
}
constexpr auto wharf_mapping(wharf::type<Node>) {
    return wharf::table<Node>("nodes", wharf::primary_key<&Node::id>().generated(), wharf::column<&Node::label>(),
                              wharf::relation<&Node::parent>(), wharf::relation<&Node::children>());
}
constexpr auto wharf_mapping(wharf::type<Order>) {
    return wharf::table<Order>("orders", wharf::primary_key<&Order::code>(), wharf::column<&Order::state>(),
                               wharf::relation<&Order::buyer>(), wharf::relation<&Order::lines>());
}
constexpr auto wharf_mapping(wharf::type<Line>) {
    return wharf::table<Line>("lines", wharf::column<&Line::order_code>("of_order").primary_key(),
                              wharf::column<&Line::number>("place").primary_key(), wharf::column<&Line::quantity>(),
                              wharf::relation<&Line::order>().key<&Line::order_code>());
}

enum class kind : std::uint8_t { person, task, node, order, line };
inline constexpr std::size_t kinds = 5;

/// Calls `work` with the std::type_identity of the class.
template <class Work>
decltype(auto) visit_kind(kind of, Work&& work) {
    switch (of) {
    case kind::person:
        return work(std::type_identity<Person>{});
    case kind::task:
        return work(std::type_identity<Task>{});
    case kind::node:
        return work(std::type_identity<Node>{});
    case kind::order:
        return work(std::type_identity<Order>{});
    case kind::line:
        break;
    }
    return work(std::type_identity<Line>{});
}

/// What makes the tables; and what empties them.
[[nodiscard]] std::vector<std::string> table_definitions(bool postgres);
[[nodiscard]] const std::vector<std::string>& emptying_statements();

} // namespace orm_model
