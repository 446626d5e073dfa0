// Finding what a flush has to write, piece by piece, so that others on the thread run in between.
#pragma once

#include "orm/row_comparison.hpp"
#include "orm/row_name.hpp"

#include <cstddef>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace wharf::orm {

/// Objects that a flush has prepared already for being written: it may have to look for changes twice.
using prepared_objects = std::unordered_set<const object_state*>;

/// What find_changes() does at once. What `objects` names stays there; its members may change between two pieces.
class change_finder {
public:
    change_finder(const unwritten& objects, prepared_objects& prepared);

    /// Looks at the next objects, at most `most`; false: these were the last. Throws as find_changes().
    bool look(std::size_t most);
    [[nodiscard]] flush_plan plan() noexcept { return std::move(plan_); }

private:
    void look_at(std::size_t number);
    bool prepare(object_state& object, bool inserted);
    void insert(object_state& object);
    void update(object_state& object);
    void remove(object_state& object);
    void end_inserts();
    [[nodiscard]] bool switch_rows(object_state& removed);
    void note_leaving();
    [[nodiscard]] bool keeps_what_leaves(const planned_update& update);

    unwritten objects_;
    prepared_objects& prepared_;
    std::size_t next_{0}; // the added first, then the watched, then the removed
    flush_plan plan_{};
    row_comparison buffers_{};
    std::unordered_map<row_name, std::size_t, row_name_hash> inserted_{};  // rows that are inserted under a known key
    std::optional<std::unordered_set<row_name, row_name_hash>> leaving_{}; // made when it is asked for
};

} // namespace wharf::orm
