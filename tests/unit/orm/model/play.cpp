#include "unit/orm/model/play.hpp"

#include "wharf/base/database_error.hpp"
#include "wharf/orm/errors.hpp"

#include <algorithm>
#include <utility>

namespace orm_model {

play::~play() {
    try { // the next sequence begins with empty tables
        session.session.rollback();
    } catch (const std::exception&) {
        // The connection ends, and its transaction with it.
    }
    // Transient objects that hold each other would hold each other for ever.
    for (const auto& [number, of] : model.now.objects) {
        if (!of.held || session.handles.at(number).state()->status != object_status::transient) continue;
        auto* const members = session.write(number, of.type);
        for (const auto& column : info_of(of.type).columns)
            if (column.role == role::reference && column.nullable) column.relate(members, {});
        for (const auto& [type, index] : two_sided_columns()) {
            const auto& column = info_of(type).columns[index];
            if (column.target == of.type) column.replace_items(members, {});
        }
    }
}

outcome play::attempt(const std::function<void()>& work, std::string& said) {
    try {
        work();
        return outcome::done;
    } catch (const difference&) {
        throw;
    } catch (const wharf::unique_violation& error) {
        said = error.what();
        return outcome::unique;
    } catch (const wharf::foreign_key_violation& error) {
        said = error.what();
        return outcome::foreign_key;
    } catch (const wharf::not_null_violation& error) {
        said = error.what();
        return outcome::not_null;
    } catch (const wharf::serialization_failure& error) {
        said = error.what();
        was_outdated = !on.is_postgres();
        return outcome::serialization;
    } catch (const wharf::stale_data& error) {
        said = error.what();
        return outcome::stale;
    } catch (const wharf::usage_error& error) {
        said = error.what();
        return outcome::refused;
    } catch (const std::exception& error) {
        said = error.what();
        return outcome::other;
    }
}

void play::expect_success(std::string_view what, const std::function<void()>& work) {
    std::string said;
    if (attempt(work, said) != outcome::done) throw difference(std::string(what) + " fails: " + said);
}

row play::learn(const object& of) const {
    if (of.held) return session.members(of.number, of.type);
    auto cells = of.base; // nobody can look
    if (of.type == kind::person) cells[3] = std::to_string(std::stoll(*cells[3]) + 1);
    return cells;
}

void play::transaction_ended() {
    while (!session.savepoints.empty())
        session.savepoints.pop_back();
    session.begun.reset();
    wrote = locks_database = has_snapshot = other_wrote = false;
    locked.clear();
    if (std::exchange(was_outdated, false)) locks_next = true;
}

void play::note_locks() {
    if (locks_next && session.session.in_transaction()) locks_database = true;
}

void play::flushed(const forecast& seen) {
    wrote = true;
    locks_next = false;
    const auto lock = [&] {
        for (const auto& [number, of] : model.now.objects)
            if (of.removal || seen.written.contains(number)) locked.insert(line_key(of.type, of.key));
    };
    lock();
    model.flushed(seen, [&](const object& of) { return learn(of); });
    lock();
}

bool play::flush(std::string_view what, bool dares, const std::function<void()>& work, std::size_t failing_level) {
    const auto seen = model.foresee();
    const bool is_stale = seen.failures == std::set<outcome>{outcome::stale};
    if (!seen.failures.empty() && !dares && !is_stale) return false;
    const bool writes = model.is_modified();
    std::string said;
    const auto how = attempt(work, said);
    wrote = wrote || writes;
    if (how == outcome::serialization && may_be_late()) {
        model.failed = failing_level;
        return true;
    }
    if (seen.failures.empty()) {
        if (how != outcome::done) throw difference(std::string(what) + " fails: " + said);
        if (writes) flushed(seen);
        return true;
    }
    // A reference to nothing is refused before it is sent, or by the database.
    const bool nothing =
        seen.failures.contains(outcome::not_null) && (how == outcome::refused || how == outcome::foreign_key);
    const bool stray = seen.failures.contains(outcome::foreign_key) && how == outcome::refused &&
                       said.find("not in this session") != std::string::npos;
    if (!seen.failures.contains(how) && !nothing && !stray) {
        throw difference(std::string(what) + " ends with " + std::string(name_of(how)) + " instead of " +
                         std::string(name_of(*seen.failures.begin())) + ": " + said);
    }
    model.failed = failing_level;
    return true;
}

bool play::flush_perhaps(std::string_view what, const std::function<void()>& work) {
    const bool writes = model.is_modified();
    const auto seen = model.foresee();
    if (writes && !seen.failures.empty()) return false;
    std::string said;
    const auto how = attempt(work, said);
    if (how == outcome::serialization && writes && may_be_late()) {
        wrote = true;
        model.failed = model.levels.size() - 1;
        return false;
    }
    if (how != outcome::done) throw difference(std::string(what) + " fails: " + said);
    if (writes && !session.session.is_modified()) flushed(seen);
    return true;
}

const void* play::read(object& of) {
    model.touch(of);
    const auto* const members = session.read(of.number, of.type);
    settle(of, false);
    return members;
}

void* play::write(object& of) {
    model.touch(of);
    auto* const members = session.write(of.number, of.type);
    settle(of, true);
    return members;
}

void play::settle(object& of, bool for_writing, std::optional<std::size_t> moved) {
    if (of.status != object_status::persistent || model.is_changed(of)) return;
    const auto* const cells = model.now.rows.find(of.type, of.key);
    const bool must_renew = for_writing && std::exchange(of.must_renew, for_writing ? false : of.must_renew);
    const auto& earlier = model.now.earlier[line_key(of.type, of.key)];
    if (cells == nullptr || (*cells == of.base && earlier.empty() && !may_be_late())) return;
    auto members = session.members(of.number, of.type);
    if (moved) members[*moved] = of.base[*moved];
    if (must_renew && members != *cells && !may_be_late()) {
        throw difference("object " + std::to_string(of.number) + " is not read again after a rollback");
    }
    for (std::size_t i = 0; i < members.size(); ++i) {
        const bool was_so =
            std::any_of(earlier.begin(), earlier.end(), [&](const row& then) { return then[i] == members[i]; });
        if (members[i] != of.base[i] && members[i] != (*cells)[i] && !was_so) return; // the comparison says so
    }
    for (std::size_t i = 0; i < members.size(); ++i)
        of.now[i] = place{members[i], 0};
    of.base = std::move(members);
}

int play::number_of(kind type, const wharf::orm::entity_base& handle) {
    for (const auto& [number, known] : session.handles) {
        if (known.state() != handle.state()) continue;
        auto& of = model.at(number);
        if (of.held && of.status == object_status::persistent && !of.removal) static_cast<void>(read(of));
        of.must_renew = false; // what answered may have read it again
        return number;
    }
    row members;
    visit_kind(type, [&]<class T>(std::type_identity<T>) {
        const wharf::entity<const T> typed{wharf::orm::entity_base(handle)};
        for (const auto& column : info_of(type).columns)
            members.push_back(column.role == role::reference ? column.reference_key(&*typed) : column.read(&*typed));
    });
    const auto key = key_of_row(type, members);
    const auto name = std::string(info_of(type).name) + " " + key;
    if (const auto* const known = model.object_of(type, key)) {
        if (!known->held) { // the session has kept it, or has it anew
            model.at(known->number).held = model.now.rows.find(type, key) != nullptr;
            session.handles[known->number] = handle;
            auto& again = model.at(known->number);
            if (model.is_changed(again) || again.removal) return known->number;
            again.base = members;
            for (std::size_t i = 0; i < members.size(); ++i)
                again.now[i] = place{members[i], 0};
            settle(again, false);
            return known->number;
        }
        throw difference("a second object turns up for " + name + ", which is object " + std::to_string(known->number));
    }
    if (model.now.rows.find(type, key) == nullptr && !may_be_late())
        throw difference("an object turns up for " + name + ", which is no row");
    auto& made = model.adopt(type, key, members);
    made.held = model.now.rows.find(type, key) != nullptr;
    session.handles[made.number] = handle;
    settle(made, false);
    return made.number;
}

const std::vector<operation>& operations() {
    static const std::vector<operation> all = [] {
        std::vector<operation> made;
        for (const auto& some : {object_operations(), relation_operations(), transaction_operations(),
                                 reading_operations(), life_operations(), other_operations()}) {
            made.insert(made.end(), some.begin(), some.end());
        }
        return made;
    }();
    return all;
}

int any_object(const model& in, generator& random, const condition& wanted) {
    std::vector<int> found;
    for (const auto& [number, candidate] : in.now.objects)
        if (candidate.held && wanted(candidate)) found.push_back(number);
    return found.empty() ? 0 : found[random() % found.size()];
}

int any_living(const model& in, generator& random, kind type) {
    return any_object(in, random, [type](const object& of) { return of.type == type && of.lives(); });
}

cell value_for(kind type, std::size_t column, int value) {
    const auto& info = info_of(type).columns[column];
    if (info.role == role::version) return "0";
    if (info.role == role::number) return std::to_string(value % 8);
    if (info.nullable)
        return value % 3 == 0 ? cell() : cell(std::string(1, static_cast<char>('a' + value % 10)) + "@x");
    const auto distinct = info.in_key ? 10 : 5;
    return std::string(info.in_key ? "k" : "v") + std::to_string(value % distinct);
}

const std::vector<two_sided_column>& two_sided_columns() {
    static const std::vector<two_sided_column> found = [] {
        std::vector<two_sided_column> made;
        for (std::size_t i = 0; i < kinds; ++i) {
            const auto columns = info_of(static_cast<kind>(i)).columns;
            for (std::size_t c = 0; c < columns.size(); ++c)
                if (columns[c].items != nullptr) made.push_back({static_cast<kind>(i), c});
        }
        return made;
    }();
    return found;
}

} // namespace orm_model
