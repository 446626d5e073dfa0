// Putting what a flush writes in order: inserts, updates, deletes; deletes first where they free a value that an
// insert or update needs.
#include "orm/class_order.hpp"
#include "orm/flush_plan.hpp"
#include "wharf/orm/errors.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

namespace wharf::orm {
namespace {

using rows = std::vector<std::size_t>;
using verb = flush_step::verb;

/// A graph of rows: who must wait for whom.
struct row_graph {
    std::vector<std::size_t> waits_for; // how many
    std::vector<rows> waited_for_by;    // who

    explicit row_graph(std::size_t size) : waits_for(size), waited_for_by(size) {}
    void add(std::size_t row, std::size_t after) {
        ++waits_for[row];
        waited_for_by[after].push_back(row);
    }
};

/// Rows with a number in the graph, in levels: each after all that it waits for. `stuck` gets those in circles.
std::vector<rows> levels_of(row_graph& graph, const rows& members, rows& stuck) {
    std::vector<rows> levels;
    std::vector<bool> done(graph.waits_for.size(), false);
    rows ready;
    for (const auto row : members)
        if (graph.waits_for[row] == 0) ready.push_back(row);
    while (!ready.empty()) {
        rows next;
        std::sort(ready.begin(), ready.end());
        for (const auto row : ready) {
            done[row] = true;
            for (const auto waiting : graph.waited_for_by[row])
                if (--graph.waits_for[waiting] == 0) next.push_back(waiting);
        }
        levels.push_back(std::exchange(ready, std::move(next)));
    }
    for (const auto row : members)
        if (!done[row]) stuck.push_back(row);
    return levels;
}

object_state* pending_target(object_state& object, std::size_t relation) noexcept {
    if (object.type->relations[relation].kind != relation_kind::belongs_to) return nullptr;
    auto* const target = reference_at(object, relation).target().state();
    return target != nullptr && target->status == object_status::pending ? target : nullptr;
}

class planner {
public:
    explicit planner(flush_plan& plan) : plan_(plan) {}

    void order() {
        order_inserts();
        auto inserts = std::exchange(plan_.steps, {});
        order_updates();
        auto updates = std::exchange(plan_.steps, {});
        order_deletes();
        auto deletes = std::exchange(plan_.steps, {});
        if (deletes_free_a_value()) {
            move(updates, [this](const flush_step& step) { return !needs_inserts(step); });
            move(deletes, [](const flush_step&) { return true; });
        }
        move(inserts, [](const flush_step&) { return true; });
        move(updates, [](const flush_step&) { return true; });
        move(deletes, [](const flush_step&) { return true; });
    }

private:
    template <class Wanted>
    void move(std::vector<flush_step>& from, Wanted wanted) {
        std::vector<flush_step> rest;
        for (auto& step : from)
            (wanted(step) ? plan_.steps : rest).push_back(std::move(step));
        from = std::move(rest);
    }

    void order_inserts() {
        std::unordered_map<const class_descriptor*, rows> by_class;
        std::vector<const class_descriptor*> classes;
        for (std::size_t i = 0; i < plan_.inserts.size(); ++i) {
            if (plan_.inserts[i].switched) continue;
            auto& members = by_class[plan_.inserts[i].object->type];
            if (members.empty()) classes.push_back(plan_.inserts[i].object->type);
            members.push_back(i);
        }
        for (const auto& cycle : order_classes(classes)) {
            if (!cycle.cyclic) {
                append_inserts(by_class[cycle.members.front()]);
                continue;
            }
            rows members;
            for (const auto* const type : cycle.members)
                members.insert(members.end(), by_class[type].begin(), by_class[type].end());
            for (const auto& level : insert_levels(members))
                append_inserts(level);
        }
    }

    std::vector<rows> insert_levels(const rows& members) {
        std::vector<bool> inside(plan_.inserts.size(), false);
        for (const auto row : members)
            inside[row] = true;
        for (;;) {
            row_graph graph(plan_.inserts.size());
            for (const auto row : members) {
                auto& object = *plan_.inserts[row].object;
                for (std::size_t i = 0; i < object.type->relations.size(); ++i) {
                    const auto* const target = pending_target(object, i);
                    if (target == nullptr || !inside[target->group_index] || is_broken(row, i)) continue;
                    graph.add(row, target->group_index);
                }
            }
            rows stuck;
            auto levels = levels_of(graph, members, stuck);
            if (stuck.empty()) return levels;
            break_cycle(stuck);
        }
    }

