// Rows that wait for each other. A circle is cut at all places of one kind at once (one verb, one table, the same
// columns), so that what is written in a second step is written together.
#include "orm/dependencies.hpp"
#include "wharf/base/error.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

namespace wharf::orm {
namespace {

using verb = flush_step::verb;

/// How a circle can be cut, the best way first.
enum class cut_kind : std::uint8_t {
    changes_apart,   ///< an update that frees some columns for others, and waits for the rest: two updates
    reference_later, ///< an insert without its reference, which an update writes
    reference_first, ///< NULL in place of a reference that is given up
    value_first,     ///< NULL in place of a unique value that is given up
    value_later,     ///< an insert without a unique value, which an update writes
};

struct cut {
    cut_kind kind;
    verb what;
    const class_descriptor* type;
    std::uint16_t concern;

    friend bool operator<(const cut& left, const cut& right) {
        if (left.kind != right.kind) return left.kind < right.kind;
        if (left.type != right.type) return left.type->table < right.type->table;
        return std::pair(left.what, left.concern) < std::pair(right.what, right.concern);
    }
    friend bool operator==(const cut&, const cut&) noexcept = default;
};

bool is_at_end(cut_kind kind) noexcept {
    return kind != cut_kind::reference_first && kind != cut_kind::value_first;
}

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

/// A row that is written in one step more.
struct split {
    cut_kind kind;
    column_set columns;
};

class cutter {
public:
    cutter(flush_plan& plan, dependencies& between, std::span<const unique_columns> deferrable)
        : plan_(plan), between_(between), nodes_(plan), deferrable_(deferrable) {}

    void run() {
        for (;;) {
            const auto graph = between_.as_graph(nodes_.count(plan_));
            if (!graph.has_circle()) break;
            std::unordered_map<node, split> splits;
            for (const auto& circle : circles_of(graph))
                choose(circle, splits);
            carry_out(splits);
            forget_dropped();
        }
        number_updates();
    }

private:
    using edges = std::vector<std::size_t>;

    /// The edges inside each component that has some.
    std::vector<edges> circles_of(const graph& of) const {
        const auto components = of.components();
        std::map<node, edges> inner;
        for (std::size_t i = 0; i < between_.edges.size(); ++i) {
            const auto& edge = between_.edges[i];
            if (components[edge.from] == components[edge.to]) inner[components[edge.from]].push_back(i);
        }
        std::vector<edges> circles;
        for (auto& [component, members] : inner)
            circles.push_back(std::move(members));
        return circles;
    }

    // ---- choosing

    void choose(const edges& circle, std::unordered_map<node, split>& splits) {
        given_up_.clear();
        for (const auto i : circle)
            given_up_[between_.edges[i].from] |= between_.concerns[between_.edges[i].frees].columns;
        std::set<cut> possible;
        for (const auto i : circle)
            for (const auto& way : ways_to_cut(between_.edges[i]))
                possible.insert(way.first);
        if (possible.empty()) {
            if (!leave_to_constraints(circle) && !leave_to_database(circle)) refuse(circle);
            return;
        }
        const auto suffices = [&](const cut& candidate) { return !is_circle_without(circle, candidate); };
        const auto found = std::find_if(possible.begin(), possible.end(), suffices);
        const auto& chosen = found != possible.end() ? *found : *possible.begin();
        for (const auto i : circle) {
            const auto& edge = between_.edges[i];
            for (const auto& [way, columns] : ways_to_cut(edge))
                if (way == chosen) splits.try_emplace(is_at_end(way.kind) ? edge.to : edge.from, way.kind, columns);
        }
    }

