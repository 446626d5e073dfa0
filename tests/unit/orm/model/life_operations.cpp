// Objects that leave the session and come back.
#include "unit/orm/model/compare.hpp"

#include <algorithm>

namespace orm_model {
namespace {

/// Whether an object of the session refers to it in memory.
bool is_referred_to(const play& in, const object& target) {
    for (std::size_t i = 0; i < kinds; ++i) {
        const auto type = static_cast<kind>(i);
        const auto columns = info_of(type).columns;
        for (std::size_t c = 0; c < columns.size(); ++c) {
            if (columns[c].role != role::reference || columns[c].target != target.type) continue;
            for (const auto& [number, candidate] : in.model.now.objects)
                if (candidate.type == type && candidate.in_session() &&
                    (candidate.now[c].target == target.number ||
                     (!target.key.empty() && candidate.now[c].text == target.key))) {
                    return true;
                }
        }
    }
    return false;
}

bool may_leave(const play& in, const object& of) {
    return of.lives() && of.held && !of.by_member && !is_referred_to(in, of);
}

// expunge: object that nothing refers to
bool choose_leaving(const play& in, generator& random, step& made) {
    made.on[0] = any_object(in.model, random, [&](const object& of) { return may_leave(in, of); });
    return made.on[0] != 0;
}
bool run_expunge(play& in, const step& done) {
    auto* const of = in.model.held(done.on[0]);
    if (of == nullptr || !may_leave(in, *of)) return false;
    static_cast<void>(in.read(*of));
    in.expect_success("expunge", [&] { in.session.expunge(of->number, of->type); });
    of->expunged = true;
    if (of->status == object_status::pending) {
        in.model.make_transient(*of);
    } else {
        in.model.detach(*of);
    }
    return true;
}

// attach: detached object
bool choose_attach(const play& in, generator& random, step& made) {
    made.on[0] = any_object(in.model, random,
                            [](const object& of) { return of.status == object_status::detached && !of.was_deleted; });
    return made.on[0] != 0;
}
bool run_attach(play& in, const step& done) {
    auto* const of = in.model.held(done.on[0]);
    if (of == nullptr || of->status != object_status::detached || of->was_deleted) return false;
    const auto columns = info_of(of->type).columns;
    for (std::size_t c = 0; c < columns.size(); ++c)
        if (columns[c].role == role::reference && of->now[c].text) {
            const auto* const target = in.model.object_of(columns[c].target, *of->now[c].text);
            if (target != nullptr && target->removal) return false;
        }
    if (in.model.now.rows.find(of->type, of->key) == nullptr) return false; // any access may find that out
    const auto* other = in.model.object_of(of->type, of->key);
    std::string said;
    const auto how = in.attempt([&] { in.session.add(of->number, of->type); }, said);
    if (other != nullptr && !other->held && how == outcome::done) { // it had been released
        in.model.at(other->number).status = object_status::detached;
        other = nullptr;
    }
    if (other == nullptr && how == outcome::refused) { // it came along when others were loaded
        in.session.session.set_autoflush(false);
        const auto found = in.session.get(of->type, of->key);
        in.session.session.set_autoflush(true);
        if (found) return in.number_of(of->type, found) != done.on[0];
    }
    if ((how == outcome::refused) != (other != nullptr) || (how != outcome::refused && how != outcome::done)) {
        throw difference("adding a detached object ends with " + std::string(name_of(how)) + ": " + said);
    }
    if (other != nullptr) return true;
    in.model.note_coming(*of);
    of->status = object_status::persistent;
    of->expunged = false;
    return true;
}

// set_outside: detached or transient object, column, value
bool choose_set_outside(const play& in, generator& random, step& made) {
    made.on[0] = any_object(in.model, random, [](const object& of) { return !of.in_session() && !of.was_deleted; });
    if (made.on[0] == 0) return false;
    made.on[1] = 1 + below(random, in.model.at(made.on[0]).now.size() - 1);
    made.on[2] = below(random, 30);
    return true;
}
bool run_set_outside(play& in, const step& done) {
    auto* const of = in.model.held(done.on[0]);
    const auto column = static_cast<std::size_t>(done.on[1]);
    if (of == nullptr || of->in_session() || of->was_deleted || column == 0 || column >= of->now.size()) return false;
    const auto& info = info_of(of->type).columns[column];
    if (info.role != role::value && info.role != role::number) return false;
    if (info.in_key && of->status == object_status::detached) return false;
    auto* const members = in.write(*of);
    of->now[column] = place{value_for(of->type, column, done.on[2]), 0};
    info.write(members, of->now[column].text);
    return true;
}

void leave_session(play& in) {
    for (auto& [number, of] : in.model.now.objects) {
        if (of.expunged) in.model.leave_expunged(of);
        if (of.status == object_status::transient && !of.expunged) in.model.leave_pending(of);
        if (!of.in_session()) continue;
        of.expunged = of.by_member = false;
        if (of.status == object_status::pending) {
            in.model.leave_pending(of);
        } else {
            in.model.detach(of);
        }
    }
    in.model.begin_level_0();
    in.transaction_ended();
}

/// What was flushed and not committed would be gone, and what objects hold with it.
bool may_close(const play& in) {
    const auto& objects = in.model.now.objects;
    return in.model.now.rows.lines() == in.model.committed.lines() &&
           std::none_of(objects.begin(), objects.end(), [](const auto& entry) {
               return entry.second.in_session() &&
                      (entry.second.by_member || !entry.second.held || entry.second.status == object_status::deleted);
           });
}

// close: 0: the session is used again, 1: there is a new one
bool choose_close(const play& /*in*/, generator& random, step& made) {
    made.on[0] = below(random, 2);
    return true;
}
bool run_close(play& in, const step& done) {
    if (!may_close(in)) return false;
    for (auto& [number, of] : in.model.now.objects)
        if (of.in_session()) static_cast<void>(in.read(of));
    in.session.session.close();
    leave_session(in);
    if (done.on[0] == 1) in.session.session = wharf::session(in.on.engine());
    compare_objects(in);
    compare_rows(in);
    return true;
}

/// Nothing is lost with its handle: all levels know it as it is.
bool may_be_dropped(const play& in, const object& of) {
    if (of.status != object_status::persistent || of.removal || of.expired || !of.held || in.model.is_changed(of)) {
        return false;
    }
    const auto* const cells = in.model.now.rows.find(of.type, of.key);
    if (cells == nullptr || *cells != of.base || is_referred_to(in, of)) return false;
    return std::all_of(in.model.levels.begin(), in.model.levels.end(), [&](const world& level) {
        const auto found = level.objects.find(of.number);
        return found != level.objects.end() && found->second.status == object_status::persistent &&
               found->second.base == of.base && in.model.effective(found->second) == of.base;
    });
}

// drop: object: the test lets go of its handle
bool choose_drop(const play& in, generator& random, step& made) {
    made.on[0] = any_object(in.model, random, [&](const object& of) { return may_be_dropped(in, of); });
    return made.on[0] != 0;
}
bool run_drop(play& in, const step& done) {
    auto* const of = in.model.held(done.on[0]);
    if (of == nullptr || !may_be_dropped(in, *of)) return false;
    of->held = false;
    in.session.handles.erase(of->number);
    return true;
}

bool choose_nothing(const play& /*in*/, generator& /*random*/, step& /*made*/) {
    return true;
}
bool run_release_unused(play& in, const step& /*done*/) {
    in.expect_success("release_unused", [&] { in.session.session.release_unused(); });
    return true;
}

} // namespace

std::vector<operation> life_operations() {
    return {{"expunge", "expunge", 3, false, &choose_leaving, &run_expunge},
            {"attach", "attach", 5, false, &choose_attach, &run_attach},
            {"set_outside", "attach", 4, false, &choose_set_outside, &run_set_outside},
            {"close", "close", 2, false, &choose_close, &run_close},
            {"drop", "release_unused", 3, false, &choose_drop, &run_drop},
            {"release_unused", "release_unused", 3, false, &choose_nothing, &run_release_unused}};
}

} // namespace orm_model
