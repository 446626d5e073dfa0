// Flush, commit, rollback, and the levels between.
#include "unit/orm/model/compare.hpp"

namespace orm_model {
namespace {

void compare_all(play& in, bool looks_closely) {
    if (in.session.session.in_transaction()) throw difference("the transaction has not ended");
    compare_objects(in);
    compare_rows(in);
    if (looks_closely) {
        compare_relations(in, false);
        compare_objects(in);
    }
}

bool choose_number(const play& /*in*/, generator& random, step& made) {
    made.on[0] = below(random, 12);
    return true;
}

// flush: 0: even when it is going to fail
bool run_flush(play& in, const step& done) {
    return in.flush("flush", done.on[0] == 0, [&] { in.session.session.flush(); }, in.model.levels.size() - 1);
}

// commit: 0: even when it is going to fail, odd: relations are compared too; from 6: by the scope of begin()
bool run_commit(play& in, const step& done) {
    const auto work = [&] {
        if (in.session.begun && done.on[0] >= 6) {
            in.session.begun->commit();
        } else {
            in.session.session.commit();
        }
    };
    if (!in.flush("commit", done.on[0] == 0, work, 0)) return false;
    if (in.model.failed) return true;
    in.model.commit();
    in.transaction_ended();
    compare_all(in, done.on[0] % 2 == 1);
    return true;
}

// rollback: odd: relations are compared too; from 4 and from 8: by the scope of begin(), called or ended
bool run_rollback(play& in, const step& done) {
    in.expect_success("rollback", [&] {
        if (in.session.begun && done.on[0] >= 8) {
            in.session.begun.reset();
        } else if (in.session.begun && done.on[0] >= 4) {
            in.session.begun->rollback();
        } else {
            in.session.session.rollback();
        }
    });
    std::set<int> changed; // by a transaction that failed
    for (const auto& [number, of] : in.model.now.objects)
        if (in.model.failed && in.model.is_changed(of)) changed.insert(number);
    in.model.rollback();
    for (const auto number : changed) {
        auto& of = in.model.at(number);
        of.must_renew = of.status == object_status::persistent && !of.removal;
    }
    in.transaction_ended();
    compare_all(in, done.on[0] % 2 == 1);
    return true;
}

bool choose_nothing(const play& /*in*/, generator& /*random*/, step& /*made*/) {
    return true;
}
bool choose_begin(const play& /*in*/, generator& random, step& made) {
    made.on[0] = below(random, 5);
    return true;
}
// begin: of all kinds of transactions the default, read committed, repeatable read, serializable; 4: immediate
bool run_begin(play& in, const step& done) {
    if (in.session.begun || in.wrote || in.model.levels.size() > 1) return false;
    wharf::transaction_options options;
    if (done.on[0] < 4) options.isolation = static_cast<wharf::isolation>(done.on[0]);
    options.immediate = done.on[0] == 4;
    in.expect_success("begin", [&] { in.session.begun.emplace(in.session.session.begin(options)); });
    in.locks_database = options.immediate;
    in.has_snapshot = done.on[0] == 2 || done.on[0] == 3;
    in.other_wrote = false;
    return true;
}

bool run_savepoint(play& in, const step& /*done*/) {
    if (in.model.levels.size() > 4) return false;
    in.expect_success("savepoint", [&] { in.session.savepoints.push_back(in.session.session.savepoint()); });
    in.model.savepoint();
    return true;
}

bool choose_level(const play& in, generator& random, step& made) {
    if (in.model.levels.size() < 2) return false;
    made.on[0] = 1 + below(random, in.model.levels.size() - 1);
    made.on[1] = below(random, 4);
    return true;
}
bool is_open(const play& in, int level) {
    return level > 0 && static_cast<std::size_t>(level) < in.model.levels.size();
}
void end_savepoints(play& in, std::size_t level) {
    while (in.session.savepoints.size() >= level)
        in.session.savepoints.pop_back();
}

// release: level, 0: even when it is going to fail
bool run_release(play& in, const step& done) {
    if (!is_open(in, done.on[0])) return false;
    const auto level = static_cast<std::size_t>(done.on[0]);
    const bool tried = in.flush(
        "release of a savepoint", done.on[1] == 0, [&] { in.session.savepoints[level - 1].commit(); },
        in.model.levels.size() - 1);
    if (!tried) return false;
    if (in.model.failed) return true;
    in.model.release(level);
    end_savepoints(in, level);
    return true;
}

// rollback_to: level, 0: by a call, 1: by ending the scopes from the inside, 2: from the outside
bool run_rollback_to(play& in, const step& done) {
    if (!is_open(in, done.on[0])) return false;
    const auto level = static_cast<std::size_t>(done.on[0]);
    auto& savepoints = in.session.savepoints;
    in.expect_success("rollback to a savepoint", [&] {
        if (done.on[1] % 3 == 0) savepoints[level - 1].rollback();
        if (done.on[1] % 3 == 2) savepoints.erase(savepoints.begin() + (done.on[0] - 1), savepoints.end());
        end_savepoints(in, level);
    });
    // From the inside, one level after the other is put back.
    while (done.on[1] % 3 == 1 && in.model.levels.size() > level + 1)
        in.model.rollback_to(in.model.levels.size() - 1);
    in.model.rollback_to(level);
    if (in.model.failed) return true;
    compare_objects(in);
    compare_relations(in, true);
    return true;
}

} // namespace

std::vector<operation> transaction_operations() {
    return {{"flush", "core", 8, false, &choose_number, &run_flush},
            {"commit", "core", 8, false, &choose_number, &run_commit},
            {"rollback", "core", 3, true, &choose_number, &run_rollback},
            {"begin", "core", 2, false, &choose_begin, &run_begin},
            {"savepoint", "savepoints", 5, false, &choose_nothing, &run_savepoint},
            {"release", "savepoints", 2, false, &choose_level, &run_release},
            {"rollback_to", "savepoints", 3, true, &choose_level, &run_rollback_to}};
}

} // namespace orm_model
