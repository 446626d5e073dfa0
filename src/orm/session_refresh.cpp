// Reading again what the session has: refresh, expire, and access to what is expired.
#include "orm/flush_plan.hpp"
#include "orm/materialise.hpp"
#include "orm/statements.hpp"
#include "wharf/io/blocking.hpp"
#include "wharf/orm/errors.hpp"

#include <algorithm>
#include <map>
#include <unordered_set>

namespace wharf::orm {
namespace {

constexpr std::size_t refreshed_at_once = 500;

object_state& require_row(object_state& object, const session_core& session) {
    if (object.session == &session && object.status == object_status::persistent) return object;
    throw usage_error("refresh() was given an object of table " + std::string(object.type->table) +
                      " that has no row in this session");
}

void unload_collections(object_state& object) {
    for (std::size_t i = 0; i < object.type->relations.size(); ++i)
        if (object.type->relations[i].kind == relation_kind::has_many) collection_at(object, i).unload();
}

io::op<void> refresh_rows(session_core& session, session_parts& parts, const class_descriptor& type,
                          std::span<object_state* const> objects) {
    std::vector<key_value> keys;
    keys.reserve(objects.size());
    for (const auto* const object : objects)
        keys.push_back(object->key);
    auto wanted = select_by_keys(session.kind(), type, keys);
    const auto rows = co_await parts.run_one(wanted.text, std::move(wanted.values));
    const auto found = materialise(session, parts, type, rows, true);
    std::unordered_set<const object_state*> there;
    for (const auto& object : found)
        there.insert(object.state());
    for (auto* const object : objects) {
        if (!there.contains(object)) throw_row_is_gone(*object);
        unload_collections(*object);
    }
}

} // namespace

io::op<void> session_core::refresh(entity_base handle, get_options options) {
    const call_scope scope(*parts_);
    parts_->require_usable();
    auto& object = require_row(*handle.state(), *this);
    if (options.lock != lock::none && options.lock != lock::share) parts_->expect_writes();
    auto wanted = select_by_key(kind(), *object.type, object.key, options.lock);
    const auto rows = co_await parts_->run_one(wanted.text, std::move(wanted.values));
    if (rows.empty()) throw_row_is_gone(object);
    static_cast<void>(materialise(*this, *parts_, *object.type, rows, true));
    unload_collections(object);
}

io::op<void> session_core::refresh(std::vector<entity_base> objects) {
    const call_scope scope(*parts_);
    parts_->require_usable();
    std::map<const class_descriptor*, std::vector<object_state*>> by_class;
    for (const auto& object : objects)
        by_class[object.state()->type].push_back(&require_row(*object.state(), *this));
    for (const auto& [type, members] : by_class) {
        for (std::size_t first = 0; first < members.size(); first += refreshed_at_once) {
            const auto chunk = std::span(members).subspan(first, std::min(refreshed_at_once, members.size() - first));
            co_await refresh_rows(*this, *parts_, *type, chunk);
        }
    }
}

namespace {

void expire_now(session_parts& parts, object_state& object) {
    if (object.session != &parts.session || object.status != object_status::persistent) {
        throw usage_error("expire() was given an object of table " + std::string(object.type->table) +
                          " that has no row in this session");
    }
    if (!is_clean(object)) {
        parts.tx.remember(object);
        restore_object(object, object.watch->baseline);
    }
    object.traps &= static_cast<std::uint8_t>(~object_state::trap_strict); // also when a strict transaction has ended
    object.traps |= object_state::trap_read;
}

} // namespace

void session_core::expire(object_state& object) {
    const brief_scope scope(*parts_);
    expire_now(*parts_, object);
}

void session_core::expire_all() {
    const brief_scope scope(*parts_);
    std::vector<entity_base> all;
    all.reserve(parts_->map.size());
    parts_->map.for_each([&](object_state& object) { all.push_back(entity_base::share(&object)); });
    for (const auto& object : all)
        expire_now(*parts_, *object.state());
}

void session_core::access_expired(object_state& object) {
    if (parts_->access == lazy_access::throws) {
        const auto row =
            "row " + describe_key(*object.type, object.key) + " of table " + std::string(object.type->table);
        if ((object.traps & object_state::trap_read) != 0) {
            throw expired(row + " is not known or was expired; co_await session.refresh() it before reading it");
        }
        throw expired(row + " was read by a transaction that is over, so it cannot be changed: co_await "
                            "session.refresh() it first. To read what it holds, use handle.read()->member or a const "
                            "handle: -> of another handle counts as a change");
    }
    io::run(reread(object), limits(call_options()));
}

io::op<void> session_core::reread(object_state& object) {
    const call_scope scope(*parts_);
    parts_->require_usable();
    co_await read_again(*this, *parts_, object);
}

} // namespace wharf::orm
