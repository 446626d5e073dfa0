// Reading: by key, by query, again; and SQL of one's own that changes rows behind the objects.
#include "unit/orm/model/play.hpp"

#include <algorithm>

namespace orm_model {
namespace {

bool is_readable(const object& of) {
    return of.status == object_status::persistent && !of.removal;
}
bool choose_readable(const play& in, generator& random, step& made) {
    made.on[0] = any_object(in.model, random, &is_readable);
    return made.on[0] != 0;
}

/// Its row is there for the session: else reading it again is an error, which other tests have.
bool has_row(const play& in, const object& of) {
    return in.model.now.rows.find(of.type, of.key) != nullptr;
}

// expire: object
bool run_expire(play& in, const step& done) {
    auto* const of = in.model.held(done.on[0]);
    if (of == nullptr || !is_readable(*of) || !has_row(in, *of)) return false;
    in.expect_success("expire", [&] { in.session.expire(of->number, of->type); });
    in.model.expire(*of);
    return true;
}

bool choose_nothing(const play& /*in*/, generator& /*random*/, step& /*made*/) {
    return true;
}
bool run_expire_all(play& in, const step& /*done*/) {
    auto& objects = in.model.now.objects;
    const bool possible = std::all_of(objects.begin(), objects.end(), [&](const auto& entry) {
        const auto& of = entry.second;
        return of.status != object_status::persistent || (!of.removal && has_row(in, of));
    });
    if (!possible) return false;
    in.expect_success("expire_all", [&] { in.session.session.expire_all(); });
    for (auto& [number, of] : objects)
        if (of.status == object_status::persistent) in.model.expire(of);
    return true;
}

// refresh: object
bool run_refresh(play& in, const step& done) {
    auto* const of = in.model.held(done.on[0]);
    if (of == nullptr || !is_readable(*of) || !has_row(in, *of)) return false;
    const auto before = *of;
    in.model.expire(*of); // what it holds is lost, what others hold may be written first
    if (!in.flush_perhaps("refresh", [&] { in.session.refresh(before.number, before.type); })) {
        in.model.at(before.number) = before;
        return false;
    }
    auto& again = in.model.at(before.number);
    in.model.read_again(again);
    in.settle(again, false);
    again.must_renew = false;
    return true;
}

// get: class, which of its rows
bool choose_get(const play& in, generator& random, step& made) {
    made.on[0] = below(random, kinds);
    made.on[1] = below(random, 20);
    return !in.model.now.rows.of(static_cast<kind>(made.on[0])).empty();
}
bool run_get(play& in, const step& done) {
    const auto type = static_cast<kind>(done.on[0]);
    const auto& table = in.model.now.rows.of(type);
    if (table.empty()) return false;
    const auto key = std::next(table.begin(), done.on[1] % static_cast<std::ptrdiff_t>(table.size()))->first;
    if (const auto* const known = in.model.object_of(type, key)) {
        if (known->removal || in.model.is_changed(*known)) return false; // from the map or from the database
    }
    wharf::orm::entity_base found;
    if (!in.flush_perhaps("get", [&] { found = in.session.get(type, key); })) return false;
    const auto* const cells = in.model.now.rows.find(type, key);
    const auto name = std::string(info_of(type).name) + " " + key;
    if (!found != (cells == nullptr) && !in.may_be_late())
        throw difference("get " + name + (found ? " finds a ghost" : " finds nothing"));
    if (found) static_cast<void>(in.number_of(type, found));
    return true;
}

// select: class
bool choose_select(const play& /*in*/, generator& random, step& made) {
    made.on[0] = below(random, kinds);
    return true;
}
bool run_select(play& in, const step& done) {
    const auto type = static_cast<kind>(done.on[0]);
    std::vector<wharf::orm::entity_base> found;
    if (!in.flush_perhaps("select", [&] { found = in.session.select(type); })) return false;
    std::set<std::string> keys;
    for (const auto& item : found)
        keys.insert(in.model.at(in.number_of(type, item)).key);
    std::set<std::string> expected;
    for (const auto& [key, cells] : in.model.now.rows.of(type))
        expected.insert(key);
    if ((keys != expected && !in.may_be_late()) || keys.size() != found.size()) {
        throw difference("select of " + std::string(info_of(type).table) + " finds " + std::to_string(found.size()) +
                         " objects instead of " + std::to_string(expected.size()));
    }
    return true;
}

/// False: somebody else was faster.
bool run_sql(play& in, const std::function<void()>& work) {
    std::string said;
    const auto how = in.attempt(work, said);
    in.wrote = true;
    if (how == outcome::serialization && in.may_be_late()) {
        in.model.failed = in.model.levels.size() - 1;
        return false;
    }
    if (how != outcome::done) throw difference("SQL fails: " + said);
    return true;
}

// raw_update: class, which of its rows, value: of the first column that is no key
bool choose_raw_update(const play& in, generator& random, step& made) {
    made.on[2] = below(random, 30);
    return choose_get(in, random, made);
}
bool run_raw_update(play& in, const step& done) {
    const auto type = static_cast<kind>(done.on[0]);
    if (in.model.now.rows.of(type).empty() || !in.model.foresee().failures.empty()) return false;
    const auto columns = info_of(type).columns;
    std::size_t column = 0;
    while (columns[column].in_key)
        ++column;
    const auto value = value_for(type, column, done.on[2]).value();
    const auto level = in.model.levels.size() - 1;
    static_cast<void>(in.flush("flush before SQL", false, [&] { in.session.session.flush(); }, level));
    const auto& table = in.model.now.rows.of(type);
    if (in.model.failed || table.empty()) return true;
    const auto key = std::next(table.begin(), done.on[1] % static_cast<std::ptrdiff_t>(table.size()))->first;
    auto& cells = in.model.now.rows.of(type)[key];
    std::string condition;
    for (std::size_t i = 0; i < columns.size(); ++i)
        if (columns[i].in_key) {
            condition += (condition.empty() ? " WHERE " : " AND ") + std::string(columns[i].name) + " = ";
            const bool quoted = type == kind::order || (type == kind::line && i == 0);
            condition += quoted ? "'" + *cells[i] + "'" : *cells[i];
        }
    const bool quoted = columns[column].role == role::value;
    const auto sql = "UPDATE " + std::string(info_of(type).table) + " SET " + std::string(columns[column].name) +
                     " = " + (quoted ? "'" + value + "'" : value) + condition;
    if (!run_sql(in, [&] { in.session.session.execute(wharf::raw_sql(sql)); })) return true;
    in.locked.insert(line_key(type, key));
    in.model.now.earlier[line_key(type, key)].push_back(cells);
    cells[column] = value;
    for (auto& [number, of] : in.model.now.objects) // who knows whether it was read again meanwhile
        if (of.type == type && of.key == key) of.must_renew = false;
    return true;
}

// raw_insert: value: a person
bool choose_raw_insert(const play& /*in*/, generator& random, step& made) {
    made.on[0] = below(random, 30);
    return true;
}
bool run_raw_insert(play& in, const step& done) {
    if (!in.model.foresee().failures.empty()) return false;
    const auto name = *value_for(kind::person, 1, done.on[0]);
    const auto level = in.model.levels.size() - 1;
    if (!in.flush("flush before SQL", false, [&] { in.session.session.flush(); }, level)) return false;
    if (in.model.failed) return true;
    std::string key;
    const bool done_so = run_sql(in, [&] {
        key = std::to_string(in.session.session
                                 .query_sql<std::int64_t>(wharf::raw_sql(
                                     "INSERT INTO persons (name, version) VALUES ('" + name + "', 0) RETURNING id"))
                                 .one());
    });
    if (!done_so) return true;
    in.model.now.rows.of(kind::person)[key] = {key, name, {}, "0", {}};
    return true;
}

} // namespace

std::vector<operation> reading_operations() {
    return {{"expire", "reading", 3, false, &choose_readable, &run_expire},
            {"expire_all", "reading", 1, false, &choose_nothing, &run_expire_all},
            {"refresh", "reading", 3, false, &choose_readable, &run_refresh},
            {"get", "reading", 5, false, &choose_get, &run_get},
            {"select", "reading", 4, false, &choose_select, &run_select},
            {"raw_update", "raw_sql", 3, false, &choose_raw_update, &run_raw_update},
            {"raw_insert", "raw_sql", 2, false, &choose_raw_insert, &run_raw_insert}};
}

} // namespace orm_model
