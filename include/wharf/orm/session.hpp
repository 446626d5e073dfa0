// The session: one unit of work.
//
//   wharf::session session{engine};
//   auto user = session.add(User{.name = "John"});        tracked, not yet in the database
//   session.add(Profile{.user = user, .bio = "..."});
//   session.commit();                                     both, in one transaction
//   user->name = "Johnny";
//   session.commit();                                     UPDATE of one column
//
// It borrows one connection with the first statement and returns it at commit, rollback, close or destruction. One row
// is one object. It owns what it has handed out until close() or expunge().
// In an async session what may wait is awaited; a relation is loaded by co_await session.load(user->profiles).
#pragma once

#include "wharf/base/database_error.hpp"
#include "wharf/orm/belongs_to.hpp"
#include "wharf/orm/bound_value.hpp"
#include "wharf/orm/describe.hpp"
#include "wharf/orm/engine.hpp"
#include "wharf/orm/errors.hpp"
#include "wharf/orm/has_many.hpp"
#include "wharf/orm/query.hpp"
#include "wharf/orm/run_as.hpp"
#include "wharf/orm/session_transaction.hpp"
#include "wharf/pool/statements.hpp"
#include "wharf/pool/stream.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace wharf {

namespace orm {

using finder = io::op<entity_base> (*)(session_core& session, const class_descriptor& type, key_value key,
                                       get_options options);
[[nodiscard]] io::op<entity_base> get_or_none(session_core& session, const class_descriptor& type, key_value key,
                                              get_options options);
/// Throws no_result.
[[nodiscard]] io::op<entity_base> get_one(session_core& session, const class_descriptor& type, key_value key,
                                          get_options options);
[[nodiscard]] io::op<affected> execute_sql(session_core& session, std::string sql, parameters values);

namespace detail {
template <class... T>
[[nodiscard]] io::op<rows<T...>> query_sql(session_core& session, std::string sql, parameters values) {
    const auto found = co_await session.execute(std::move(sql), std::move(values));
    wharf::detail::rows_reading<T...> reading(found);
    while (reading.read(io::rows_between_yields))
        co_await io::give_turn();
    co_return reading.take();
}
template <class Relation>
[[nodiscard]] io::op<std::reference_wrapper<Relation>> load_items(session_core& session, Relation& relation) {
    static_cast<void>(describe<typename Relation::value_type::element_type>());
    co_await session.load(static_cast<const collection_base&>(relation));
    co_return std::ref(relation);
}
template <class Handle>
[[nodiscard]] io::op<Handle> load_target(session_core& session, const reference_base& relation) {
    static_cast<void>(describe<std::remove_const_t<typename Handle::element_type>>());
    co_await session.load(relation);
    co_return Handle(entity_base(relation.target()));
}
} // namespace detail
} // namespace orm

/// Used by one thread or coroutine at a time; a second call at once throws concurrent_use. The engine outlives it:
/// where it does not, calls throw usage_error.
template <class Mode>
class basic_session {
public:
    template <class T>
    using result = typename Mode::template result<T>;
    using transaction = basic_session_transaction<Mode>;

    explicit basic_session(basic_engine<Mode>& from, const session_options& options = {})
        : core_(std::make_shared<orm::session_core>(from.core(), options, access)) {}
    /// What is moved from throws usage_error.
    basic_session(basic_session&&) noexcept = default;
    basic_session& operator=(basic_session&& other) noexcept {
        if (this == &other) return *this;
        end();
        core_ = std::move(other.core_);
        return *this;
    }
    /// As close(), for good: of an async session a call that waits ends with `cancelled`.
    ~basic_session() { end(); }

    // ---- objects

