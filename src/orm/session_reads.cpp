// Reading rows: queries, raw SQL, and the object of a key.
#include "orm/flush_plan.hpp"
#include "orm/materialise.hpp"
#include "orm/statements.hpp"
#include "wharf/orm/errors.hpp"

namespace wharf::orm {
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

} // namespace wharf::orm
