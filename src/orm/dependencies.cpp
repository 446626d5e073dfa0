#include "orm/dependencies.hpp"

#include "orm/alike.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <unordered_map>

namespace wharf::orm {
namespace {

using columns = std::vector<std::size_t>;

/// Values that no two rows have the same of: the primary key, a unique column, or several that are unique together.
struct unique_value {
    columns of{};
    column_set set{};
    std::uint16_t number{0}; // of the concern
    bool freed{false};       // by some row of the plan
};

struct reference {
    columns of{};
    column_set set{};
    std::uint16_t number{0};
    std::size_t relation{0};
    std::size_t target{0}; // among the classes of the plan
};

struct class_in_plan {
    const class_descriptor* type{nullptr};
    std::vector<unique_value> uniques{}; // the primary key first
    std::vector<reference> references{}; // to classes of the plan
    column_set updated{};                // by some update
    bool inserted{false};
    bool referred{false}; // by a class of the plan
    bool keyed{false};    // some row gets a key that is known
};

struct value_name {
    std::size_t of; // class
    std::size_t unique;
    key_value value;

    friend bool operator==(const value_name&, const value_name&) noexcept = default;
};
struct value_hash {
    std::size_t operator()(const value_name& name) const noexcept {
        return name.value.hash() ^ (name.of * 64 + name.unique) * 0x9e3779b97f4a7c15U;
    }
};
using value_table = std::unordered_map<value_name, node, value_hash>;

/// A row of the plan, before or after it is written.
struct row_view_of {
    std::vector<std::string_view> cells{};
    std::span<const deferred_column> deferred{};
};

} // namespace

class dependency_finder::meetings {
public:
    explicit meetings(const flush_plan& plan) : plan_(plan), nodes_(plan) { note_classes(); }

    bool look(std::size_t most) {
        const auto all = 2 * nodes_.count(plan_);
        for (const auto end = next_ + std::min(most, all - next_); next_ < end; ++next_) {
            if (next_ < all / 2)
                note_values_of(next_);
            else
                look_at(next_ - all / 2);
        }
        return next_ < all;
    }
    [[nodiscard]] dependencies found() {
        add_alike();
        return std::move(found_);
    }

private:
    // ---- what there is

    std::size_t class_of(const class_descriptor& type) {
        const auto [at, fresh] = by_tag_.try_emplace(type.type, classes_.size());
        if (fresh) classes_.push_back({&type});
        return at->second;
    }

    void note_classes() {
        for (const auto& insert : plan_.inserts)
            if (!insert.switched) classes_[class_of(*insert.type)].inserted = true;
        for (const auto& update : plan_.updates)
            classes_[class_of(*update.type)].updated |= update.changed;
        for (const auto& removed : plan_.deletes)
            static_cast<void>(class_of(*removed.type));
        for (auto& in : classes_) {
            note_uniques(in);
            note_references(in);
        }
    }

    void note_uniques(class_in_plan& in) {
        const auto& type = *in.type;
        unique_value key;
        for (std::size_t i = 0; i < type.key_size; ++i)
            key.of.push_back(i);
        add(in, std::move(key));
        for (std::size_t i = 0; i < type.columns.size(); ++i)
            if (type.columns[i].unique && !(type.key_size == 1 && i == 0)) add(in, {.of = {i}});
        for (const auto& together : type.uniques)
            add(in, {.of = together});
    }

    void add(class_in_plan& in, unique_value added) {
        for (const auto column : added.of)
            added.set.set(column);
        added.number = found_.number_of({added.set, false});
        in.uniques.push_back(std::move(added));
    }

    void note_references(class_in_plan& in) {
        for (std::size_t i = 0; i < in.type->relations.size(); ++i) {
            const auto& relation = in.type->relations[i];
            if (relation.kind != relation_kind::belongs_to) continue;
            const auto target = by_tag_.find(relation.target);
            if (target == by_tag_.end()) continue;
            classes_[target->second].referred = true;
            reference made{.of = relation.columns, .relation = i, .target = target->second};
            for (const auto column : relation.columns)
                made.set.set(column);
            made.number = found_.number_of({made.set, true});
            in.references.push_back(std::move(made));
        }
    }

    // ---- values