    /// Takes a new object over and returns its handle: pending, with what it refers to, until the next flush.
    template <class T>
        requires(!std::is_lvalue_reference_v<T> && !orm::is_entity<std::remove_cv_t<T>>)
    entity<T> add(T&& object) {
        return entity<T>(core().add(describe<T>(), __builtin_addressof(object), &orm::detail::move_construct<T>));
    }
    template <class T>
        requires(!orm::is_entity<std::remove_cv_t<T>>)
    void add(T& /*object*/) {
        static_assert(sizeof(T) == 0, "wharf: add() takes the object over: write auto user = session.add(User{...}), "
                                      "or add(std::move(user)), and use the handle it returns");
    }
    template <class T>
    entity<T> add(entity<T> object) {
        core().add(require(object));
        return object;
    }
    template <class... T>
    std::tuple<entity<std::remove_cvref_t<T>>...> add_all(T&&... objects) {
        return {add(std::forward<T>(objects))...};
    }
    template <class T>
    std::vector<entity<T>> add_range(std::vector<T> objects) {
        std::vector<entity<T>> handles;
        handles.reserve(objects.size());
        for (auto& object : objects)
            handles.push_back(add(std::move(object)));
        return handles;
    }

    /// The next flush deletes its row. A pending object just leaves.
    template <class T>
    void remove(const entity<T>& object) {
        core().remove(require(object));
    }
    /// Lets go of the object; a row that it has stays as it is.
    template <class T>
    void expunge(const entity<T>& object) {
        core().expunge(require(object));
    }

    /// The object with this key; an empty handle when there is no such row.
    template <class T>
    [[nodiscard]] result<entity<T>> get(const key_of<T>& key, get_options options = {}, const call_options& call = {}) {
        return to_handle<T>(find(&orm::get_or_none, describe<T>(), key, options, call), call);
    }
    /// The same; throws no_result when there is no such row.
    template <class T>
    [[nodiscard]] result<entity<T>> get_one(const key_of<T>& key, get_options options = {},
                                            const call_options& call = {}) {
        return to_handle<T>(find(&orm::get_one, describe<T>(), key, options, call), call);
    }
    /// The object with this key, without SQL: its row is read when it is needed.
    template <class T>
    [[nodiscard]] entity<T> reference(const key_of<T>& key) {
        const auto& type = describe<T>();
        return entity<T>(core().reference(type, orm::make_typed_key(type, key)));
    }
    template <class T>
    [[nodiscard]] basic_query<Mode, entity<T>> select() {
        return basic_query<Mode, entity<T>>(core());
    }

    /// Reads the row again; changes that were not flushed are lost, collections load again. Throws no_result.
    template <class T>
    result<void> refresh(const entity<T>& object, get_options options = {}, const call_options& call = {}) {
        static_cast<void>(require(object));
        return run(core().refresh(object, options), call);
    }
    /// The same for many: one statement for each class and 500 rows.
    template <class T>
    result<void> refresh(const std::vector<entity<T>>& objects, const call_options& call = {}) {
        std::vector<orm::entity_base> rows;
        rows.reserve(objects.size());
        for (const auto& object : objects)
            rows.push_back(orm::entity_base::share(&require(object)));
        return run(core().refresh(std::move(rows)), call);
    }
    /// After the rollback that follows a stale_data: reads one of its objects again and, with keep_mine, does once more
    /// what the unit of work had done to this object, for the next flush. Other objects stay as the rollback has put
    /// them back. Throws no_result where the row is gone.
    template <class T>
    result<void> resolve(const entity<T>& object, resolution how, const call_options& call = {}) {
        static_cast<void>(require(object));
        return run(core().resolve(object, how), call);
    }
    /// Adds to a column in the database, at once: `SET n = n + $1`, which no other session can get in the way of. The
    /// member takes the sum. For counters: session.increment(page, &Page::visits, 1). Changes of the object are flushed
    /// first. Throws conversion_error for a sum that the member cannot hold; the transaction has failed then.
    template <class T, class Number, class By>
    result<void> increment(const entity<T>& object, Number T::* member, const By& by, const call_options& call = {}) {
        static_assert((std::is_arithmetic_v<Number> && !std::is_same_v<Number, bool>) ||
                          std::is_same_v<Number, decimal>,
                      "wharf: increment() adds to a number that is never null");
        auto& state = require(object);
        auto& held = static_cast<T*>(state.object())->*member;
        const auto offset =
            reinterpret_cast<const char*>(__builtin_addressof(held)) - static_cast<const char*>(state.object());
        parameters added;
        orm::encode_as<Number>(by, added);
        return run(core().increment(object, static_cast<std::size_t>(offset), std::move(added)), call);
    }
    template <class T>
    void expire(const entity<T>& object) {
        core().expire(require(object));
    }
    void expire_all() { core().expire_all(); }
    void release_unused() { core().release_unused(); }