    /// Each with the columns that are written in another step.
    std::vector<std::pair<cut, column_set>> ways_to_cut(const dependency& edge) const {
        std::vector<std::pair<cut, column_set>> ways;
        const auto add = [&](cut_kind kind, node at, std::uint16_t number, const column_set& columns) {
            if (columns.any())
                ways.push_back({{kind, nodes_.verb_of(at), &nodes_.type_of(plan_, at), number}, columns});
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

    /// What an insert can do without at first; none when it would have to wait all the same.
    static column_set left_out(const planned_insert& insert, const column_set& columns) {
        const auto later = clearable(*insert.type, columns);
        const bool waits = std::ranges::any_of(insert.deferred, [&](const deferred_column& late) {
            return columns.test(late.column) && !later.test(late.column);
        });
        return waits ? column_set() : later & insert.given;
    }

    /// What can be NULL until a row that gives it up is written or deleted. An update writes no more than it did.
    column_set left_first(node at, const column_set& columns) const {
        const auto cleared = clearable(nodes_.type_of(plan_, at), columns);
        return nodes_.verb_of(at) == verb::update ? cleared & plan_.updates[nodes_.index_of(at)].changed : cleared;
    }

    /// What an update can write in a second one; none when it is just that what others wait for.
    column_set set_apart(node at, const column_set& columns) const {
        const auto& update = plan_.updates[nodes_.index_of(at)];
        const auto later = whole_values(*update.type, columns & update.changed, update.changed);
        const auto first = update.changed & ~later;
        const auto given_up = given_up_.find(at);
        const bool is_waited_for = given_up == given_up_.end() || (given_up->second & later).any();
        if (is_waited_for || first.none() || waits_inside_key(update, first)) return {};
        return changes_key(update) && may_refer_to_itself(*update.type) ? column_set() : later;
    }

    bool is_circle_without(const edges& circle, const cut& chosen) const {
        std::unordered_map<node, node> local;
        const auto number = [&](node at) {
            return local.try_emplace(at, static_cast<node>(local.size())).first->second;
        };
        std::vector<graph::edge> left;
        for (const auto i : circle) {
            const auto& edge = between_.edges[i];
            const auto ways = ways_to_cut(edge);
            const bool is_cut = std::ranges::any_of(ways, [&](const auto& way) { return way.first == chosen; });
            const graph::edge same{number(edge.from), number(edge.to)};
            if (!is_cut) left.push_back(same);
        }
        return graph(local.size(), left).has_circle();
    }

    /// The values that the edge is about, where both rows are of one class.
    [[nodiscard]] unique_columns values_of(const dependency& edge) const {
        const auto& values = between_.concerns[edge.frees];
        const auto& type = nodes_.type_of(plan_, edge.from);
        const bool unique = edge.frees == edge.needs && !values.reference && &type == &nodes_.type_of(plan_, edge.to);
        return unique ? unique_columns{&type, values.columns} : unique_columns{};
    }

    /// A deferrable constraint is checked when all is written.
    bool leave_to_constraints(const edges& circle) {
        const auto before = dropped_.size();
        for (const auto i : circle)
            if (std::ranges::count(deferrable_, values_of(between_.edges[i])) != 0) dropped_.push_back(i);
        plan_.defers_constraints = plan_.defers_constraints || dropped_.size() != before;
        return dropped_.size() != before;
    }

    /// Deleted rows that refer to each other where no reference may be NULL: a deferred constraint or ON DELETE CASCADE
    /// may allow it.
    bool leave_to_database(const edges& circle) {
        const auto before = dropped_.size();
        for (const auto i : circle) {
            const auto& edge = between_.edges[i];
            if (nodes_.verb_of(edge.from) == verb::remove && nodes_.verb_of(edge.to) == verb::remove)
                dropped_.push_back(i);
        }
        return dropped_.size() != before;
    }

    void forget_dropped() {
        std::vector<bool> dropped(between_.edges.size(), false);
        for (const auto i : std::exchange(dropped_, {}))
            dropped[i] = true;
        std::size_t at = 0;
        std::erase_if(between_.edges, [&](const dependency&) { return dropped[at++]; });
    }

    [[noreturn]] void refuse(const edges& circle) const {
        std::set<std::string> columns;
        const auto note = [&](node at, std::uint16_t number) {
            const auto& type = nodes_.type_of(plan_, at);
            for (std::size_t i = 0; i < type.columns.size(); ++i)
                if (between_.concerns[number].columns.test(i))
                    columns.insert(std::string(type.table) + "." + std::string(type.columns[i].name));
        };
        bool only_inserts = true;
        for (const auto i : circle) {
            const auto& edge = between_.edges[i];
            only_inserts = only_inserts && nodes_.verb_of(edge.from) == verb::insert;
            note(edge.from, edge.frees);
            note(edge.to, edge.needs);
        }
        std::string list;
        for (const auto& column : columns)
            list += (list.empty() ? "" : ", ") + column;
        if (only_inserts) {
            throw usage_error("new rows refer to each other in a circle, and no reference in it may be NULL: none can "
                              "be inserted first (" +
                              list + ")");
        }
        std::vector<unique_columns> values;
        for (const auto i : circle)
            if (const auto some = values_of(between_.edges[i]);
                some.type != nullptr && !std::ranges::count(values, some))
                values.push_back(some);
        throw values_in_circle("rows that are written together wait for each other's values in a circle, and none of "
                               "these may be NULL in between, nor is their constraint deferrable: none can be written "
                               "first (" +
                                   list +
                                   "). Flush one of the changes before the others, by way of a value that is "
                                   "free",
                               std::move(values));
    }

    // ---- carrying out

    void carry_out(const std::unordered_map<node, split>& splits) {
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

    node write_apart(node at, const split& how) {
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

    void write_later(planned_insert& insert, std::size_t index, const column_set& columns) {
        planned_update later{insert.type, insert.object};
        later.insert = index;
        later.row = insert.row;
        later.changed = columns;
        move_deferred(insert.deferred, columns, later.deferred);
        insert.row = with_nulls(*insert.type, insert.row, columns);
        insert.postponed |= columns;
        later.before = insert.row;
        plan_.updates.push_back(std::move(later));
    }

    void write_later(std::size_t index, const column_set& columns) {
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

    void clear_first(planned_update first, encoded_row& before, const column_set& columns) {
        first.before = before;
        first.row = with_nulls(*first.type, before, columns);
        first.changed = columns;
        first.passing = true;
        before = first.row;
        plan_.updates.push_back(std::move(first));
    }

    static void move_deferred(std::vector<deferred_column>& from, const column_set& columns,
                              std::vector<deferred_column>& to) {
        const auto is_moved = [&](const deferred_column& late) { return columns.test(late.column); };
        std::copy_if(from.begin(), from.end(), std::back_inserter(to), is_moved);
        std::erase_if(from, is_moved);
    }

    // ---- the steps of a row

    void put_in_line(node at, node other, bool behind) {
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

    void number_updates() {
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

    flush_plan& plan_;
    dependencies& between_;
    plan_nodes nodes_;
    std::span<const unique_columns> deferrable_;
    std::vector<std::size_t> dropped_{}; // edges
    std::unordered_map<node, column_set> given_up_{};
    std::unordered_map<node, std::size_t> line_of_{};
    std::vector<std::vector<node>> lines_{};
};

} // namespace

void cut_circles(flush_plan& plan, dependencies& between, std::span<const unique_columns> deferrable) {
    cutter(plan, between, deferrable).run();
}

} // namespace wharf::orm
