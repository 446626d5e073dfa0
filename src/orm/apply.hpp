// Telling objects that their rows were written: keys, columns that the database filled in, both sides of a foreign key,
// versions, states, baselines. Nothing of this happens before the whole flush has succeeded.
#pragma once

#include "orm/answers.hpp"
#include "orm/flush_plan.hpp"

#include <cstddef>
#include <utility>
#include <vector>

namespace wharf::orm {

/// Row by row, so that others run in between.
class plan_applier {
public:
    /// Both outlive it. Until it has ended nobody else changes what the session has.
    plan_applier(session_parts& parts, flush_plan& plan);
    plan_applier(const plan_applier&) = delete;
    plan_applier& operator=(const plan_applier&) = delete;
    /// Objects that are in no list of the session in between go to half_told where not all was told.
    ~plan_applier();

    /// Goes on, by at most so many rows; false: all is told. When it throws - memory may run out, and a codec of the
    /// user's may throw what it likes - there is no going on.
    bool tell(std::size_t most);

private:
    /// What is told, in this order. Removed objects leave before others take their keys.
    enum class stage : std::uint8_t {
        taken_over, ///< removed objects whose rows others have
        removed,
        keys, ///< of inserts
        references,
        answers,
        rows_taken, ///< by inserts
        leaving,    ///< objects whose keys others may take
        persistent, ///< what was pending
        updated,
        renamed,
        handed_over, ///< what hangs on rows and keys that were taken
        linked,      ///< what refers by key to what was pending
        done,
    };

    [[nodiscard]] std::size_t rows_of(stage of) const noexcept;
    void begin(stage next);
    void tell_of(std::size_t row);
    void leave_key(const planned_update& update);
    void take_place(object_state& object);
    void hand_over();
    void follow_keys();
    void tell_of(const planned_update& update);

    session_parts& parts_;
    flush_plan& plan_;
    trial_objects trial_{};
    stage stage_{stage::taken_over};
    std::size_t next_{0};
    std::vector<entity_base> added_{};
    std::vector<entity_base> renamed_{};                         // they have left the map
    std::vector<std::pair<entity_base, object_state*>> heirs_{}; // objects that others stand for now, and those
};

} // namespace wharf::orm