    key_value value_in(const class_descriptor& type, const row_view_of& row, const columns& of) const {
        key_builder built(of.size());
        for (const auto column : of) {
            const auto late = std::ranges::find(row.deferred, column, &deferred_column::column);
            if (late == row.deferred.end()) {
                built.add(cell_of(row.cells[column], type.columns[column].wire));
                continue;
            }
            const auto& key = plan_.inserts[late->target].key;
            if (!key.is_set()) return {};
            built.add(
                key_part(key, late->part, type.relations[late->relation].columns.size(), type.columns[column].wire));
        }
        return built.finish();
    }

    static void split(const class_descriptor& type, std::string_view row, std::span<const deferred_column> deferred,
                      row_view_of& out) {
        split_row(row, type.columns.size(), out.cells);
        out.deferred = deferred;
    }

    /// Whether a freed value of this kind can be of interest to another row.
    static bool is_wanted(const class_in_plan& in, std::size_t unique) noexcept {
        return in.inserted || (in.updated & in.uniques[unique].set).any() || (unique == 0 && in.referred);
    }

    void note_freed(std::size_t of, std::size_t unique, key_value value, node by) {
        if (!value.is_set()) return;
        classes_[of].uniques[unique].freed = true;
        freed_.try_emplace({of, unique, std::move(value)}, by);
    }

    /// Values whose bytes differ may be equal to the server: citext, char(n), a collation, the scale of a numeric. What
    /// frees one goes before what takes the other.
    [[nodiscard]] key_value coarse(const class_in_plan& in, const unique_value& unique, const row_view_of& row) const {
        const auto& type = *in.type;
        if (std::ranges::none_of(unique.of, [&](std::size_t i) { return has_likes(type.columns[i].wire); })) return {};
        key_builder built(unique.of.size());
        std::string bytes;
        for (const auto column : unique.of) {
            if (std::ranges::find(row.deferred, column, &deferred_column::column) != row.deferred.end()) return {};
            auto cell = cell_of(row.cells[column], type.columns[column].wire);
            if (!cell.null && has_likes(cell.type)) cell.bytes = bytes = coarse_bytes(cell);
            built.add(cell);
        }
        return built.finish();
    }

    void note_alike(std::size_t of, std::size_t unique, const row_view_of& before, node by) {
        auto value = coarse(classes_[of], classes_[of].uniques[unique], before);
        if (value.is_set()) alike_[{of, unique, std::move(value)}].push_back(by);
    }

    void wait_for_alike(node at, std::size_t of, std::size_t unique, const row_view_of& now) {
        auto value = coarse(classes_[of], classes_[of].uniques[unique], now);
        if (!value.is_set()) return;
        const auto found = alike_.find({of, unique, std::move(value)});
        if (found == alike_.end()) return;
        const auto& meets = classes_[of].uniques[unique];
        for (const auto by : found->second)
            if (by != at) between_alike_.push_back({{by, at, meets.number, meets.number}, can_be_null(of, meets)});
    }

    [[nodiscard]] bool can_be_null(std::size_t of, const unique_value& value) const {
        const auto& columns = classes_[of].type->columns;
        return std::ranges::all_of(value.of, [&](std::size_t i) { return columns[i].nullable && !columns[i].key; });
    }

    /// The server may not call them equal after all: where rows would wait for each other, and none can give its value
    /// up at first, they do not wait.
    void add_alike() {
        if (between_alike_.empty()) return;
        auto all = found_;
        for (const auto& [edge, cuttable] : between_alike_)
            all.edges.push_back(edge);
        const auto component = all.as_graph(nodes_.count(plan_)).components();
        for (const auto& [edge, cuttable] : between_alike_)
            if (cuttable || component[edge.from] != component[edge.to]) found_.edges.push_back(edge);
    }

    void note_key(std::size_t of, key_value value, node by) {
        if (!value.is_set()) return;
        classes_[of].keyed = true;
        keyed_.try_emplace({of, 0, std::move(value)}, by);
    }

