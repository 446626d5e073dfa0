// A session's transaction as a value: its levels, what each of them can put back, and a count of events that tells what
// was read or written before what. No I/O.
#pragma once

#include "wharf/connection/transaction_options.hpp"
#include "wharf/orm/collection_base.hpp"
#include "wharf/orm/object_state.hpp"
#include "wharf/orm/reference_base.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <unordered_map>
#include <vector>

namespace wharf::orm {

struct saved_reference {
    entity_base target{};
    key_value key{};
    bool by_collection{false};
};

[[nodiscard]] std::vector<saved_reference> references_held_by(object_state& object);

/// An object as it was when a level began.
struct saved_object {
    entity_base object{};
    std::uint64_t remembered{0}; // object_state::remembered
    object_status status{object_status::transient};
    std::uint8_t traps{0};
    std::uint8_t checks{0};
    bool touched{false};
    bool removal{false};
    bool gone{false};
    bool watched{false};
    std::uint64_t order{0};
    std::uint64_t read_at{0};
    key_value key{};
    encoded_row baseline{};                       // what the database held; empty where it had no row
    std::shared_ptr<const stored_cells> stored{}; // the same, of columns whose members cannot give it back
    encoded_row members{};                        // what the object held, where that was something else
    std::vector<saved_reference> references{};    // of its belongs_to, in their order

    /// Saved when it came into the session, for the first time or again.
    [[nodiscard]] bool came_in() const noexcept {
        return remembered == 0 && (status == object_status::transient || status == object_status::detached);
    }
};

/// For a level around the one that saved it: there the object was not changed yet, or it would have been saved there.
void forget_unwritten(saved_object& saved) noexcept;

/// The items of a collection as they were when a level began.
struct saved_collection {
    entity_base owner{};
    std::size_t relation{0};
    std::uint64_t remembered{0};
    std::uint64_t loaded_at{0};
    std::vector<entity_base> items{};
};

/// What a flush filled in.
struct inserted_object {
    entity_base object{};
    bool key_filled{false}; // by the flush
    encoded_row members{};  // what the object held before, when the flush filled in more than its key; else empty
    std::vector<saved_reference> references{}; // likewise, when the database may have chosen others; else empty
    bool differs{false};                       // any column may have been changed by the database
};

/// Level 0 is the unit of work since the last commit or rollback, from 1 they are savepoints.
struct transaction_level {
    static constexpr std::uint64_t never = ~std::uint64_t{0};

    std::uint64_t serial{0};      // when it began
    std::uint64_t written{never}; // when it first wrote
    bool has_read{false};         // objects were read, or collections loaded
    std::vector<saved_object> objects{};
    std::vector<saved_collection> collections{};
    std::vector<inserted_object> inserted{};
    std::vector<const object_state*> updated{}; // or deleted; they are among `objects`
};

/// What the levels kept ends; objects that are in no session are looked at for circles together.
void let_go(std::vector<transaction_level> ended) noexcept;

/// Rising numbers from 1 that no other session of the process has: what an object still has of one means nothing to the
/// next. A session takes some thousands at once.
class event_numbers {
public:
    [[nodiscard]] std::uint64_t next() noexcept;

    static constexpr std::uint64_t at_once = 4096;

private:
    std::uint64_t next_{0};
    std::uint64_t end_{0};
};

class transaction_state {
public:
    transaction_options options{};
    bool begun{false};  ///< by begin(), not by the first statement
    bool wrote{false};  ///< something that a COMMIT must keep
    bool strict{false}; ///< what was read before it began answers nothing: repeatable read, serializable

