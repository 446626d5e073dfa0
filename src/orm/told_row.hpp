// What an object is told of its row once it was written. While a flush waits for the database, whoever has the object
// at hand may write its members: those keep what was written, differ from the baseline, and are found by the next
// flush.
#pragma once

#include "orm/answers.hpp"
#include "orm/object_row.hpp"

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace wharf::orm {

/// The row of one object, column by column.
class told_row {
public:
    /// `known` is what the database has of it so far, `held` what the members held when the plan was made. Both are
    /// looked at only where members may be written beside the session, and stay where they are until the row is taken.
    told_row(trial_objects& trial, object_state& object, std::string_view known, std::string_view held);

    /// Members of this object may be written without the session learning of it.
    [[nodiscard]] bool is_exposed() const noexcept { return exposed_; }
    /// The database has this in the column; so has the member, unless it was written meanwhile.
    void set(std::size_t column, const cell_view& cell);
    void set(std::size_t column, std::string_view encoded);
    /// The key of a reference whose columns are members, as it was written.
    [[nodiscard]] key_value key_of(const relation_descriptor& relation) const;
    /// What the database has in the column of a member.
    void encode(std::size_t column, parameters& out) const;
    /// All of it. Precondition: is_exposed().
    [[nodiscard]] encoded_row known() const;
    /// The same, but columns that are no members are as the references say.
    [[nodiscard]] encoded_row known_with_references() const;
    /// What the members held, those that were told hold that. Precondition: is_exposed().
    [[nodiscard]] encoded_row held() const;

    [[nodiscard]] object_state& object() const noexcept { return object_; }

private:
    [[nodiscard]] bool is_untouched(std::size_t column) const;
    void keep(std::size_t column, std::string_view encoded);

    trial_objects& trial_;
    object_state& object_;
    bool exposed_;
    std::vector<std::string_view> known_{};
    std::vector<std::string_view> held_{};
    std::vector<std::unique_ptr<encoded_row>> owned_{};
};

} // namespace wharf::orm
