// An object's row as it is going to be written, and in which columns it differs from what the database has.
#pragma once

#include "orm/flush_plan.hpp"
#include "orm/reference_values.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace wharf::orm {

/// Of one object after the other: its buffers are used again.
class row_comparison {
public:
    /// Encodes a pending object as it will be inserted.
    void encode_new(object_state& object, std::vector<deferred_column>& deferred);
    /// The changed columns of a watched object.
    [[nodiscard]] column_set compare(object_state& object, std::vector<deferred_column>& deferred);

    /// Of the object that was looked at last.
    [[nodiscard]] std::string_view row() const noexcept { return scratch_.encoded(); }
    /// Whether one of its references says what the column is to hold.
    [[nodiscard]] bool refers(std::size_t column) const noexcept { return sources_[column] >= 0; }
    /// A reference of the object that compare() looked at which was cleared, though no column of it may be NULL.
    [[nodiscard]] const relation_descriptor* lost_reference() const noexcept { return lost_; }
    /// What its members hold where a reference says something else of one of them; otherwise empty.
    [[nodiscard]] encoded_row held(object_state& object) const;

private:
    void encode(object_state& object, std::span<const std::string_view> baseline,
                std::vector<deferred_column>& deferred);
    [[nodiscard]] bool is_lost(const class_descriptor& type, std::size_t index) const;
    void note_lost(const relation_descriptor& relation, column_set& changed);

    parameters scratch_{};
    std::vector<reference_value> references_{};
    std::vector<int> sources_{};
    std::vector<std::string_view> before_{};
    const relation_descriptor* lost_{nullptr};
};

/// Whether an object of one of these classes has changes (`all`: of any class); looks at them piece by piece.
class change_search {
public:
    change_search(const session_parts& parts, std::span<const class_descriptor* const> types, bool all);

    /// Looks at the next objects, at most `most`; false: there is no more to be learnt.
    bool look(std::size_t most);
    [[nodiscard]] bool found() const noexcept { return found_; }

private:
    [[nodiscard]] bool is_named(const class_descriptor& type) const;

    const session_parts& parts_;
    std::span<const class_descriptor* const> types_;
    bool all_;
    bool found_;
    std::size_t next_{0}; // among the watched
    row_comparison buffers_{};
    std::vector<deferred_column> deferred_{};
};

} // namespace wharf::orm
