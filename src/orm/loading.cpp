// Loading relations: of the object that was touched and of those that were loaded together with it, at most 500 at a
// time, in load order from the one touched.
#include "orm/loading.hpp"

#include "orm/mirror.hpp"
#include "orm/statements.hpp"
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

} // namespace

io::op<void> load_collection(session_core& session, session_parts& parts, const collection_base& relation) {
    auto& touched = *relation.owner();
    const auto keep = entity_base::share(&touched);
    const auto index = relation.index();
    const auto& type = *touched.type;
    const auto& target = target_of(type.relations[index]);
    const auto inverse = static_cast<std::size_t>(inverse_of(type, index));
    const std::vector<const class_descriptor*> named{&target};
    co_await autoflush(session, parts, named, false);
    if (relation.loaded() && (touched.traps & object_state::trap_stale) == 0) co_return;

    const auto owners = peers_of(touched, [index](object_state& peer) {
        return has_values(peer) && !collection_at(peer, index).loaded();
    });
    std::vector<key_value> keys;
    keys.reserve(owners.size());
    for (const auto* const owner : owners)
        keys.push_back(owner->key);
    auto wanted = select_by_reference(parts.engine->kind(), target, target.relations[inverse], keys);
    const auto rows = co_await parts.run_one(wanted.text, std::move(wanted.values));

    std::unordered_map<key_value, std::vector<entity_base>, key_hash> by_owner;
    for (auto& item : materialise(session, parts, target, rows, false)) {
        const auto& reference = reference_at(*item.state(), inverse);
        if (!reference.is_set() || item.state()->status != object_status::persistent) continue;
        by_owner[reference.foreign_key()].push_back(std::move(item));
    }
    for (auto* const owner : owners) {
        const auto found = by_owner.find(owner->key);
        auto items = found == by_owner.end() ? std::vector<entity_base>() : std::move(found->second);
        for (const auto& item : items) {
            const auto& reference = reference_at(*item.state(), inverse);
            auto key = reference.foreign_key();
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
    co_await autoflush(session, parts, named, false);
    const auto owners = peers_of(touched, [&parts, &target, index](object_state& peer) {
        const auto& reference = reference_at(peer, index);
        return has_values(peer) && !reference.target() && reference.is_set() && parts.map.find(target, reference.foreign_key()) == nullptr;
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
    if (!relation.target()) {
        throw no_result("relation " + std::string(relation.description().name) + " of table " +
                        std::string(touched.type->table) + " refers to " + std::string(target.table) + " " +
                        describe_key(target, relation.foreign_key()) + ", which is not there");
    }
}

} // namespace wharf::orm
