#include "orm/split_rows.hpp"

#include <algorithm>
#include <iterator>
#include <map>

namespace wharf::orm {
namespace {

using verb = flush_step::verb;

encoded_row with_nulls(const class_descriptor& type, std::string_view row, const column_set& nulls) {
    parameters out;
    encoded_columns columns(row);
    for (std::size_t i = 0; i < type.columns.size(); ++i) {
        const auto value = cell_of(columns.next(), type.columns[i].wire);
        if (value.null || nulls.test(i)) {
            out.add_null(value.type);
        } else {
            out.add_encoded(value.type, value.bytes);
        }
    }
    return encoded_row(out.encoded());
}

void move_deferred(std::vector<deferred_column>& from, const column_set& columns, std::vector<deferred_column>& to) {
    const auto is_moved = [&](const deferred_column& late) { return columns.test(late.column); };
    std::copy_if(from.begin(), from.end(), std::back_inserter(to), is_moved);
    std::erase_if(from, is_moved);
}

} // namespace

void row_splitter::carry_out(const std::unordered_map<node, split>& splits) {
    // In the order of the plan, so that the result does not depend on the order of a hash table.
    std::map<node, split> ordered(splits.begin(), splits.end());
    std::unordered_map<node, node> made;
    for (const auto& [at, how] : ordered)
        made.emplace(at, write_apart(at, how));
    const auto moves = [&](node at, std::uint16_t number) {
        const auto found = splits.find(at);
        return found != splits.end() && (between_.concerns[number].columns & found->second.columns).any();
    };
    for (auto& edge : between_.edges) {
        const bool from = moves(edge.from, edge.frees);
        const bool to = moves(edge.to, edge.needs) && is_at_end(splits.at(edge.to).kind);
        if (from) edge.from = made.at(edge.from);
        if (to) edge.to = made.at(edge.to);
    }
    for (const auto& [at, how] : ordered) {
        const auto other = made.at(at);
        between_.edges.push_back(is_at_end(how.kind) ? dependency{at, other} : dependency{other, at});
        put_in_line(at, other, is_at_end(how.kind));
    }
}

node row_splitter::write_apart(node at, const split& how) {
    const auto index = nodes_.index_of(at);
    if (nodes_.verb_of(at) == verb::insert) {
        write_later(plan_.inserts[index], index, how.columns);
    } else if (nodes_.verb_of(at) == verb::remove) {
        auto& removed = plan_.deletes[index];
        planned_update first{removed.type, removed.object};
        first.key = removed.key;
        clear_first(std::move(first), removed.before, how.columns);
    } else if (is_at_end(how.kind)) {
        write_later(index, how.columns);
    } else {
        auto first = plan_.updates[index];
        first.deferred.clear();
        clear_first(std::move(first), plan_.updates[index].before, how.columns);
    }
    return nodes_.of_update(plan_.updates.size() - 1);
}

void row_splitter::write_later(planned_insert& insert, std::size_t index, const column_set& columns) {
    planned_update later{insert.type, insert.object};
    later.insert = index;
    later.row = insert.row;
    later.held = insert.held;
    later.changed = columns;
    move_deferred(insert.deferred, columns, later.deferred);
    insert.row = with_nulls(*insert.type, insert.row, columns);
    insert.postponed |= columns;
    later.before = insert.row;
    plan_.updates.push_back(std::move(later));
}

void row_splitter::write_later(std::size_t index, const column_set& columns) {
    auto later = plan_.updates[index];
    auto& first = plan_.updates[index];
    later.changed = columns;
    later.deferred.clear();
    move_deferred(first.deferred, columns, later.deferred);
    first.changed &= ~columns;
    encoded_columns before(first.before);
    encoded_columns now(first.row);
    key_builder key(first.type->key_size);
    for (std::size_t i = 0; i < first.type->key_size; ++i) {
        const auto old = before.next();
        const auto given = now.next();
        key.add(cell_of(first.changed.test(i) ? given : old, first.type->columns[i].wire));
    }
    if (first.key.is_set()) later.key = key.finish();
    plan_.updates.push_back(std::move(later));
}

void row_splitter::clear_first(planned_update first, encoded_row& before, const column_set& columns) {
    first.before = before;
    first.row = with_nulls(*first.type, before, columns);
    first.changed = columns;
    first.passing = true;
    before = first.row;
    plan_.updates.push_back(std::move(first));
}

void row_splitter::put_in_line(node at, node other, bool behind) {
    const auto [found, fresh] = line_of_.try_emplace(at, lines_.size());
    if (fresh) lines_.push_back({at});
    auto& line = lines_[found->second];
    line_of_[other] = found->second;
    const auto place = std::find(line.begin(), line.end(), at);
    const auto made = line.insert(behind ? place + 1 : place, other);
    // What is next to it on its other side stays there.
    if (behind && made + 1 != line.end()) between_.edges.push_back({other, *(made + 1)});
    if (!behind && made != line.begin()) between_.edges.push_back({*(made - 1), other});
}

void row_splitter::number_updates() {
    for (const auto& line : lines_) {
        std::uint32_t earlier = 0;
        planned_update* before = nullptr;
        for (const auto at : line) {
            const auto index = nodes_.index_of(at);
            if (nodes_.verb_of(at) == verb::insert) continue;
            if (before != nullptr) before->last = false;
            if (nodes_.verb_of(at) == verb::remove) {
                plan_.deletes[index].earlier = earlier;
            } else {
                before = &plan_.updates[index];
                before->earlier = earlier++;
            }
        }
    }
}

} // namespace wharf::orm
