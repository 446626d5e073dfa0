// Making and dropping the tables of mapped classes.
//
//   wharf::create_tables<User, Profile>(engine);          blocking
//   co_await wharf::create_tables<User, Profile>(engine); async
//
// What is there already stays as it is: this is for new databases and for tests, not for changing a schema.
#pragma once

#include "wharf/orm/describe.hpp"
#include "wharf/pool/connection.hpp"
#include "wharf/pool/pool.hpp"
#include "wharf/schema/statements.hpp"

#include <utility>
#include <vector>

namespace wharf {

namespace schema {

using class_list = std::vector<const orm::class_descriptor*>;

using statement_source = std::vector<std::string> (*)(std::span<const orm::class_descriptor* const>, backend);

/// Runs DDL in a transaction: that of the connection if one is open, else one of its own.
[[nodiscard]] io::op<void> run_ddl(lease_use on, class_list classes, statement_source make);
/// On a connection of the pool.
[[nodiscard]] io::op<void> run_ddl(io::op<lease> acquiring, class_list classes, statement_source make);

/// An engine, whatever its mode.
template <class Engine>
concept has_pool = requires(Engine& engine) { engine.pool().core(); };

template <class Mode>
auto run_ddl_in(basic_pool<Mode>& connections, class_list classes, statement_source make, const call_options& options) {
    auto& core = connections.core();
    return Mode::run(core.context(), run_ddl(core.acquire(), std::move(classes), make), options);
}

} // namespace schema

/// The tables of these classes with keys, constraints and indexes, in one transaction; see create_table_statements().
/// Several processes may do it at the same time. Throws the server's error, and configuration_error where something
/// that was there before has the name of an index; after either nothing has been made.
template <class... T, class Mode>
    requires(sizeof...(T) > 0)
auto create_tables(basic_pool<Mode>& in, const call_options& options = {}) {
    return schema::run_ddl_in(in, {&describe<T>()...}, &create_table_statements, options);
}

/// The same through an engine's pool.
template <class... T, schema::has_pool Engine>
    requires(sizeof...(T) > 0)
auto create_tables(Engine& in, const call_options& options = {}) {
    return schema::run_ddl_in(in.pool(), {&describe<T>()...}, &create_table_statements, options);
}

/// Drops the tables of these classes with all they hold, in one transaction; see drop_table_statements().
template <class... T, class Mode>
    requires(sizeof...(T) > 0)
auto drop_tables(basic_pool<Mode>& in, const call_options& options = {}) {
    return schema::run_ddl_in(in, {&describe<T>()...}, &drop_table_statements, options);
}
template <class... T, schema::has_pool Engine>
    requires(sizeof...(T) > 0)
auto drop_tables(Engine& in, const call_options& options = {}) {
    return schema::run_ddl_in(in.pool(), {&describe<T>()...}, &drop_table_statements, options);
}

} // namespace wharf