    /// Of the rows in this order: what is deleted, updated, inserted. The first one to free a value counts.
    void note_values_of(std::size_t row) {
        if (row < plan_.deletes.size()) return note_values_of(plan_.deletes[row], nodes_.of_delete(row));
        row -= plan_.deletes.size();
        if (row < plan_.updates.size()) return note_values_of(plan_.updates[row], nodes_.of_update(row));
        row -= plan_.updates.size();
        const auto& insert = plan_.inserts[row];
        if (insert.switched) return;
        const auto of = class_of(*insert.type);
        if (classes_[of].referred || classes_[of].updated.any()) note_key(of, insert.key, nodes_.of_insert(row));
    }

    void note_values_of(const planned_delete& removed, node at) {
        const auto of = class_of(*removed.type);
        split(*removed.type, removed.before, {}, before_);
        for (std::size_t unique = 0; unique < classes_[of].uniques.size(); ++unique) {
            const auto& value = classes_[of].uniques[unique];
            if (!is_wanted(classes_[of], unique)) continue;
            note_freed(of, unique, unique == 0 ? removed.key : value_in(*removed.type, before_, value.of), at);
            note_alike(of, unique, before_, at);
        }
    }

    void note_values_of(const planned_update& update, node at) {
        const auto of = class_of(*update.type);
        split(*update.type, update.before, {}, before_);
        split(*update.type, update.row, update.deferred, now_);
        for (std::size_t unique = 0; unique < classes_[of].uniques.size(); ++unique) {
            const auto& value = classes_[of].uniques[unique];
            if ((update.changed & value.set).none() || !is_wanted(classes_[of], unique)) continue;
            auto before = value_in(*update.type, before_, value.of);
            auto now = value_in(*update.type, now_, value.of);
            if (before == now) continue;
            note_freed(of, unique, std::move(before), at);
            note_alike(of, unique, before_, at);
            if (unique == 0) note_key(of, std::move(now), at);
        }
    }

    // ---- who meets whom

    void connect(node from, node to, std::uint16_t frees, std::uint16_t needs) {
        if (from != to) found_.edges.push_back({from, to, frees, needs});
    }

    std::uint16_t key_of(node at) {
        if (nodes_.verb_of(at) != flush_step::verb::update) return 0;
        return classes_[class_of(nodes_.type_of(plan_, at))].uniques[0].number;
    }

    /// Whose key it waits for.
    void wait_for_targets(node at, const class_in_plan& in, std::span<const deferred_column> deferred) {
        for (const auto& late : deferred) {
            const auto& target = plan_.inserts[late.target];
            if (late.part != 0 || target.switched) continue;
            const auto refers = std::ranges::find(in.references, late.relation, &reference::relation);
            const auto to = nodes_.of_insert(late.target);
            if (to != at) {
                connect(to, at, 0, refers->number);
            } else if (!target.key.is_set() && !target.ahead) { // a row that refers to itself, and does not know how
                found_.edges.push_back({at, at, 0, refers->number});
            }
        }
    }

    void wait_for_key(node at, const class_in_plan& in, const reference& refers, const row_view_of& row) {
        if (!classes_[refers.target].keyed) return;
        const auto late = std::ranges::find(row.deferred, refers.relation, &deferred_column::relation);
        if (late != row.deferred.end()) return;
        const auto found = keyed_.find({refers.target, 0, value_in(*in.type, row, refers.of)});
        if (found != keyed_.end()) connect(found->second, at, key_of(found->second), refers.number);
    }

    void wait_for_value(node at, std::size_t of, std::size_t unique, key_value value) {
        if (!value.is_set()) return;
        const auto found = freed_.find({of, unique, std::move(value)});
        if (found == freed_.end()) return;
        const auto number = classes_[of].uniques[unique].number;
        connect(found->second, at, number, number);
    }

    /// A row that keeps its key is written before another one takes it: that can only be when somebody else has deleted
    /// the row, and the UPDATE must not find the new one in its place.
    void go_before_taker(node at, const class_in_plan& in, std::size_t of, const planned_update& update) {
        const auto& key = in.uniques.front();
        if (!in.keyed || !update.key.is_set() || (update.changed & key.set).any()) return;
        const auto found = keyed_.find({of, 0, update.key});
        if (found != keyed_.end()) connect(at, found->second, 0, key.number);
    }

    /// What it refers to stays until it has let go.
    void hold(node at, const class_in_plan& in, const reference& refers, const row_view_of& row) {
        if (!classes_[refers.target].uniques[0].freed) return;
        const auto found = freed_.find({refers.target, 0, value_in(*in.type, row, refers.of)});
        if (found != freed_.end()) connect(at, found->second, refers.number, key_of(found->second));
    }