    // ---- levels
    /// A transaction is open, in the database or about to be opened there.
    [[nodiscard]] bool is_open() const noexcept { return open_; }
    void open() noexcept { open_ = true; }
    /// How many are open: 0 outside a transaction.
    [[nodiscard]] std::size_t level_count() const noexcept { return open_ ? levels_.size() : 0; }
    [[nodiscard]] std::size_t innermost() const noexcept { return levels_.size() - 1; }
    [[nodiscard]] transaction_level& level() noexcept { return levels_.back(); }
    [[nodiscard]] const std::vector<transaction_level>& levels() const noexcept { return levels_; }
    /// Begins a level inside the innermost one.
    void push();
    /// What the innermost level did becomes part of the one around it.
    void merge();
    /// Ends the levels from this one on and gives them out, the outermost first. Level 0 begins anew.
    [[nodiscard]] std::vector<transaction_level> take(std::size_t from);
    /// Nothing is to be put back any more: a new unit of work begins.
    void end();
    /// The transaction in the database has ended, having only read; the unit of work goes on.
    void next();
    /// Changes with every transaction, so that a scope knows its own.
    [[nodiscard]] std::uint64_t number() const noexcept { return number_; }

    // ---- what happens, in order
    /// When something is read now.
    [[nodiscard]] std::uint64_t now() const noexcept { return now_; }
    void note_read() noexcept { levels_.back().has_read = true; }
    void note_write();
    /// SQL that is not the session's own, and may have changed any row.
    void note_foreign_write();
    [[nodiscard]] bool has_written() const noexcept;
    /// Whether it was read or written by this transaction.
    [[nodiscard]] bool is_own(std::uint64_t read_at) const noexcept { return read_at >= began_; }
    /// Whether foreign SQL ran on this transaction after something was read.
    [[nodiscard]] bool foreign_write_since(std::uint64_t read_at) const noexcept { return read_at < foreign_write_; }

    // ---- what can be put back
    /// Before an object or a collection is changed: keeps it as it is, once in each level.
    void remember(object_state& object);
    void remember(const collection_base& collection);
    /// The same where the members may hold what no flush has written.
    void remember_unwritten(object_state& object);
    /// The same before a flush tells an object that its row was updated or deleted.
    void remember_written(object_state& object);
    /// What a flush fills in.
    void remember_inserted(inserted_object record) { levels_.back().inserted.push_back(std::move(record)); }
    /// An object comes in: what it or its collections have of another session is no level of this one.
    void forget_others(object_state& object) const noexcept;
    /// An object leaves for good: no rollback brings it back.
    static void forget(object_state& object) noexcept { object.remembered = 0; }
    /// The same where its values were written, or read behind a write, by this transaction: until that ends, no other
    /// session can know what its row is.
    void hold_back(object_state& object);
    [[nodiscard]] bool holds_back(object_state& object) const { return held_back_.contains(&object); }
    /// It has come back.
    void hold_back_no_more(object_state& object) noexcept;

    // ---- failure
    [[nodiscard]] bool has_failed() const noexcept { return failure_ != nullptr; }
    [[nodiscard]] const std::exception_ptr& failure() const noexcept { return failure_; }
    [[nodiscard]] std::size_t failed_level() const noexcept { return failed_level_; }
    /// What failed first counts.
    void fail(std::exception_ptr error) noexcept;
    /// The whole transaction has failed, whatever level the error came from.
    void fail_all(std::exception_ptr error) noexcept;
    /// What the caller was told of it, in place of what the server said.
    void explain_failure(std::exception_ptr told) noexcept {
        if (failure_) failure_ = std::move(told);
    }
    void forget_failure(std::size_t level) noexcept;

private:
    saved_object& save(object_state& object);
    void settle() noexcept;

    event_numbers numbers_{};
    std::uint64_t now_{numbers_.next()};
    std::uint64_t began_{now_};
    std::vector<transaction_level> levels_{transaction_level{now_, transaction_level::never, false, {}, {}, {}, {}}};
    bool open_{false};
    std::uint64_t number_{1};
    std::uint64_t foreign_write_{0};
    std::unordered_map<object_state*, entity_base> held_back_{};
    std::exception_ptr failure_{};
    std::size_t failed_level_{0};
};

} // namespace wharf::orm
