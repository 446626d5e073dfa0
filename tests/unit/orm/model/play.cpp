#include "unit/orm/model/play.hpp"

#include "wharf/base/database_error.hpp"
#include "wharf/orm/errors.hpp"

#include <algorithm>

namespace orm_model {

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

bool play::flush(std::string_view what, bool dares, const std::function<void()>& work, std::size_t failing_level) {
    const auto seen = model.foresee();
    if (!seen.failures.empty() && !dares) return false;
    const bool writes = model.is_modified();
    std::string said;
    const auto how = attempt(work, said);
    if (seen.failures.empty()) {
        if (how != outcome::done) throw difference(std::string(what) + " fails: " + said);
        wrote = wrote || writes;
        model.flushed(seen, [&](const object& of) { return learn(of); });
        return true;
    }
    // A reference to nothing is refused before it is sent, or by the database.
    const bool expected =
        seen.failures.count(how) != 0 || (how == outcome::refused && seen.failures.count(outcome::not_null) != 0);
    if (!expected) {
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
    expect_success(what, work);
    if (writes && !session.session.is_modified()) {
        wrote = true;
        model.flushed(seen, [&](const object& of) { return learn(of); });
    }
    return true;
}

const void* play::read(object& of) {
    model.touch(of);
    const auto* const members = session.read(of.number, of.type);
    settle(of);
    return members;
}

void* play::write(object& of) {
    model.touch(of);
    auto* const members = session.write(of.number, of.type);
    settle(of);
    return members;
}

void play::settle(object& of) {
    if (of.status != object_status::persistent || of.removal || model.is_changed(of)) return;
    const auto* const cells = model.now.rows.find(of.type, of.key);
    if (cells == nullptr || *cells == of.base) return;
    auto members = session.members(of.number, of.type);
    for (std::size_t i = 0; i < members.size(); ++i) {
        if (members[i] != of.base[i] && members[i] != (*cells)[i]) return; // the comparison says so
    }
    for (std::size_t i = 0; i < members.size(); ++i)
        of.now[i] = place{members[i], 0};
    of.base = std::move(members);
}

int play::number_of(kind type, const wharf::orm::entity_base& handle) {
    for (const auto& [number, known] : session.handles)
        if (known.state() == handle.state()) return number;
    row members;
    visit_kind(type, [&]<class T>(std::type_identity<T>) {
        const wharf::entity<const T> typed{wharf::orm::entity_base(handle)};
        for (const auto& column : info_of(type).columns)
            members.push_back(column.role == role::reference ? column.reference_key(&*typed) : column.read(&*typed));
    });
    const auto key = key_of_row(type, members);
    const auto name = std::string(info_of(type).name) + " " + key;
    if (model.now.rows.find(type, key) == nullptr)
        throw difference("an object turns up for " + name + ", which is no row");
    if (const auto* const known = model.object_of(type, key)) {
        if (!known->held) { // the session has kept it, or has it anew
            model.at(known->number).held = true;
            session.handles[known->number] = handle;
            return known->number;
        }
        throw difference("a second object turns up for " + name + ", which is object " + std::to_string(known->number));
    }
    const auto& made = model.adopt(type, key);
    session.handles[made.number] = handle;
    return made.number;
}

const std::vector<operation>& operations() {
    static const std::vector<operation> all = [] {
        std::vector<operation> made;
        for (const auto& some : {object_operations(), relation_operations(), transaction_operations(),
                                 reading_operations(), life_operations()}) {
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