    /// Of the rows in the order of their nodes but for the deletes, which come last.
    void look_at(std::size_t row) {
        if (row < plan_.inserts.size()) {
            if (!plan_.inserts[row].switched) look_at_insert(row);
            return;
        }
        row -= plan_.inserts.size();
        if (row < plan_.updates.size()) return look_at_update(row);
        look_at_delete(row - plan_.updates.size());
    }

    void look_at_insert(std::size_t index) {
        const auto& insert = plan_.inserts[index];
        const auto at = nodes_.of_insert(index);
        const auto of = class_of(*insert.type);
        const auto& in = classes_[of];
        wait_for_targets(at, in, insert.deferred);
        split(*insert.type, insert.row, insert.deferred, now_);
        for (const auto& refers : in.references)
            wait_for_key(at, in, refers, now_);
        for (std::size_t i = 0; i < in.uniques.size(); ++i) {
            const auto& unique = in.uniques[i];
            if (!unique.freed || (unique.set & ~insert.given).any()) continue;
            wait_for_value(at, of, i, value_in(*insert.type, now_, unique.of));
            wait_for_alike(at, of, i, now_);
        }
    }

    void look_at_update(std::size_t index) {
        const auto& update = plan_.updates[index];
        const auto at = nodes_.of_update(index);
        const auto of = class_of(*update.type);
        const auto& in = classes_[of];
        wait_for_targets(at, in, update.deferred);
        split(*update.type, update.before, {}, before_);
        split(*update.type, update.row, update.deferred, now_);
        for (const auto& refers : in.references) {
            if ((update.changed & refers.set).none()) continue;
            wait_for_key(at, in, refers, now_);
            hold(at, in, refers, before_);
        }
        go_before_taker(at, in, of, update);
        for (std::size_t i = 0; i < in.uniques.size(); ++i) {
            const auto& unique = in.uniques[i];
            if (!unique.freed || (update.changed & unique.set).none()) continue;
            wait_for_value(at, of, i, value_in(*update.type, now_, unique.of));
            wait_for_alike(at, of, i, now_);
        }
    }

    void look_at_delete(std::size_t index) {
        const auto& removed = plan_.deletes[index];
        const auto& in = classes_[class_of(*removed.type)];
        if (in.references.empty()) return;
        split(*removed.type, removed.before, {}, before_);
        for (const auto& refers : in.references)
            hold(nodes_.of_delete(index), in, refers, before_);
    }

    const flush_plan& plan_;
    plan_nodes nodes_;
    dependencies found_{};
    std::vector<class_in_plan> classes_{};
    std::unordered_map<tag, std::size_t> by_tag_{};
    value_table freed_{};
    std::unordered_map<value_name, std::vector<node>, value_hash> alike_{}; // by coarse(): what frees them
    std::vector<std::pair<dependency, bool>> between_alike_{};              // whether its values can be NULL in between
    value_table keyed_{};
    row_view_of before_{};
    row_view_of now_{};
    std::size_t next_{0};
};

dependency_finder::dependency_finder(const flush_plan& plan) : meetings_(std::make_unique<meetings>(plan)) {}

dependency_finder::~dependency_finder() = default;

bool dependency_finder::look(std::size_t most) {
    return meetings_->look(most);
}

dependencies dependency_finder::found() {
    return meetings_->found();
}

std::uint16_t dependencies::number_of(const concern& wanted) {
    const auto found = std::find(concerns.begin(), concerns.end(), wanted);
    const auto number = static_cast<std::uint16_t>(found - concerns.begin());
    if (found == concerns.end()) concerns.push_back(wanted);
    return number;
}

graph dependencies::as_graph(std::size_t nodes) const {
    std::vector<graph::edge> all;
    all.reserve(edges.size());
    for (const auto& edge : edges)
        all.push_back({edge.from, edge.to});
    return graph(nodes, all);
}

dependencies find_dependencies(const flush_plan& plan) {
    dependency_finder finder(plan);
    while (finder.look(~std::size_t{0})) {
    }
    return finder.found();
}

} // namespace wharf::orm
