// Loading relations, when asked and on access.
#include "orm/loading.hpp"
#include "orm/mirror.hpp"
#include "wharf/io/blocking.hpp"
#include "wharf/orm/errors.hpp"

#include <string>

namespace wharf::orm {
namespace {

/// Whether the relation is of an object of this session, and not of a plain value.
bool is_ours(const relation_base& relation, const session_core& session) {
    if (relation.owner() == nullptr) return false;
    if (relation.owner()->session == &session) return true;
    throw detached("relation " + std::string(relation.description().name) + " of table " +
                   std::string(relation.owner()->type->table) +
                   " was to be loaded, but its object is not in this session");
}

} // namespace

io::op<void> session_core::load(const reference_base& relation) {
    const call_scope scope(*parts_);
    parts_->require_usable();
    if (!is_ours(relation, *this)) co_return;
    co_await load_reference(*this, *parts_, relation);
}

io::op<void> session_core::load(const collection_base& relation) {
    const call_scope scope(*parts_);
    parts_->require_usable();
    if (!is_ours(relation, *this)) co_return;
    const bool is_stale = (relation.owner()->traps & object_state::trap_stale) != 0;
    if (relation.loaded() && (!is_stale || relation.owner()->status != object_status::persistent)) co_return;
    co_await load_collection(*this, *parts_, relation);
}

namespace {

std::string not_loaded_message(const relation_base& relation) {
    return "relation " + std::string(relation.description().name) + " of table " +
           std::string(relation.owner()->type->table) +
           " is not loaded; in an async session, co_await session.load() it before reading it";
}

} // namespace

void session_core::access_relation(const reference_base& relation) {
    if (parts_->access == lazy_access::throws) {
        const brief_scope scope(*parts_);
        auto* const found = parts_->map.find(target_of(relation.description()), relation.foreign_key());
        if (found == nullptr) throw not_loaded(not_loaded_message(relation));
        auto key = relation.foreign_key();
        relation.set(entity_base::share(found), std::move(key));
        return;
    }
    if (relation.owner()->status != object_status::persistent && !relation.loaded()) return;
    io::run(load(relation), limits(call_options()));
}

void session_core::access_relation(const collection_base& relation) {
    if (parts_->access == lazy_access::throws) throw not_loaded(not_loaded_message(relation));
    io::run(load(relation), limits(call_options()));
}

} // namespace wharf::orm
