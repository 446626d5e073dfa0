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

constexpr std::size_t chunk = 500;

/// The object and its peers for which `wanted` says so.
template <class Wanted>
std::vector<object_state*> peers_of(object_state& touched, Wanted wanted) {
    std::vector<object_state*> found{&touched};
    if (touched.group == nullptr) return found;
    const auto& members = touched.group->members;
    for (std::size_t step = 1; step < members.size() && found.size() < chunk; ++step) {
        auto* const peer = members[(touched.group_index + step) % members.size()];
        if (peer != nullptr && peer->status == object_status::persistent &&
            (peer->traps & object_state::trap_read) == 0 && wanted(*peer)) {
            found.push_back(peer);
        }
    }
    return found;
}

struct key_hash {
    std::size_t operator()(const key_value& key) const noexcept { return key.hash(); }
};

void fill_collection(object_state& owner, const collection_base& collection, std::vector<entity_base> rows,
                     std::size_t inverse) {
    auto queued = std::exchange(collection.known(), std::move(rows));
    collection.set_loaded(true);
    for (auto& item : queued) {
        const auto& reference = reference_at(*item.state(), inverse);
        const bool already = std::any_of(collection.known().begin(), collection.known().end(),
                                         [&](const entity_base& known) { return known.state() == item.state(); });
        if (!already && reference.foreign_key() == owner.key) collection.known().push_back(std::move(item));
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
    if (relation.loaded()) co_return;

    const auto owners =
        peers_of(touched, [index](object_state& peer) { return !collection_at(peer, index).was_loaded(); });
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
        fill_collection(*owner, collection_at(*owner, index), std::move(items), inverse);
    }
}

io::op<void> load_reference(session_core& session, session_parts& parts, const reference_base& relation) {
    if (relation.target() || !relation.is_set()) co_return;
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
        return !reference.target() && reference.is_set() && parts.map.find(target, reference.foreign_key()) == nullptr;
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