    [[nodiscard]] bool is_broken(std::size_t row, std::size_t relation) const {
        return broken_.contains({row, relation});
    }

    /// Inserts one of the rows without a reference that may be NULL, to be updated when all are there.
    void break_cycle(const rows& stuck) {
        for (const auto row : stuck) {
            auto& insert = plan_.inserts[row];
            const auto& type = *insert.object->type;
            for (std::size_t i = 0; i < type.relations.size(); ++i) {
                if (!type.relations[i].nullable || pending_target(*insert.object, i) == nullptr || is_broken(row, i)) {
                    continue;
                }
                broken_.insert({row, i});
                write_later(insert, i);
                return;
            }
        }
        const auto& type = *plan_.inserts[stuck.front()].object->type;
        throw usage_error("rows of table " + std::string(type.table) +
                          " refer to each other in a circle, and no reference in it may be NULL: none can be inserted "
                          "first");
    }

    void write_later(planned_insert& insert, std::size_t relation) {
        const auto& type = *insert.object->type;
        planned_update later{insert.object, insert.row, {}, {}, true, nullptr};
        for (const auto column : type.relations[relation].columns)
            later.changed.set(column);
        const auto is_later = [&](const deferred_column& late) { return later.changed.test(late.column); };
        std::copy_if(insert.deferred.begin(), insert.deferred.end(), std::back_inserter(later.deferred), is_later);
        std::erase_if(insert.deferred, is_later);
        parameters without;
        encoded_columns columns(later.row);
        for (std::size_t i = 0; i < type.columns.size(); ++i) {
            const auto value = cell_of(columns.next(), type.columns[i].wire);
            if (later.changed.test(i) || value.null) {
                without.add_null(value.type);
            } else {
                without.add_encoded(value.type, value.bytes);
            }
        }
        insert.row = encoded_row(without.encoded());
        plan_.updates.push_back(std::move(later));
    }

    void append_inserts(const rows& members) {
        // Classes of one level one after the other; in each the order of add(), split where the columns change.
        std::vector<const class_descriptor*> classes;
        for (const auto row : members) {
            const auto* const type = plan_.inserts[row].object->type;
            if (std::find(classes.begin(), classes.end(), type) == classes.end()) classes.push_back(type);
        }
        for (const auto* const type : classes) {
            flush_step* step = nullptr;
            for (const auto row : members) {
                const auto& insert = plan_.inserts[row];
                if (insert.object->type != type) continue;
                if (step == nullptr || step->columns != insert.given) {
                    step = &plan_.steps.emplace_back(flush_step{verb::insert, type, insert.given, {}});
                }
                step->rows.push_back(row);
            }
        }
    }

    void order_updates() {
        struct shape_less {
            bool operator()(const flush_step& left, const flush_step& right) const {
                if (left.type != right.type) {
                    return left.type->table != right.type->table ? left.type->table < right.type->table
                                                                 : left.type < right.type;
                }
                return left.columns.to_string() < right.columns.to_string();
            }
        };
        std::map<flush_step, rows, shape_less> shapes;
        rows later;
        for (std::size_t i = 0; i < plan_.updates.size(); ++i) {
            const auto& update = plan_.updates[i];
            if (update.changed.none()) continue; // a row switch of equal rows
            if (update.follows_insert) {
                later.push_back(i);
            } else {
                shapes[flush_step{verb::update, update.object->type, update.changed, {}}].push_back(i);
            }
        }
        for (auto& [shape, members] : shapes) {
            std::sort(members.begin(), members.end(), [this](std::size_t left, std::size_t right) {
                return key_of(plan_.updates[left]) < key_of(plan_.updates[right]);
            });
            plan_.steps.push_back({verb::update, shape.type, shape.columns, std::move(members)});
        }
        for (const auto row : later)
            plan_.steps.push_back({verb::update, plan_.updates[row].object->type, plan_.updates[row].changed, {row}});
    }

