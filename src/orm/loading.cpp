// Loading relations: of the object that was touched and of those that were loaded together with it, at most 500 at a
// time, in load order from the one touched.
#include "orm/loading.hpp"

#include "orm/materialise.hpp"
#include "orm/mirror.hpp"
#include "orm/statements.hpp"
#include "orm/stored_cells.hpp"
#include "wharf/orm/errors.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace wharf::orm {
namespace {

struct key_hash {
    std::size_t operator()(const key_value& key) const noexcept { return key.hash(); }
};

void fill_collection(object_state& owner, const collection_base& collection, std::vector<entity_base> rows,
                     std::size_t inverse, std::uint64_t now) {
    std::unordered_set<const object_state*> known;
    for (const auto& row : rows)
        known.insert(row.state());
    auto queued = std::exchange(collection.known(), std::move(rows));
    collection.set_loaded(now);
    for (auto& item : queued) {
        const auto& reference = reference_at(*item.state(), inverse);
        if (known.contains(item.state())) continue;
        // What is not in the database yet, or not under this key.
        const bool unflushed = item.state()->status == object_status::pending || !is_clean(*item.state());
        if (unflushed && points_to(reference, owner)) {
            collection.known().push_back(std::move(item));
        } else {
            reference.set_linked(false);
        }
    }
}

/// The target of a reference that spells the key otherwise than its row does, where the column takes them for equal
/// (citext, numbers of another scale). What the owner's row holds is kept, for the check of changed columns.
void set_otherwise_spelled(object_state& owner, std::size_t index, entity_base target) {
    const auto& relation = owner.type->relations[index];
    const auto& reference = reference_at(owner, index);
    auto key = reference.own_key();
    auto stored = owner.stored ? std::make_shared<stored_cells>(*owner.stored) : std::make_shared<stored_cells>();
    for (std::size_t part = 0; part < relation.columns.size(); ++part) {
        const auto column = relation.columns[part];
        stored->set(column, key_part(key, part, relation.columns.size(), owner.type->columns[column].wire));
    }
    owner.stored = std::move(stored);
    reference.set(std::move(target), std::move(key));
}

bool may_spell_otherwise(const class_descriptor& type, std::size_t relation) {
    return std::ranges::any_of(type.relations[relation].columns, [&type](std::size_t column) {
        return type.columns[column].wire == type_oid::text || type.columns[column].wire == type_oid::numeric;
    });
}

/// The rows that refer to any of these.
io::op<std::vector<entity_base>> items_of(session_core& session, session_parts& parts,
                                          const std::vector<object_state*>& owners, const class_descriptor& target,
                                          std::size_t inverse) {
    std::vector<key_value> keys;
    keys.reserve(owners.size());
    for (const auto* const owner : owners)
        keys.push_back(owner->key);
    auto wanted = select_by_reference(parts.engine->kind(), target, target.relations[inverse], keys);
    const auto rows = co_await parts.run_one(wanted.text, std::move(wanted.values));
    auto items = co_await materialise_many(session, parts, target, rows, false);
    std::erase_if(items, [inverse](const entity_base& item) {
        return !reference_at(*item.state(), inverse).is_set() || item.state()->status != object_status::persistent;
    });
    co_return std::move(items);
}

std::string load_of(const relation_base& relation) {
    return "the load of relation " + std::string(relation.description().name) + " of table " +
           std::string(relation.owner()->type->table);
}

} // namespace

