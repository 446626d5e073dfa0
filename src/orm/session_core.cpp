// The session's queries and objects. Transactions are in session_transactions.cpp, adding and removing in
// membership.cpp.
#include "wharf/orm/session_core.hpp"

#include "orm/flush_plan.hpp"
#include "orm/loading.hpp"
#include "orm/materialise.hpp"
#include "orm/mirror.hpp"
#include "orm/statements.hpp"
#include "wharf/io/blocking.hpp"
#include "wharf/orm/errors.hpp"

#include <algorithm>
#include <map>
#include <unordered_set>

namespace wharf::orm {

session_core::session_core(std::shared_ptr<engine_core> engine, const session_options& options, lazy_access access)
    : parts_(std::make_unique<session_parts>(*this, std::move(engine), options, access)) {}

session_core::~session_core() {
    end();
}

void throw_moved_from() {
    throw usage_error("this session, or this scope of its transaction, was moved from; use what it was moved to");
}

backend session_core::kind() const noexcept {
    return parts_->engine->kind();
}

io::background& session_core::context() const {
    return parts_->engine->pool().context();
}

call_options session_core::limits(const call_options& asked) const {
    return limits(asked, nullptr);
}

call_options session_core::limits(const call_options& asked, const joined_stop* joined) const {
    auto deadline = asked.deadline();
    if (deadline == never && parts_->options.timeout.count() != 0) {
        deadline = deadline_after(clock::now(), parts_->options.timeout);
    }
    auto stop = asked.stop();
    if (joined != nullptr) {
        stop = joined->token();
    } else if (!stop.stop_possible()) {
        stop = parts_->stop.get_token();
    }
    call_options limits(deadline, std::move(stop));
    if (asked.cancellation()) limits.when_given_up(*asked.cancellation());
    return limits;
}

std::shared_ptr<joined_stop> session_core::join(const std::stop_token& asked) const {
    if (!asked.stop_possible()) return nullptr;
    return std::make_shared<joined_stop>(asked, parts_->stop.get_token());
}

namespace {

[[noreturn]] void refuse_locking(const class_descriptor& type, const key_value& key) {
    throw usage_error("row " + describe_key(type, key) + " of table " + std::string(type.table) +
                      " was to be locked, but its object has changes that a fresh read would lose; flush first");
}

/// Before rows that were locked are taken.
void refuse_changed(const session_parts& parts, const class_descriptor& type, const result& rows) {
    if (parts.watched.empty()) return;
    std::vector<cell_view> cells;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        read_cells(rows[i], cells);
        auto* const known = parts.map.find(type, key_in(type, cells));
        if (known != nullptr && (known->removal || is_changed(*known))) refuse_locking(type, known->key);
    }
}

} // namespace

io::op<std::vector<entity_base>> session_core::select(const class_descriptor& type, std::string sql, parameters values,
                                                      select_options options) {
    const call_scope scope(*parts_);
    parts_->require_usable();
    const std::vector<const class_descriptor*> named{&type};
    if (options.locks) parts_->expect_writes();
    if (options.autoflush) co_await autoflush(*this, *parts_, named, false, sql);
    const auto rows = co_await parts_->run_one(sql, std::move(values));
    if (options.keeps_changes) refuse_changed(*parts_, type, rows);
    auto found = co_await materialise_many(*this, *parts_, type, rows, options.populate_existing);
    co_return std::move(found);
}

io::op<result> session_core::fetch(std::string sql, parameters values, std::vector<const class_descriptor*> tables) {
    const call_scope scope(*parts_);
    parts_->require_usable();
    co_await autoflush(*this, *parts_, tables, false, sql);
    auto rows = co_await parts_->run_one(sql, std::move(values));
    co_return std::move(rows);
}

io::op<result> session_core::execute(std::string sql, parameters values) {
    const call_scope scope(*parts_);
    parts_->require_usable();
    co_await autoflush(*this, *parts_, std::span<const class_descriptor* const>(), true, sql);
    parts_->note_raw_sql(sql);
    auto rows = co_await parts_->run_one(sql, std::move(values));
    co_return std::move(rows);
}