    /// Loads what a relation refers to, for the object and those that were loaded with it; const in, const out.
    template <class T>
    result<entity<typename belongs_to<T>::target_type>> load(belongs_to<T>& relation, const call_options& call = {}) {
        using handle = entity<typename belongs_to<T>::target_type>;
        return run(orm::detail::load_target<handle>(core(), relation), call);
    }
    template <class T>
    result<entity<const typename belongs_to<T>::target_type>> load(const belongs_to<T>& relation,
                                                                   const call_options& call = {}) {
        using handle = entity<const typename belongs_to<T>::target_type>;
        return run(orm::detail::load_target<handle>(core(), relation), call);
    }
    template <class T>
    result<std::reference_wrapper<has_many<T>>> load(has_many<T>& relation, const call_options& call = {}) {
        return run(orm::detail::load_items(core(), relation), call);
    }
    template <class T>
    result<std::reference_wrapper<const has_many<T>>> load(const has_many<T>& relation, const call_options& call = {}) {
        return run(orm::detail::load_items(core(), relation), call);
    }

    // ---- SQL; all changes are flushed first

    /// Runs a statement whose rows, if any, are not wanted. call_options may follow the arguments.
    template <class... Arguments>
    result<affected> execute(statement_for<Arguments...> sql, const Arguments&... arguments) {
        auto call = wharf::detail::encode_call(arguments...);
        return run(orm::execute_sql(core(), std::string(sql.text()), std::move(call.values)), call.options);
    }
    /// One type gives that type, several give tuples, a plain struct is matched by the names of its members.
    template <class... T, class... Arguments>
        requires(sizeof...(T) > 0)
    [[nodiscard]] result<rows<T...>> query_sql(statement_for<Arguments...> sql, const Arguments&... arguments) {
        auto call = wharf::detail::encode_call(arguments...);
        return run(orm::detail::query_sql<T...>(core(), std::string(sql.text()), std::move(call.values)), call.options);
    }

    /// The same for rows that are taken as they come: see basic_connection::stream. From the first read to the end of
    /// the stream the session does nothing else (concurrent_use).
    template <class... T, class... Arguments>
        requires(sizeof...(T) > 0)
    basic_row_stream<Mode, T...> stream_sql(statement_for<Arguments...> sql, const Arguments&... arguments) {
        auto call = wharf::detail::encode_stream_call(arguments...);
        return {core().context(), core().stream(std::string(sql.text()), std::move(call.values), call.stream),
                call.options};
    }

    // ---- transactions

    /// Writes all changes; the transaction stays open. When it fails it is rolled back; the objects stay as they are,
    /// and what follows throws transaction_failed until rollback().
    result<void> flush(const call_options& call = {}) { return run(core().flush(), call); }
    result<void> commit(const call_options& call = {}) { return run(core().commit(), call); }
    /// Undoes the transaction in the database and in the objects: pending ones become transient, changed ones get their
    /// values back.
    result<void> rollback(const call_options& call = {}) { return run(core().rollback(), call); }
    /// Opens a transaction; it is rolled back unless committed. No I/O: never awaited. One that is open since a query,
    /// and has only read, ends first.
    transaction begin(const transaction_options& options = {}) { return transaction(core(), core().begin(options)); }
    /// Opens a level within it, the same way.
    transaction savepoint() { return transaction(core(), core().savepoint()); }
    /// Calls `work` with the session, or without arguments, inside a transaction: committed when it returns, rolled
    /// back when it throws. In an async session `work` is a coroutine.
    template <class Work>
    auto transact(Work&& work) {
        return transact_in(Mode{}, *this, std::forward<Work>(work));
    }
    [[nodiscard]] bool in_transaction() const { return core().in_transaction(); }
    /// Rolls back, returns the connection, lets go of all objects. Does not wait. The session may be used again. In an
    /// async session a call that waits ends with `cancelled`, and the session is closed when it has; a blocking one
    /// that another thread is in throws concurrent_use.
    void close() { core().close(); }

