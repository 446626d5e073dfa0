// The ways to cut a circle of rows that wait for each other: what of a row can be written in another step.
#pragma once

#include "orm/dependencies.hpp"

#include <cstdint>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

namespace wharf::orm {

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
    flush_step::verb what;
    const class_descriptor* type;
    std::uint16_t concern;

    friend bool operator<(const cut& left, const cut& right) {
        if (left.kind != right.kind) return left.kind < right.kind;
        if (left.type != right.type) return left.type->table < right.type->table;
        return std::pair(left.what, left.concern) < std::pair(right.what, right.concern);
    }
    friend bool operator==(const cut&, const cut&) noexcept = default;
};

/// Whether what is written in another step is written behind the row, and not in front of it.
[[nodiscard]] constexpr bool is_at_end(cut_kind kind) noexcept {
    return kind != cut_kind::reference_first && kind != cut_kind::value_first;
}

class cut_finder {
public:
    cut_finder(const flush_plan& plan, const dependencies& between) : plan_(plan), between_(between), nodes_(plan) {}

    /// What follows is about this circle.
    void look_at(std::span<const std::size_t> edges);
    /// The ways to do without a dependency, each with the columns that are written in another step.
    [[nodiscard]] std::vector<std::pair<cut, column_set>> ways_to_cut(const dependency& edge) const;

private:
    [[nodiscard]] column_set left_first(node at, const column_set& columns) const;
    [[nodiscard]] column_set set_apart(node at, const column_set& columns) const;

    const flush_plan& plan_;
    const dependencies& between_;
    plan_nodes nodes_;
    std::unordered_map<node, column_set> given_up_{}; // in the circle
};

} // namespace wharf::orm
