#include "unit/orm/model/compare.hpp"

#include <algorithm>

namespace orm_model {
namespace {

std::string shown(const cell& value) {
    return value ? *value : "null";
}

std::string name_of(const object& of) {
    return std::string(info_of(of.type).name) + " " + std::to_string(of.number);
}

std::string_view name_of(object_status status) {
    constexpr std::array<std::string_view, 5> names{"transient", "pending", "persistent", "deleted", "detached"};
    return names[static_cast<std::size_t>(status)];
}

[[noreturn]] void differ(const object& of, std::string_view what, std::string_view found, std::string_view expected) {
    throw difference(name_of(of) + ": " + std::string(what) + " is " + std::string(found) + " instead of " +
                     std::string(expected));
}

void compare_values(play& in, object& of) {
    const auto* const members = in.read(of);
    const auto columns = info_of(of.type).columns;
    const bool is_clean = of.status == object_status::persistent && !of.removal && !in.model.is_changed(of);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto& column = columns[i];
        if (column.read == nullptr) continue;
        cell expected = of.now[i].text;
        if (column.role == role::key) expected = of.key.empty() ? (of.own_key.empty() ? "0" : of.own_key) : of.key;
        if (column.role == role::version && of.key.empty()) continue;
        if (column.role == role::reference) {
            if (!is_clean) continue;
            expected = of.base[i];
        }
        const auto found = column.read(members);
        if (found != expected) differ(of, column.name, shown(found), shown(expected));
    }
}

void compare_keys(const play& in, const object& of) {
    const auto* const members = in.session.read(of.number, of.type);
    const auto columns = info_of(of.type).columns;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].role != role::reference || of.by_member) continue;
        cell expected = of.now[i].text;
        if (const auto target = of.now[i].target; target != 0) {
            const auto& to = in.model.at(target);
            if (of.removal && to.status == object_status::transient) continue;
            expected = to.key.empty() ? cell() : cell(to.key);
            if (to.key.empty() &&
                columns[i].reference_of(members).target().state() != in.session.handles.at(target).state()) {
                differ(of, columns[i].name, "another object", name_of(to));
            }
        }
        const auto found = columns[i].reference_key(members);
        if (found != expected) differ(of, columns[i].name, shown(found), shown(expected));
    }
}

void compare_target(play& in, const object& of, std::size_t column, bool loaded_only) {
    const auto& info = info_of(of.type).columns[column];
    const auto& reference = info.reference_of(in.session.read(of.number, of.type));
    if (loaded_only && !reference.target()) return;
    const auto expected = in.model.effective(of)[column];
    const bool gone = expected && of.now[column].target == 0 &&
                      in.model.now.rows.find(info.target, *expected) == nullptr; // an error of its own
    if (gone) return;
    const auto& found = reference.object();
    if (!found != !expected) differ(of, info.name, found ? "an object" : "nothing", shown(expected));
    if (!found) return;
    const auto number = in.number_of(info.target, found);
    const auto target = of.now[column].target;
    if (target != 0 ? number != target : in.model.key_text(in.model.at(number)) != *expected) {
        differ(of, info.name, name_of(in.model.at(number)), shown(expected));
    }
}

/// Whether the row has an object, in the session or let go of: then a collection that was loaded before need not have
/// it.
bool is_known(const play& in, kind type, const std::string& key) {
    const auto& objects = in.model.now.objects;
    return std::any_of(objects.begin(), objects.end(),
                       [&](const auto& entry) { return entry.second.type == type && entry.second.key == key; });
}

/// A collection that was loaded before need not have it.
bool stands_for_expunged(const play& in, const object& read) {
    const auto& objects = in.model.now.objects;
    return std::any_of(objects.begin(), objects.end(), [&](const auto& entry) {
        const auto& one = entry.second;
        return one.number != read.number && one.expunged && one.type == read.type && one.key == read.key;
    });
}