    // ---- state

    [[nodiscard]] bool is_modified() const { return core().is_modified(); }
    template <class T>
    [[nodiscard]] bool is_modified(const entity<T>& object) const {
        return core().is_modified(require(object));
    }
    template <class T>
    [[nodiscard]] bool contains(const entity<T>& object) const {
        return core().contains(require(object));
    }
    [[nodiscard]] std::vector<orm::entity_base> new_objects() const { return core().new_objects(); }
    [[nodiscard]] std::vector<orm::entity_base> dirty_objects() const { return core().dirty_objects(); }
    [[nodiscard]] std::vector<orm::entity_base> deleted_objects() const { return core().deleted_objects(); }
    [[nodiscard]] std::size_t object_count() const { return core().object_count(); }
    /// Objects that a flush compares.
    [[nodiscard]] std::size_t watched_count() const { return core().watched_count(); }
    /// For every call from now on, waiting for a connection included; 0: no limit.
    void set_timeout(std::chrono::milliseconds timeout) { core().set_timeout(timeout); }
    void set_autoflush(bool on) { core().set_autoflush(on); }
    [[nodiscard]] orm::session_core& core() const {
        if (core_ == nullptr) orm::throw_moved_from();
        return *core_;
    }

private:
    static constexpr auto access =
        std::is_same_v<result<int>, int> ? orm::lazy_access::loads : orm::lazy_access::throws;

    void end() noexcept {
        if (core_ != nullptr) core_->end();
    }
    template <class T>
    result<T> run(io::op<T> work, const call_options& asked) {
        return orm::run_for<Mode>(core(), std::move(work), asked);
    }
    static orm::object_state& require(const orm::entity_base& object) {
        if (!object) orm::throw_null_entity();
        return *object.state();
    }
    /// Finds an object by its key. In a blocking session it is what this returns, so that little is compiled for each
    /// class; else the op that finds it.
    template <class Key>
    auto find(orm::finder how, const orm::class_descriptor& type, const Key& key, get_options options,
              const call_options& call) {
        auto work = how(core(), type, orm::make_typed_key(type, key), options);
        if constexpr (access == orm::lazy_access::loads)
            return run(std::move(work), call);
        else
            return work;
    }
    template <class T>
    static entity<T> to_handle(orm::entity_base&& found, const call_options& /*call*/) {
        return entity<T>(static_cast<orm::entity_base&&>(found));
    }
    template <class T>
    result<entity<T>> to_handle(io::op<orm::entity_base>&& work, const call_options& call) {
        return orm::run_as<Mode>(
            core(), std::move(work), call, +[](orm::entity_base&& object) { return entity<T>(std::move(object)); });
    }

    std::shared_ptr<orm::session_core> core_; // shared with the calls that wait; null: moved from
};

using session = basic_session<blocking>;
using session_transaction = basic_session_transaction<blocking>;

namespace orm {
/// Calls work(session), or work().
template <class Session, class Work>
decltype(auto) call_work(Session& session, Work&& work) {
    if constexpr (std::is_invocable_v<Work, Session&>) {
        return std::forward<Work>(work)(session);
    } else {
        return std::forward<Work>(work)();
    }
}
} // namespace orm

template <class Work>
auto transact_in(blocking /*mode*/, session& in, Work&& work) {
    auto scope = in.begin();
    if constexpr (std::is_void_v<decltype(orm::call_work(in, work))>) {
        orm::call_work(in, work);
        scope.commit();
    } else {
        auto made = orm::call_work(in, work);
        scope.commit();
        return made;
    }
}

} // namespace wharf
