// What a session and its database ought to hold, as plain values: rows, objects, and for each open level of the
// transaction a copy of both, which is all that a rollback needs. Nothing here knows how a session works.
#pragma once

#include "unit/orm/model/columns.hpp"
#include "wharf/orm/object_state.hpp"

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace orm_model {

using wharf::orm::object_status;
using row = std::vector<cell>; // in the order of class_info::columns

struct database {
    std::array<std::map<std::string, row>, kinds> tables{}; // by key_of_row()

    [[nodiscard]] auto& of(kind type) { return tables[static_cast<std::size_t>(type)]; }
    [[nodiscard]] const auto& of(kind type) const { return tables[static_cast<std::size_t>(type)]; }
    [[nodiscard]] const row* find(kind type, const std::string& key) const;
    /// Its rows as text, sorted.
    [[nodiscard]] std::vector<std::string> lines() const;
};

/// The values of the key columns, with `/` between them.
[[nodiscard]] std::string key_of_row(kind type, const row& cells);
/// The same with the class in front.
[[nodiscard]] std::string line_key(kind type, const std::string& key);

/// A member: its value, or the object that it refers to.
struct place {
    cell text{};
    int target{0}; // of a reference: the number of an object; 0: `text` is the key
};

struct object {
    int number{0}; // from 1
    kind type{};
    object_status status{object_status::transient};
    bool removal{false};     // remove() was called, no flush has been
    bool expunged{false};    // let go of on purpose: what is rolled back does not bring it back
    bool was_deleted{false}; // by a commit
    bool expired{false};     // its row is read again by the next access
    bool must_renew{false};  // it was changed in a transaction that failed: write access reads its row again
    bool was_read{false};    // it came from the database, not from add()
    bool held{true};         // the test has its handle
    bool by_member{false};   // the foreign key was changed by its member, and no flush has been
    std::string key{};       // of its row, while it has one
    std::string own_key{};   // added again after its deletion: the key that the database once made
    std::vector<place> now{};
    row base{}; // its row as it was read or written last

    /// As it was before it was added, when it had been in a session before; and when that was.
    std::shared_ptr<const object> outside{};
    std::uint64_t came_at{0};
    std::uint64_t flushed_at{0}; // its row was written

    [[nodiscard]] bool in_session() const {
        return status == object_status::pending || status == object_status::persistent ||
               status == object_status::deleted;
    }
    /// Has a row, and shall have one after the next flush, or will get one.
    [[nodiscard]] bool lives() const {
        return (status == object_status::pending || status == object_status::persistent) && !removal;
    }
};

struct world {
    database rows{}; // as the session's transaction sees them
    std::map<int, object> objects{};
    /// Rows as they were, by line_key(), of those that were changed behind the objects.
    std::map<std::string, std::vector<row>> earlier{};
    std::uint64_t began{0}; // of a level
};

enum class outcome : std::uint8_t { done, unique, foreign_key, not_null, stale, serialization, refused, other };
[[nodiscard]] std::string_view name_of(outcome how);

/// What a flush is going to do.
struct forecast {
    std::set<outcome> failures{}; // empty: it succeeds
    database after{};             // keys that the database makes are `new#` and the object's number
    std::set<int> written{};      // objects that an INSERT or UPDATE is sent for
};

class model {
public:
    world now{};
    database committed{};
    std::vector<world> levels{1};        // at 0 how it was when the last transaction ended, then one for each savepoint
    std::optional<std::size_t> failed{}; // the level whose rollback a flush that failed waits for

    [[nodiscard]] object& at(int number) { return now.objects.at(number); }
    [[nodiscard]] const object& at(int number) const { return now.objects.at(number); }
    /// Null when there is none that the test holds.
    [[nodiscard]] object* held(int number);
    [[nodiscard]] const object* object_of(kind type, const std::string& key) const;
    /// For an object that a step makes; those that are found in the database have numbers from 1001.
    [[nodiscard]] int next_number() const;

    /// The columns as the next flush writes them.
    [[nodiscard]] row effective(const object& of) const;
    /// The key that the reference in this column will hold.
    [[nodiscard]] cell reference_text(const object& of, std::size_t column) const;
    /// The key that a reference to the object holds now.
    [[nodiscard]] std::string key_text(const object& target) const;
    [[nodiscard]] bool is_changed(const object& of) const;
    [[nodiscard]] bool is_modified() const;
    /// Objects whose reference in this column leads to `target`, in memory.
    [[nodiscard]] std::set<int> referring(kind type, std::size_t column, const object& target) const;

    /// The removed object whose row a pending one takes over; null when it gets a row of its own.
    [[nodiscard]] const object* replaced_by(const object& added) const;
    [[nodiscard]] forecast foresee() const;
    /// After a flush that succeeded; `learn` gives the row that an object holds, of which the key that the database
    /// made and the version are taken.
    void flushed(const forecast& seen, const std::function<row(const object&)>& learn);
    void commit();
    void savepoint();
    /// What somebody else commits: it stays whatever is rolled back.
    void change_rows(kind type, const std::function<void(std::map<std::string, row>&)>& change);
    void note_earlier(const std::string& line, const row& before);
    void release(std::size_t level) { levels.resize(level); }
    void rollback_to(std::size_t level);
    void rollback();

    /// The object leaves the session with its row, or without one.
    void detach(object& leaving);
    void make_transient(object& leaving);
    /// The same at the end of a session for what it may have got after its row was deleted.
    void leave_pending(object& leaving);
    /// The same for one that was expunged before.
    void leave_expunged(object& leaving);
    /// It is about to be added.
    void note_coming(object& coming);
    /// A new unit of work begins.
    void begin_level_0();
    /// What it holds is forgotten; the next access, see touch(), reads its row.
    void expire(object& of);
    void touch(object& of);
    void read_again(object& of);
    /// A new object for a row that was read so.
    object& adopt(kind type, const std::string& key, const row& members);

private:
    /// Whether the next flush deletes the row, or gives it another key.
    [[nodiscard]] bool leaves(kind type, const std::string& key) const;
    void take_row(object& of);
    void hold_targets(object& leaving);
    void restore(const world& before);
    [[nodiscard]] std::set<std::string> undone_keys(const world& before) const;
    void learn_row(object& outside, const object* then, const world& before, const std::set<std::string>& undone);

    std::uint64_t clock_{0};
};

} // namespace orm_model
