// What the database answered about rows that it has written: columns that it filled in, and what it made of values.
// Before anything is told to the objects it is tried whether their members can hold it.
#pragma once

#include "orm/flush_plan.hpp"

#include <exception>
#include <unordered_map>

namespace wharf::orm {

class told_row;

/// Reads values into objects that nobody sees, to know whether they can be read.
class trial_objects {
public:
    /// Marks the answer as unreadable and returns why, if that is so.
    [[nodiscard]] std::exception_ptr try_answer(const class_descriptor& type, answered_row& answer);
    /// Throws conversion_error for a key that its members cannot hold.
    void try_key(const class_descriptor& type, const key_value& key);
    /// The same for the version that the update gives to its row.
    void try_version(const planned_update& update);

    /// Of a column that is part of a key: the cell as the key's member writes it, since keys are compared by that.
    /// `out` holds what had to be written anew.
    [[nodiscard]] cell_view as_in_keys(const class_descriptor& type, std::size_t column, const cell_view& cell,
                                       parameters& out);
    /// The same for all keys and foreign keys among the cells of a row.
    void make_keys_comparable(const class_descriptor& type, std::vector<cell_view>& cells, parameters& out);

    object_state& of(const class_descriptor& type);

private:
    std::unordered_map<const class_descriptor*, entity_base> objects_{};
};

/// Takes the columns that came back into the object: into its members and references, and of members that cannot give
/// them back into object.stored. `sent` are the columns that the statement wrote: what was kept of those before is
/// gone. What cannot be read is left, and the object expired.
void take_answer(told_row& told, const answered_row& answer, const column_set& sent);

} // namespace wharf::orm
