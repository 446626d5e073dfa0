// Putting what a flush writes in order. Rows of one shape form a batch, which is one statement: inserts class by class
// in the order of add(), then updates, then deletes. Batches change places where rows of theirs have to wait for each
// other, and only those that wait for each other both ways, or for rows of their own, are split.
#include "orm/class_order.hpp"
#include "orm/dependencies.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <unordered_map>

namespace wharf::orm {
namespace {

using verb = flush_step::verb;

/// Batches are numbered in the order in which they are written when nothing meets.
class batches {
public:
    batches(const flush_plan& plan, const plan_nodes& nodes)
        : plan_(plan), nodes_(nodes), batch_of_(nodes.count(plan), none) {
        add_inserts();
        add_updates();
        add_deletes();
    }

    [[nodiscard]] std::size_t size() const noexcept { return steps_.size(); }
    /// The batch of a row that is written; `none` for one that is not.
    [[nodiscard]] node batch_of(node row) const noexcept { return batch_of_[row]; }
    [[nodiscard]] const flush_step& step(node batch) const noexcept { return steps_[batch]; }
    [[nodiscard]] const std::vector<node>& rows(node batch) const noexcept { return rows_[batch]; }

    static constexpr node none = ~node{0};

private:
    void add(flush_step shape) {
        steps_.push_back(std::move(shape));
        rows_.emplace_back();
    }
    void add(verb what, const class_descriptor& type, const column_set& columns) {
        flush_step shape;
        shape.what = what;
        shape.type = &type;
        shape.columns = columns;
        add(std::move(shape));
    }
    void put(node row) {
        rows_.back().push_back(row);
        batch_of_[row] = static_cast<node>(steps_.size() - 1);
    }

    static std::vector<const class_descriptor*> in_order(const std::vector<const class_descriptor*>& classes) {
        std::vector<const class_descriptor*> all;
        for (const auto& cycle : order_classes(classes))
            all.insert(all.end(), cycle.members.begin(), cycle.members.end());
        return all;
    }

    /// Split where the columns change.
    void add_inserts() {
        std::unordered_map<const class_descriptor*, std::vector<node>> by_class;
        std::vector<const class_descriptor*> classes;
        for (std::size_t i = 0; i < plan_.inserts.size(); ++i) {
            const auto& insert = plan_.inserts[i];
            if (insert.switched) continue;
            auto& members = by_class[insert.type];
            if (members.empty()) classes.push_back(insert.type);
            members.push_back(nodes_.of_insert(i));
        }
        for (const auto* const type : in_order(classes)) {
            bool first = true;
            for (const auto row : by_class[type]) {
                const auto& given = plan_.inserts[nodes_.index_of(row)].given;
                if (first || steps_.back().columns != given) add(verb::insert, *type, given);
                first = false;
                put(row);
            }
        }
    }

    void add_updates() {
        struct shape_less {
            bool operator()(const flush_step& left, const flush_step& right) const {
                if (left.type != right.type) {
                    return left.type->table != right.type->table ? left.type->table < right.type->table
                                                                 : left.type < right.type;
                }
                if (left.columns != right.columns) return left.columns.to_string() < right.columns.to_string();
                if (left.expected != right.expected) return left.expected.to_string() < right.expected.to_string();
                return left.check_version < right.check_version;
            }
        };
        std::map<flush_step, std::vector<node>, shape_less> shapes;
        for (std::size_t i = 0; i < plan_.updates.size(); ++i) {
            const auto& update = plan_.updates[i];
            if (update.changed.none()) continue; // a row that is taken over by an equal one
            shapes[{verb::update, update.type, update.changed, {}, update.expected, update.check_version}].push_back(
                nodes_.of_update(i));
        }
        for (const auto& [shape, members] : shapes) {
            add(shape);
            std::for_each(members.begin(), members.end(), [this](node row) { put(row); });
        }
    }

    void add_deletes() {
        std::unordered_map<const class_descriptor*, std::vector<node>> by_class;
        std::vector<const class_descriptor*> classes;
        for (std::size_t i = 0; i < plan_.deletes.size(); ++i) {
            auto& members = by_class[plan_.deletes[i].type];
            if (members.empty()) classes.push_back(plan_.deletes[i].type);
            members.push_back(nodes_.of_delete(i));
        }
        auto order = in_order(classes);
        std::reverse(order.begin(), order.end());
        for (const auto* const type : order) {
            add(verb::remove, *type, {});
            for (const auto row : by_class[type])
                put(row);
        }
    }

    const flush_plan& plan_;
    const plan_nodes& nodes_;
    std::vector<node> batch_of_;
    std::vector<flush_step> steps_{};
    std::vector<std::vector<node>> rows_{};
};

class scheduler {
public:
    scheduler(flush_plan& plan, const dependencies& between)
        : plan_(plan), nodes_(plan), batches_(plan, nodes_), rows_(between.as_graph(nodes_.count(plan))) {}