io::op<void> load_collection(session_core& session, session_parts& parts, const collection_base& relation) {
    auto& touched = *relation.owner();
    const auto keep = entity_base::share(&touched);
    const auto index = relation.index();
    const auto& type = *touched.type;
    const auto& target = target_of(type.relations[index]);
    const auto inverse = static_cast<std::size_t>(inverse_of(type, index));
    const std::vector<const class_descriptor*> named{&target};
    const auto label = load_of(relation);
    co_await autoflush(session, parts, named, false, label);
    if (relation.loaded() && (touched.traps & object_state::trap_stale) == 0) co_return;

    auto owners = peers_of(
        touched, [index](object_state& peer) { return has_values(peer) && !collection_at(peer, index).loaded(); });
    auto all = co_await items_of(session, parts, owners, target, inverse);
    std::unordered_map<key_value, std::vector<entity_base>, key_hash> by_owner;
    for (const auto* const owner : owners)
        by_owner.try_emplace(owner->key);
    const auto is_spelled_otherwise = [&](const entity_base& item) {
        const auto& reference = reference_at(*item.state(), inverse);
        return !reference.target() && may_spell_otherwise(target, inverse) && is_clean(*item.state()) &&
               !by_owner.contains(reference.foreign_key());
    };
    if (owners.size() > 1 && std::ranges::any_of(all, is_spelled_otherwise)) { // whose it is the server knows
        owners = {&touched};
        all = co_await items_of(session, parts, owners, target, inverse);
    }
    for (auto& item : all) {
        if (is_spelled_otherwise(item)) set_otherwise_spelled(*item.state(), inverse, keep);
        by_owner[reference_at(*item.state(), inverse).foreign_key()].push_back(std::move(item));
    }
    for (auto* const owner : owners) {
        const auto found = by_owner.find(owner->key);
        auto items = found == by_owner.end() ? std::vector<entity_base>() : std::move(found->second);
        for (const auto& item : items) {
            const auto& reference = reference_at(*item.state(), inverse);
            auto key = reference.own_key().is_set() ? reference.own_key() : reference.foreign_key();
            reference.set(entity_base::share(owner), std::move(key));
            reference.set_linked(true);
        }
        fill_collection(*owner, collection_at(*owner, index), std::move(items), inverse, parts.tx.now());
    }
    parts.tx.note_read();
}

io::op<void> load_reference(session_core& session, session_parts& parts, const reference_base& relation) {
    if (!relation.is_set()) co_return;
    if (relation.target()) {
        auto& known = *relation.target().state();
        constexpr auto old = object_state::trap_read | object_state::trap_stale;
        if (known.session == &session && known.status == object_status::persistent && (known.traps & old) != 0)
            co_await read_again(session, parts, known);
        co_return;
    }
    auto& touched = *relation.owner();
    const auto keep = entity_base::share(&touched);
    const auto index = relation.index();
    const auto& target = target_of(touched.type->relations[index]);
    const auto resolve = [&parts, &target, index](object_state& owner) {
        const auto& reference = reference_at(owner, index);
        auto* const found = parts.map.find(target, reference.foreign_key());
        if (found == nullptr || found->status == object_status::deleted) return false;
        auto key = reference.foreign_key();
        reference.set(entity_base::share(found), std::move(key));
        return true;
    };
    if (resolve(touched)) co_return;

    const std::vector<const class_descriptor*> named{&target};
    const auto label = load_of(relation);
    co_await autoflush(session, parts, named, false, label);
    const auto owners = peers_of(touched, [&parts, &target, index](object_state& peer) {
        const auto& reference = reference_at(peer, index);
        return has_values(peer) && !reference.target() && reference.is_set() &&
               parts.map.find(target, reference.foreign_key()) == nullptr;
    });
    std::unordered_set<key_value, key_hash> unique;
    std::vector<key_value> keys;
    for (auto* const owner : owners) {
        const auto& key = reference_at(*owner, index).foreign_key();
        if (unique.insert(key).second) keys.push_back(key);
    }
    auto wanted = select_by_keys(parts.engine->kind(), target, keys);
    const auto rows = co_await parts.run_one(wanted.text, std::move(wanted.values));
    const auto found = materialise(session, parts, target, rows, false);
    for (auto* const owner : owners)
        static_cast<void>(resolve(*owner));
    if (!relation.target() && may_spell_otherwise(*touched.type, index)) {
        auto one = select_by_key(parts.engine->kind(), target, relation.foreign_key());
        const auto spelled_otherwise = co_await parts.run_one(one.text, std::move(one.values));
        auto only = materialise(session, parts, target, spelled_otherwise, false);
        if (only.size() == 1) set_otherwise_spelled(touched, index, std::move(only.front()));
    }
    if (!relation.target()) {
        throw no_result("relation " + std::string(relation.description().name) + " of table " +
                        std::string(touched.type->table) + " refers to " + std::string(target.table) + " " +
                        describe_key(target, relation.foreign_key()) + ", which is not there");
    }
}

} // namespace wharf::orm
