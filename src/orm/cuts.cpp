#include "orm/cuts.hpp"

#include <algorithm>

namespace wharf::orm {
namespace {

using verb = flush_step::verb;

column_set clearable(const class_descriptor& type, column_set columns) {
    for (std::size_t i = 0; i < type.columns.size(); ++i)
        if (!type.columns[i].nullable || type.columns[i].key) columns.reset(i);
    return columns;
}

bool waits_inside_key(const planned_update& update, const column_set& columns) {
    return std::ranges::any_of(update.deferred, [&](const deferred_column& late) {
        return columns.test(late.column) && late.column < update.type->key_size;
    });
}

/// With the other columns of values that are unique together: in between, no row has half of the one and of the other.
column_set whole_values(const class_descriptor& type, column_set columns, const column_set& changed) {
    for (bool grows = true; std::exchange(grows, false);) {
        for (const auto& together : type.uniques) {
            column_set all;
            for (const auto column : together)
                all.set(column, changed.test(column));
            if ((all & columns).none() || (all & ~columns).none()) continue;
            columns |= all;
            grows = true;
        }
    }
    return columns;
}

bool may_refer_to_itself(const class_descriptor& type) noexcept {
    return std::ranges::any_of(type.relations, [&](const relation_descriptor& relation) {
        return relation.kind == relation_kind::belongs_to && relation.target == type.type;
    });
}

/// What an insert can do without at first; none when it would have to wait all the same.
column_set left_out(const planned_insert& insert, const column_set& columns) {
    const auto later = clearable(*insert.type, columns);
    const bool waits = std::ranges::any_of(insert.deferred, [&](const deferred_column& late) {
        return columns.test(late.column) && !later.test(late.column);
    });
    return waits ? column_set() : later & insert.given;
}

} // namespace

void cut_finder::look_at(std::span<const std::size_t> edges) {
    given_up_.clear();
    for (const auto i : edges)
        given_up_[between_.edges[i].from] |= between_.concerns[between_.edges[i].frees].columns;
}

std::vector<std::pair<cut, column_set>> cut_finder::ways_to_cut(const dependency& edge) const {
    std::vector<std::pair<cut, column_set>> ways;
    const auto add = [&](cut_kind kind, node at, std::uint16_t number, const column_set& columns) {
        if (columns.any()) ways.push_back({{kind, nodes_.verb_of(at), &nodes_.type_of(plan_, at), number}, columns});
    };
    const auto& needs = between_.concerns[edge.needs];
    if (nodes_.verb_of(edge.to) == verb::insert) {
        add(needs.reference ? cut_kind::reference_later : cut_kind::value_later, edge.to, edge.needs,
            left_out(plan_.inserts[nodes_.index_of(edge.to)], needs.columns));
    } else if (nodes_.verb_of(edge.to) == verb::update) {
        add(cut_kind::changes_apart, edge.to, edge.needs, set_apart(edge.to, needs.columns));
    }
    const auto& frees = between_.concerns[edge.frees];
    if (nodes_.verb_of(edge.from) != verb::insert) {
        add(frees.reference ? cut_kind::reference_first : cut_kind::value_first, edge.from, edge.frees,
            left_first(edge.from, frees.columns));
    }
    return ways;
}

/// What can be NULL until a row that gives it up is written or deleted. An update writes no more than it did.
column_set cut_finder::left_first(node at, const column_set& columns) const {
    const auto cleared = clearable(nodes_.type_of(plan_, at), columns);
    return nodes_.verb_of(at) == verb::update ? cleared & plan_.updates[nodes_.index_of(at)].changed : cleared;
}

/// What an update can write in a second one; none when it is just that what others wait for.
column_set cut_finder::set_apart(node at, const column_set& columns) const {
    const auto& update = plan_.updates[nodes_.index_of(at)];
    const auto later = whole_values(*update.type, columns & update.changed, update.changed);
    const auto first = update.changed & ~later;
    const auto given_up = given_up_.find(at);
    const bool is_waited_for = given_up == given_up_.end() || (given_up->second & later).any();
    if (is_waited_for || first.none() || waits_inside_key(update, first)) return {};
    return changes_key(update) && may_refer_to_itself(*update.type) ? column_set() : later;
}

} // namespace wharf::orm