io::op<entity_base> session_core::get(const class_descriptor& type, key_value key, get_options options) {
    const call_scope scope(*parts_);
    parts_->require_usable();
    parts_->prepare_for_reads();
    const auto known = entity_base::share(parts_->map.find(type, key));
    constexpr auto old = object_state::trap_read | object_state::trap_stale;
    const bool is_expired = known && (known.state()->traps & old) != 0;
    const bool overwrites = options.lock != lock::none || options.populate_existing;
    if (known && !is_expired && !overwrites) co_return known;
    if (known && options.lock != lock::none && is_changed(*known.state())) {
        refuse_locking(type, key);
    }
    if (options.lock != lock::none && options.lock != lock::share) parts_->expect_writes();
    const std::vector<const class_descriptor*> named{&type};
    auto wanted = select_by_key(kind(), type, key, options.lock);
    co_await autoflush(*this, *parts_, named, false, wanted.text);
    const auto rows = co_await parts_->run_one(wanted.text, std::move(wanted.values));
    auto objects = materialise(*this, *parts_, type, rows, overwrites);
    if (!objects.empty()) co_return std::move(objects.front());
    if (known && known.state()->session == this && known.state()->status == object_status::persistent) {
        if (parts_->tx.has_written()) parts_->tx.remember(*known.state());
        make_gone(*parts_, *known.state());
    }
    co_return entity_base();
}

entity_base session_core::reference(const class_descriptor& type, const key_value& key) {
    const brief_scope scope(*parts_);
    if (auto* const known = parts_->map.find(type, key)) return entity_base::share(known);
    auto made = entity_base::adopt(make_object(type));
    auto& object = *made.state();
    object.key = key;
    write_key(object);
    object.status = object_status::persistent;
    object.traps = object_state::trap_read | object_state::trap_write;
    object.session = this;
    parts_->map.insert(object);
    return made;
}

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

void session_core::release_unused() {
    const brief_scope scope(*parts_);
    std::vector<object_state*> unused;
    parts_->map.for_each([&](object_state& object) {
        if (object.references.load(std::memory_order_acquire) != 1 || object.removal || !is_clean(object)) return;
        unused.push_back(&object);
    });
    for (auto* const object : unused) {
        const auto last = parts_->map.erase(*object);
        make_detached(*parts_, *object);
    }
}

bool session_core::is_modified() const {
    const brief_scope scope(*parts_);
    return has_changes(*parts_, {}, true);
}

bool session_core::is_modified(object_state& object) const {
    const brief_scope scope(*parts_);
    if (object.session != this || object.status == object_status::deleted) return false;
    return object.status == object_status::pending || object.removal || is_changed(object);
}

std::vector<entity_base> session_core::new_objects() const {
    const brief_scope scope(*parts_);
    parts_->added.sort();
    return parts_->added.items();
}

std::vector<entity_base> session_core::dirty_objects() const {
    const brief_scope scope(*parts_);
    std::vector<entity_base> changed;
    for (auto* const object : parts_->watched)
        if (!object->removal && is_changed(*object)) changed.push_back(entity_base::share(object));
    return changed;
}

std::vector<entity_base> session_core::deleted_objects() const {
    const brief_scope scope(*parts_);
    return parts_->removed.items();
}

std::size_t session_core::object_count() const {
    const brief_scope scope(*parts_);
    return parts_->map.size();
}

std::size_t session_core::watched_count() const {
    const brief_scope scope(*parts_);
    return parts_->watched.size();
}

void session_core::set_timeout(std::chrono::milliseconds timeout) {
    const brief_scope scope(*parts_);
    parts_->options.timeout = timeout;
}

void session_core::set_autoflush(bool on) {
    const brief_scope scope(*parts_);
    parts_->options.autoflush = on;
}

object_state* session_core::find(const class_descriptor& type, const key_value& key) const noexcept {
    return parts_->map.find(type, key);
}

void session_core::watch(object_state& object) {
    const brief_scope scope(*parts_);
    start_watching(*parts_, object);
}

void session_core::before_change(object_state& object) {
    parts_->tx.remember(object);
}

void session_core::before_change(const collection_base& collection) {
    parts_->tx.remember(collection);
}

bool session_core::answers(std::uint64_t read_at) const noexcept {
    return !parts_->tx.strict || parts_->tx.is_own(read_at);
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