    void run() {
        std::vector<graph::edge> edges;
        std::vector<bool> waits_inside(batches_.size(), false);
        for (node row = 0; row < rows_.size(); ++row) {
            const auto from = batches_.batch_of(row);
            for (const auto behind : rows_.behind(row)) {
                const auto to = batches_.batch_of(behind);
                if (from == batches::none || to == batches::none) continue;
                if (from == to) {
                    waits_inside[from] = true;
                } else if (edges.empty() || edges.back().from != from || edges.back().to != to) {
                    edges.push_back({from, to});
                }
            }
        }
        const auto components = graph(batches_.size(), edges).components();
        for (const auto& members : in_order(components, edges)) {
            if (members.size() == 1 && !waits_inside[members.front()]) {
                append(members.front(), batches_.rows(members.front()));
            } else {
                append_split(members);
            }
        }
    }

private:
    /// The components, each behind those that it waits for, and otherwise by their first batch.
    std::vector<std::vector<node>> in_order(const std::vector<node>& components,
                                            std::span<const graph::edge> between) const {
        std::vector<std::vector<node>> members(batches_.size());
        std::vector<std::vector<node>> behind(batches_.size());
        std::vector<std::size_t> waits(batches_.size(), 0);
        for (node batch = 0; batch < batches_.size(); ++batch)
            members[components[batch]].push_back(batch);
        for (const auto& [from, to] : between) {
            if (components[from] == components[to]) continue;
            behind[components[from]].push_back(components[to]);
            ++waits[components[to]];
        }
        std::set<std::pair<node, node>> ready; // first batch, component
        const auto make_ready = [&](node component) { ready.emplace(members[component].front(), component); };
        for (node component = 0; component < batches_.size(); ++component)
            if (!members[component].empty() && waits[component] == 0) make_ready(component);
        std::vector<std::vector<node>> ordered;
        while (!ready.empty()) {
            const auto component = ready.extract(ready.begin()).value().second;
            ordered.push_back(members[component]);
            for (const auto next : behind[component])
                if (--waits[next] == 0) make_ready(next);
        }
        return ordered;
    }

    /// Batches that wait for each other, or for themselves: of the first one that has rows which need not wait, all
    /// such rows, and so on.
    void append_split(const std::vector<node>& members) {
        std::unordered_map<node, std::size_t> waits;
        for (const auto batch : members)
            for (const auto row : batches_.rows(batch))
                waits.emplace(row, 0);
        const auto each_behind = [&](node row, auto visit) {
            for (const auto behind : rows_.behind(row))
                if (const auto found = waits.find(behind); found != waits.end()) visit(found->first, found->second);
        };
        for (const auto batch : members)
            for (const auto row : batches_.rows(batch))
                each_behind(row, [](node, std::size_t& count) { ++count; });
        std::map<node, std::vector<node>> ready;
        for (const auto batch : members)
            for (const auto row : batches_.rows(batch))
                if (waits.at(row) == 0) ready[batch].push_back(row);
        while (!ready.empty()) {
            const auto first = ready.extract(ready.begin());
            append(first.key(), first.mapped());
            for (const auto row : first.mapped()) {
                each_behind(row, [&](node next, std::size_t& count) {
                    if (--count == 0) ready[batches_.batch_of(next)].push_back(next);
                });
            }
        }
    }

    void append(node batch, const std::vector<node>& rows) {
        auto& step = plan_.steps.emplace_back(batches_.step(batch));
        std::transform(rows.begin(), rows.end(), std::back_inserter(step.rows),
                       [this](node row) { return nodes_.index_of(row); });
        if (step.what == verb::insert) {
            std::sort(step.rows.begin(), step.rows.end());
        } else if (step.what == verb::update) {
            sort_by_key(step.rows, plan_.updates);
        } else {
            sort_by_key(step.rows, plan_.deletes);
        }
    }

    /// Locks are taken in one order. Rows that were inserted a moment ago are last.
    template <class Row>
    static void sort_by_key(std::vector<std::size_t>& rows, const std::vector<Row>& of) {
        std::sort(rows.begin(), rows.end(), [&](std::size_t left, std::size_t right) {
            const auto& a = of[left].key;
            const auto& b = of[right].key;
            if (a.is_set() && b.is_set()) return a < b;
            return a.is_set() != b.is_set() ? a.is_set() : left < right;
        });
    }

    flush_plan& plan_;
    plan_nodes nodes_;
    batches batches_;
    graph rows_;
};

} // namespace

dependencies settle_order(flush_plan& plan, std::span<const unique_columns> deferrable) {
    auto between = find_dependencies(plan);
    cut_circles(plan, between, deferrable);
    return between;
}

void make_steps(flush_plan& plan, const dependencies& between) {
    scheduler(plan, between).run();
}

} // namespace wharf::orm
