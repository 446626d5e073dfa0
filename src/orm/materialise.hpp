// Reading many rows into objects piece by piece, so that others on the thread run in between.
#pragma once

#include "orm/answers.hpp"
#include "orm/load_group.hpp"
#include "orm/session_parts.hpp"

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace wharf::orm {

/// What materialise() does at once. `rows` outlives it. Objects may be used, changed and let go of between two pieces.
class materialiser {
public:
    /// Throws usage_error where the columns are not those of the class.
    materialiser(session_core& session, session_parts& parts, const class_descriptor& type, const result& rows,
                 bool populate_existing);
    materialiser(const materialiser&) = delete;
    materialiser& operator=(const materialiser&) = delete;
    ~materialiser();

    /// Takes the next rows, at most `most`; false: these were the last.
    bool take(std::size_t most);
    /// One for each row.
    [[nodiscard]] std::vector<entity_base> objects() noexcept { return std::move(objects_); }

private:
    void take_next();
    [[nodiscard]] entity_base make(key_value key, std::shared_ptr<const stored_cells> stored);
    void join(object_state& object);

    session_core& session_;
    session_parts& parts_;
    const class_descriptor& type_;
    const result& rows_;
    const bool populate_existing_;
    std::vector<std::size_t> to_keep_{}; // columns
    object_memory* memory_{nullptr};     // of the class; null: for few objects
    std::size_t next_{0};
    load_group* group_{nullptr}; // counts this as a member: objects may leave between two pieces
    std::vector<cell_view> cells_{};
    trial_objects trial_{};
    parameters rewritten_{};
    std::vector<entity_base> objects_{};
};

/// The same, letting others run every so many rows. `rows` outlives the op.
[[nodiscard]] io::op<std::vector<entity_base>> materialise_many(session_core& session, session_parts& parts,
                                                                const class_descriptor& type, const result& rows,
                                                                bool populate_existing);

} // namespace wharf::orm
