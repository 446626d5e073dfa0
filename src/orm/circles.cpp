// Rows that wait for each other. A circle is cut at all places of one kind at once (one verb, one table, the same
// columns), so that what is written in a second step is written together.
#include "orm/split_rows.hpp"
#include "wharf/base/error.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

namespace wharf::orm {
namespace {

using verb = flush_step::verb;

class cutter {
public:
    cutter(flush_plan& plan, dependencies& between, std::span<const unique_columns> deferrable)
        : plan_(plan), between_(between), nodes_(plan), cuts_(plan, between), rows_(plan, between),
          deferrable_(deferrable) {}

    void run() {
        for (;;) {
            const auto graph = between_.as_graph(nodes_.count(plan_));
            if (!graph.has_circle()) break;
            std::unordered_map<node, split> splits;
            for (const auto& circle : circles_of(graph))
                choose(circle, splits);
            rows_.carry_out(splits);
            forget_dropped();
        }
        rows_.number_updates();
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
        circles.reserve(inner.size());
        for (auto& [component, members] : inner)
            circles.push_back(std::move(members));
        return circles;
    }

    void choose(const edges& circle, std::unordered_map<node, split>& splits) {
        cuts_.look_at(circle);
        std::set<cut> possible;
        for (const auto i : circle)
            for (const auto& way : cuts_.ways_to_cut(between_.edges[i]))
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
            for (const auto& [way, columns] : cuts_.ways_to_cut(edge))
                if (way == chosen) splits.try_emplace(is_at_end(way.kind) ? edge.to : edge.from, way.kind, columns);
        }
    }

    bool is_circle_without(const edges& circle, const cut& chosen) const {
        std::unordered_map<node, node> local;
        const auto number = [&](node at) {
            return local.try_emplace(at, static_cast<node>(local.size())).first->second;
        };
        std::vector<graph::edge> left;
        for (const auto i : circle) {
            const auto& edge = between_.edges[i];
            const auto ways = cuts_.ways_to_cut(edge);
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

    flush_plan& plan_;
    dependencies& between_;
    plan_nodes nodes_;
    cut_finder cuts_;
    row_splitter rows_;
    std::span<const unique_columns> deferrable_;
    std::vector<std::size_t> dropped_{}; // edges
};

} // namespace

void cut_circles(flush_plan& plan, dependencies& between, std::span<const unique_columns> deferrable) {
    cutter(plan, between, deferrable).run();
}

} // namespace wharf::orm
