// Which rows of a flush have to wait for which others, and why: one graph over the rows and the values that they free
// and need. There is an edge only where two rows of the plan meet.
#pragma once

#include "orm/flush_plan.hpp"
#include "orm/graph.hpp"

#include <memory>
#include <vector>

namespace wharf::orm {

/// The rows of a plan as nodes: inserts, then deletes, then updates, of which there may be more later on.
struct plan_nodes {
    explicit plan_nodes(const flush_plan& plan) : inserts(plan.inserts.size()), deletes(plan.deletes.size()) {}

    [[nodiscard]] node of_insert(std::size_t index) const noexcept { return static_cast<node>(index); }
    [[nodiscard]] node of_delete(std::size_t index) const noexcept { return static_cast<node>(inserts + index); }
    [[nodiscard]] node of_update(std::size_t index) const noexcept {
        return static_cast<node>(inserts + deletes + index);
    }
    [[nodiscard]] flush_step::verb verb_of(node at) const noexcept {
        if (at < inserts) return flush_step::verb::insert;
        return at < inserts + deletes ? flush_step::verb::remove : flush_step::verb::update;
    }
    /// In the plan's inserts, deletes or updates.
    [[nodiscard]] std::size_t index_of(node at) const noexcept {
        if (at < inserts) return at;
        return at < inserts + deletes ? at - inserts : at - inserts - deletes;
    }
    [[nodiscard]] const class_descriptor& type_of(const flush_plan& plan, node at) const noexcept {
        const auto index = index_of(at);
        switch (verb_of(at)) {
        case flush_step::verb::insert:
            return *plan.inserts[index].type;
        case flush_step::verb::remove:
            return *plan.deletes[index].type;
        default:
            return *plan.updates[index].type;
        }
    }
    [[nodiscard]] std::size_t count(const flush_plan& plan) const noexcept {
        return inserts + deletes + plan.updates.size();
    }

    std::size_t inserts;
    std::size_t deletes;
};

/// Columns of a class that a dependency is about: a foreign key, or a unique value. None: the row as such.
struct concern {
    column_set columns{};
    bool reference{false};

    friend bool operator==(const concern&, const concern&) noexcept = default;
};

/// `to` waits for `from`.
struct dependency {
    node from;
    node to;
    std::uint16_t frees{0}; ///< what `from` gives up, among the concerns
    std::uint16_t needs{0}; ///< what `to` needs it for
};

struct dependencies {
    std::vector<dependency> edges{};
    std::vector<concern> concerns{{}};

    /// The number of a concern, which is added when it is new: there are few.
    [[nodiscard]] std::uint16_t number_of(const concern& wanted);
    [[nodiscard]] graph as_graph(std::size_t nodes) const;
};

/// - An insert comes before what refers to it.
/// - What refers to a row lets go of it, by a delete or an update, before it is deleted or gets another key.
/// - A value of a unique column, or of the primary key, is freed before another row takes it. NULL takes nothing.
[[nodiscard]] dependencies find_dependencies(const flush_plan& plan);

/// The same piece by piece, so that others on the thread run in between. The plan outlives it and stays as it is.
class dependency_finder {
public:
    explicit dependency_finder(const flush_plan& plan);
    dependency_finder(const dependency_finder&) = delete;
    dependency_finder& operator=(const dependency_finder&) = delete;
    ~dependency_finder();

    /// Looks at the next rows, at most `most`, each of them twice in all; false: that is all.
    bool look(std::size_t most);
    [[nodiscard]] dependencies found();

private:
    class meetings;
    std::unique_ptr<meetings> meetings_;
};

/// Splits rows that wait for each other in a circle, where a column that is concerned may be NULL: it is written in two
/// steps. Throws usage_error, which names tables and columns, where none may and no constraint is deferrable.
void cut_circles(flush_plan& plan, dependencies& between, std::span<const unique_columns> deferrable);

/// The order of rows: what is referred to before what refers to it, deletes the other way round, values that are freed
/// before they are taken. Circles are cut. Constraints of `deferrable` columns can be checked at the end of the
/// transaction, which is made use of where nothing else helps. Throws usage_error for what cannot be ordered.
[[nodiscard]] dependencies settle_order(flush_plan& plan, std::span<const unique_columns> deferrable = {});

/// Puts rows of one shape into steps, in that order.
void make_steps(flush_plan& plan, const dependencies& between);

} // namespace wharf::orm
