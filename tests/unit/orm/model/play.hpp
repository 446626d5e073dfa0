// A sequence as it is played: the same steps for the model and for the session.
#pragma once

#include "unit/orm/model/model.hpp"
#include "unit/orm/model/step.hpp"
#include "unit/orm/model/subject.hpp"

#include <functional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace orm_model {

/// The session is not what the model is.
class difference : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct play {
    explicit play(stage& where) : on(where), session(where) {}
    play(const play&) = delete;
    play& operator=(const play&) = delete;
    ~play();

    stage& on;
    orm_model::model model{};
    subject session;

    // The open transaction:
    bool wrote{false};
    bool locks_database{false};     // SQLite: it has the write lock, or takes it
    bool has_snapshot{false};       // it does not see what others commit meanwhile
    bool other_wrote{false};        // somebody else committed meanwhile
    bool was_outdated{false};       // SQLite: it could not write after what it had read was changed,
    bool locks_next{false};         // so that the next one that reads or writes takes the write lock
    std::set<std::string> locked{}; // rows that it has written, by line_key()
    void transaction_ended();
    /// After every step, which may have begun one.
    void note_locks();

    /// Whether the session may see rows of earlier, and be told so when it writes.
    [[nodiscard]] bool may_be_late() const { return other_wrote && (has_snapshot || !on.is_postgres()); }

    /// Runs it and says how it ended; `said` gets the words of its error.
    outcome attempt(const std::function<void()>& work, std::string& said);
    /// Throws difference unless it succeeds.
    void expect_success(std::string_view what, const std::function<void()>& work);

    /// `work` writes all changes, and fails as the model says, or because somebody else was faster. When it is going to
    /// fail it is not tried unless `dares`. False: not tried.
    bool flush(std::string_view what, bool dares, const std::function<void()>& work, std::size_t failing_level);
    /// `work` may write all changes before it reads. False: it was not tried, since that would fail.
    bool flush_perhaps(std::string_view what, const std::function<void()>& work);
    /// After a flush of all changes that succeeded.
    void flushed(const forecast& seen);
    /// Its row after a flush.
    [[nodiscard]] row learn(const object& of) const;
    /// Access to the members of an object that is held: what was expired is read again, in both worlds.
    const void* read(object& of);
    /// The same through a handle that is not const.
    void* write(object& of);
    /// What an object holds of a row that has changed since: the old values or newer ones. A column that was changed by
    /// the access itself is left out.
    void settle(object& of, bool for_writing, std::optional<std::size_t> moved = {});
    /// The number of the object behind a handle; objects that nobody knew join the model.
    int number_of(kind type, const wharf::orm::entity_base& handle);
};

using generator = std::minstd_rand;

/// What a step does. Operations of one family work or fail together.
struct operation {
    std::string_view name{};
    std::string_view family{};
    int weight{0};
    bool after_failure{false}; ///< it may come while the session waits for a rollback
    /// Fills in what the step is about; false when there is nothing of the kind.
    bool (*choose)(const play& in, generator& random, step& made){nullptr};
    /// Does it, to both. False: there is nothing to do it to, and nothing has happened.
    bool (*run)(play& in, const step& done){nullptr};
};

[[nodiscard]] const std::vector<operation>& operations();
[[nodiscard]] std::vector<operation> object_operations();
[[nodiscard]] std::vector<operation> relation_operations();
[[nodiscard]] std::vector<operation> transaction_operations();
[[nodiscard]] std::vector<operation> reading_operations();
[[nodiscard]] std::vector<operation> life_operations();
[[nodiscard]] std::vector<operation> other_operations();

// ---- choosing

[[nodiscard]] inline int below(generator& random, std::size_t end) {
    return static_cast<int>(random() % end);
}
using condition = std::function<bool(const object&)>;
/// The number of an object that the test holds; 0 when there is none.
[[nodiscard]] int any_object(const model& in, generator& random, const condition& wanted);
[[nodiscard]] int any_living(const model& in, generator& random, kind type);

/// A value for a column, one of few so that they meet.
[[nodiscard]] cell value_for(kind type, std::size_t column, int value);

/// The columns that have a collection on their other side.
struct two_sided_column {
    kind type;
    std::size_t column;
};
[[nodiscard]] const std::vector<two_sided_column>& two_sided_columns();

} // namespace orm_model
