// What a flush is going to write. Made without I/O and without touching any object (changes.cpp, order.cpp); carried
// out by write.cpp; told to the objects by apply.cpp once all of it has succeeded.
#pragma once

#include "orm/reference_values.hpp"
#include "orm/session_parts.hpp"
#include "wharf/base/error.hpp"

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace wharf::orm {

using column_set = std::bitset<most_columns>;

/// A column that holds part of the key of an object whose key is not known before it is inserted.
struct deferred_column {
    std::size_t column;
    std::size_t target; ///< among the inserts
    std::size_t part;
    std::size_t relation;
};

/// Which columns come back from a step's rows, and where.
struct answer_layout {
    std::vector<std::size_t> returning{}; ///< columns that the database filled in
    std::vector<std::size_t> written{};   ///< columns that were sent; there where the row `differs`
    std::size_t head{0};                  ///< cells in front of them
};

/// What the database answered about a row that it has written.
struct answered_row {
    const answer_layout* layout{nullptr}; ///< null: nothing
    const result* rows{nullptr};
    std::size_t row{0};
    bool differs{false};    ///< from what was sent
    bool unreadable{false}; ///< something in it cannot be read into its member

    /// Calls visit(column, cell) for each column there is.
    template <class Visit>
    void for_each(Visit visit) const {
        if (layout == nullptr) return;
        auto cells = (*rows)[row];
        for (std::size_t i = 0; i < layout->head; ++i)
            static_cast<void>(cells.next());
        for (const auto column : layout->returning)
            visit(column, cells.next());
        if (!differs) return;
        for (const auto column : layout->written)
            visit(column, cells.next());
    }
};

struct planned_insert {
    const class_descriptor* type{nullptr};
    object_state* object{nullptr};
    encoded_row row{};      ///< NULL where deferred
    encoded_row held{};     ///< what the members held, where a reference said something else; empty: what the row says
    column_set given{};     ///< the others are left to the database
    column_set postponed{}; ///< of these: NULL in the row, written by an update that follows
    key_value key{};        ///< unset: generated, or made of a key that is
    bool key_filled{false}; ///< not by the user
    bool wanted{false};     ///< another row needs its key
    bool ahead{false};      ///< the key comes from the sequence before the row is sent
    bool switched{false};   ///< its row is there already, of an object that is removed: an update writes it
    std::vector<deferred_column> deferred{};
    answered_row answer{};
};

/// A row may be updated several times by one plan: a circle is cut by writing NULL first, or one of its values later.
struct planned_update {
    static constexpr std::size_t no_insert = ~std::size_t{0};

    const class_descriptor* type{nullptr};
    object_state* object{nullptr};
    object_state* replaces{nullptr}; ///< the removed object whose row it takes over
    std::size_t insert{no_insert};   ///< what has made the row a moment ago
    key_value key{};                 ///< of the row when the update runs; unset: that of `insert`
    encoded_row before{};            ///< what the row holds when the update runs, but for its version
    encoded_row row{};               ///< NULL where deferred
    encoded_row held{};              ///< as in planned_insert
    column_set changed{};
    std::vector<deferred_column> deferred{};
    std::uint32_t earlier{0}; ///< how many updates of the row are in front of this one; each raises the version
    bool passing{false};      ///< writes NULL, which is overwritten or deleted further on
    bool last{true};          ///< of the plan's updates of this row
    column_set expected{};    ///< must hold still what was read
    bool check_version{true};
    std::uint8_t checks{0}; ///< what was asked for of this object
    answered_row answer{};
};

/// Whether it gives its row another key.
[[nodiscard]] bool changes_key(const planned_update& update) noexcept;

struct planned_delete {
    const class_descriptor* type{nullptr};
    object_state* object{nullptr};
    key_value key{};
    encoded_row before{};     ///< as in planned_update
    std::uint32_t earlier{0}; ///< the same
};

/// One statement shape and the rows that it writes.
struct flush_step {
    enum class verb : std::uint8_t { insert, update, remove };
    verb what{verb::insert};
    const class_descriptor* type{nullptr};
    column_set columns{};
    std::vector<std::size_t> rows{}; ///< in inserts, updates or deletes
    column_set expected{};           ///< of updates: of all of its rows
    bool check_version{true};        ///< the same
};

/// Columns of a class that hold each value once.
struct unique_columns {
    const class_descriptor* type{nullptr};
    column_set columns{};

    friend bool operator==(const unique_columns&, const unique_columns&) noexcept = default;
};

struct flush_plan {
    std::vector<planned_insert> inserts{}; ///< in the order of add(); a pending object's group_index is its index here
    std::vector<planned_update> updates{};
    std::vector<planned_delete> deletes{};
    std::vector<flush_step> steps{}; ///< in the order of execution
    std::deque<result> results{};    ///< what the database answered
    std::deque<answer_layout> layouts{};
    /// Why an answer could not be read, where that was known after the COMMIT only; null: all could.
    std::exception_ptr unread{};
    bool defers_constraints{false}; ///< values are swapped that the database has to look at later
    // Whose rows were not as expected, once the flush has failed of that.
    std::vector<std::size_t> stale_updates{};
    std::vector<std::size_t> stale_deletes{};

    [[nodiscard]] bool has_stale_rows() const noexcept { return !stale_updates.empty() || !stale_deletes.empty(); }

    [[nodiscard]] bool empty() const noexcept { return inserts.empty() && updates.empty() && deletes.empty(); }
};

/// What a session has that a flush may have to write.
struct unwritten {
    std::span<const entity_base> added{};     ///< in the order of add()
    std::span<object_state* const> watched{}; ///< may have been changed
    std::span<const entity_base> removed{};
};

/// Finds what has changed. Throws usage_error for changes that cannot be written.
[[nodiscard]] flush_plan find_changes(const unwritten& objects);
/// Whether an object of one of these classes has changes (`all`: of any class).
[[nodiscard]] bool has_changes(const session_parts& parts, std::span<const class_descriptor* const> types, bool all);
/// The columns of a watched object that differ from its baseline.
[[nodiscard]] bool is_changed(object_state& object);

/// What settle_order() throws for rows in a circle of values: it could be written if these columns were deferrable.
class values_in_circle : public usage_error {
public:
    values_in_circle(const std::string& text, std::vector<unique_columns> columns)
        : usage_error(text), columns_(std::move(columns)) {}
    [[nodiscard]] const std::vector<unique_columns>& columns() const noexcept { return columns_; }

private:
    std::vector<unique_columns> columns_;
};

/// Runs the steps. Keys come to be known on the way. Throws the first error.
[[nodiscard]] io::op<void> write_plan(session_parts& parts, flush_plan& plan, then afterwards);

/// The key of a row that is inserted, composed of what is known by now; unset when something is missing.
[[nodiscard]] key_value composed_key(const flush_plan& plan, const planned_insert& insert);
/// The same for all inserts, those whose keys are parts of others' first.
void compose_keys(flush_plan& plan);

} // namespace wharf::orm