    static const key_value& key_of(const planned_update& update) noexcept {
        return update.replaces != nullptr ? update.replaces->key : update.object->key;
    }

    void order_deletes() {
        std::unordered_map<const class_descriptor*, rows> by_class;
        std::vector<const class_descriptor*> classes;
        for (std::size_t i = 0; i < plan_.deletes.size(); ++i) {
            auto& members = by_class[plan_.deletes[i]->type];
            if (members.empty()) classes.push_back(plan_.deletes[i]->type);
            members.push_back(i);
        }
        auto order = order_classes(classes);
        std::reverse(order.begin(), order.end());
        for (const auto& cycle : order) {
            rows members;
            for (const auto* const type : cycle.members)
                members.insert(members.end(), by_class[type].begin(), by_class[type].end());
            if (!cycle.cyclic) {
                append_deletes(members);
                continue;
            }
            for (const auto& level : delete_levels(members))
                append_deletes(level);
        }
    }

    std::vector<rows> delete_levels(const rows& members) {
        std::map<std::pair<tag, std::string_view>, std::size_t> by_key;
        for (const auto row : members)
            by_key[{plan_.deletes[row]->type->type, plan_.deletes[row]->key.bytes()}] = row;
        row_graph graph(plan_.deletes.size());
        for (const auto row : members) {
            auto& object = *plan_.deletes[row];
            for (std::size_t i = 0; i < object.type->relations.size(); ++i) {
                const auto& relation = object.type->relations[i];
                if (relation.kind != relation_kind::belongs_to) continue;
                const auto target = by_key.find({relation.target, reference_at(object, i).foreign_key().bytes()});
                if (target != by_key.end() && target->second != row) graph.add(target->second, row);
            }
        }
        rows stuck;
        auto levels = levels_of(graph, members, stuck);
        if (!stuck.empty()) levels.push_back(std::move(stuck)); // the database decides
        return levels;
    }

    void append_deletes(const rows& members) {
        std::map<const class_descriptor*, rows> by_class;
        for (const auto row : members)
            by_class[plan_.deletes[row]->type].push_back(row);
        for (auto& [type, deleted] : by_class) {
            std::sort(deleted.begin(), deleted.end(), [this](std::size_t left, std::size_t right) {
                return plan_.deletes[left]->key < plan_.deletes[right]->key;
            });
            plan_.steps.push_back({verb::remove, type, {}, std::move(deleted)});
        }
    }

    [[nodiscard]] bool needs_inserts(const flush_step& step) const {
        return std::any_of(step.rows.begin(), step.rows.end(), [this](std::size_t row) {
            const auto& update = plan_.updates[row];
            if (update.follows_insert || !update.deferred.empty()) return true;
            for (std::size_t i = 0; i < update.object->type->relations.size(); ++i)
                if (pending_target(*update.object, i) != nullptr) return true;
            return false;
        });
    }

    /// Whether a unique value of a removed row is that of one that is written.
    [[nodiscard]] bool deletes_free_a_value() const {
        std::set<std::pair<const column_descriptor*, std::string>> freed;
        for (auto* const object : plan_.deletes) {
            const auto row = object->watch != nullptr ? object->watch->baseline : encode_object(*object);
            for_unique(*object->type, row, [&](const column_descriptor& column, std::string_view value) {
                freed.emplace(&column, std::string(value));
            });
        }
        if (freed.empty()) return false;
        bool found = false;
        const auto look = [&](const column_descriptor& column, std::string_view value) {
            found = found || freed.contains({&column, std::string(value)});
        };
        for (const auto& insert : plan_.inserts)
            for_unique(*insert.object->type, insert.row, look);
        for (const auto& update : plan_.updates)
            for_unique(*update.object->type, update.row, look);
        return found;
    }

    template <class Visit>
    static void for_unique(const class_descriptor& type, std::string_view row, Visit visit) {
        encoded_columns columns(row);
        for (const auto& column : type.columns) {
            const auto value = columns.next();
            if (column.unique) visit(column, value);
        }
    }

    flush_plan& plan_;
    std::set<std::pair<std::size_t, std::size_t>> broken_{};
};

} // namespace

void order_steps(flush_plan& plan) {
    planner(plan).order();
}

} // namespace wharf::orm
