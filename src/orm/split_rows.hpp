// Rows that are written in more than one step.
#pragma once

#include "orm/cuts.hpp"

#include <cstddef>
#include <unordered_map>
#include <vector>

namespace wharf::orm {

/// A row that is written in one step more.
struct split {
    cut_kind kind;
    column_set columns;
};

class row_splitter {
public:
    row_splitter(flush_plan& plan, dependencies& between) : plan_(plan), between_(between), nodes_(plan) {}

    /// Adds the other steps to the plan, and moves the dependencies that are about what they write.
    void carry_out(const std::unordered_map<node, split>& splits);
    /// At the end: tells each step of a row how many updates are in front of it.
    void number_updates();

private:
    [[nodiscard]] node write_apart(node at, const split& how);
    void write_later(planned_insert& insert, std::size_t index, const column_set& columns);
    void write_later(std::size_t index, const column_set& columns);
    void clear_first(planned_update first, encoded_row& before, const column_set& columns);
    void put_in_line(node at, node other, bool behind);

    flush_plan& plan_;
    dependencies& between_;
    plan_nodes nodes_;
    std::unordered_map<node, std::size_t> line_of_{};
    std::vector<std::vector<node>> lines_{}; // the steps of each row
};

} // namespace wharf::orm