/// `column` of class `type` leads to `owner`, which has the collection.
void compare_collection(play& in, const object& owner, kind type, std::size_t column, bool loaded_only) {
    const auto& info = info_of(type).columns[column];
    const auto& collection = info.items(const_cast<void*>(in.session.read(owner.number, owner.type)));
    if (loaded_only && !collection.loaded()) return;
    const auto items = collection.items();
    auto missing = in.model.referring(type, column, owner);
    std::set<int> seen;
    for (const auto& item : items) {
        const auto number = in.number_of(type, item);
        if (!seen.insert(number).second)
            differ(owner, info.collection, name_of(in.model.at(number)) + " twice", "once");
        missing.erase(number);
        if (in.model.referring(type, column, owner).count(number) != 0) continue;
        if (!in.model.at(number).held) continue;   // somebody else has deleted its row
        if (in.model.at(number).removal) continue; // until the flush it is there or not
        differ(owner, info.collection, "with " + name_of(in.model.at(number)), "without it");
    }
    for (const auto number : missing)
        if (in.model.at(number).held && !stands_for_expunged(in, in.model.at(number))) {
            differ(owner, info.collection, "without " + name_of(in.model.at(number)), "with it");
        }
    if (loaded_only) return;
    for (const auto& [key, cells] : in.model.now.rows.of(type))
        if (!owner.key.empty() && cells[column] == owner.key && !is_known(in, type, key)) {
            differ(owner, info.collection, "without row " + key, "with it");
        }
}

std::vector<int> held_objects(const play& in) {
    std::vector<int> numbers;
    for (const auto& [number, of] : in.model.now.objects)
        if (of.held) numbers.push_back(number);
    return numbers;
}

} // namespace

void compare_objects(play& in) {
    for (const auto number : held_objects(in)) {
        auto& of = in.model.at(number);
        const auto status = in.session.handles.at(number).state()->status;
        if (status != of.status) differ(of, "its state", name_of(status), name_of(of.status));
        if (in.session.contains(number, of.type) != of.in_session()) {
            differ(of, "contains()", of.in_session() ? "false" : "true", of.in_session() ? "true" : "false");
        }
        if (of.expired && of.status != object_status::persistent) continue; // nobody knows its values
        compare_values(in, of);
        if (!of.in_session()) continue;
        if (of.status != object_status::deleted) compare_keys(in, of); // else its target may have another by now
        const bool modified = of.status == object_status::pending || of.removal || in.model.is_changed(of);
        if (in.session.is_modified(number, of.type) != modified) {
            differ(of, "is_modified()", modified ? "false" : "true", modified ? "true" : "false");
        }
    }
    if (in.session.session.is_modified() != in.model.is_modified()) {
        throw difference(std::string("is_modified() of the session is ") + (in.model.is_modified() ? "false" : "true"));
    }
}

void compare_relations(play& in, bool loaded_only) {
    in.session.session.set_autoflush(false);
    in.expect_success("looking at relations", [&] {
        for (const auto number : held_objects(in)) {
            const object of = in.model.at(number); // others may join the model
            if (!of.lives()) continue;
            for (std::size_t c = 0; c < of.now.size(); ++c)
                if (info_of(of.type).columns[c].role == role::reference && !of.by_member) {
                    compare_target(in, of, c, loaded_only);
                }
            for (const auto& [type, column] : two_sided_columns()) {
                const auto& objects = in.model.now.objects;
                const bool unsure = std::any_of(objects.begin(), objects.end(), [of_type = type](const auto& entry) {
                    return entry.second.type == of_type && entry.second.by_member;
                });
                if (info_of(type).columns[column].target == of.type && !unsure) {
                    compare_collection(in, of, type, column, loaded_only);
                }
            }
        }
    });
    in.session.session.set_autoflush(true);
}

void compare_rows(play& in) {
    auto found = in.on.committed_lines();
    auto expected = in.model.committed.lines();
    if (found == expected) return;
    std::vector<std::string> only_found;
    std::vector<std::string> only_expected;
    std::set_difference(found.begin(), found.end(), expected.begin(), expected.end(), std::back_inserter(only_found));
    std::set_difference(expected.begin(), expected.end(), found.begin(), found.end(),
                        std::back_inserter(only_expected));
    std::string text = "the database holds";
    for (const auto& line : only_found)
        text += " [" + line + "]";
    text += " instead of";
    for (const auto& line : only_expected)
        text += " [" + line + "]";
    throw difference(text);
}

} // namespace orm_model
