#include "postgres/reset.hpp"

#include <array>

namespace wharf::postgres {
namespace {

struct step {
    std::string_view sql;
    std::string reset_names::* name{nullptr}; // of those that are prepared
};

// The role first: what follows must not be refused for lack of rights. The settings next: a statement time-out that was
// left behind must not hit the rest.
constexpr std::array<step, 8> steps{{
    {"SET SESSION AUTHORIZATION DEFAULT"},
    {"RESET ALL"},
    {"CLOSE ALL"},
    {"UNLISTEN *"},
    {"SELECT pg_catalog.pg_advisory_unlock_all()", &reset_names::unlock},
    {"DISCARD TEMP"},
    {"DISCARD SEQUENCES"},
    {"SELECT 1/(pg_catalog.count(*) OPERATOR(pg_catalog.=) 0)::pg_catalog.int4 "
     "FROM pg_catalog.pg_prepared_statements WHERE from_sql",
     &reset_names::check},
}};

} // namespace

void write_reset(request_writer& writer, const reset_names& names, last_reset last) {
    if (last != last_reset::none) writer.close(names.guard);
    for (const step& each : steps) {
        if (each.name == nullptr) {
            writer.run_once(each.sql, request_writer::no_item, false);
            continue;
        }
        const std::string& name = names.*each.name;
        if (last == last_reset::failed) writer.close(name);
        if (last != last_reset::done) writer.parse(name, each.sql);
        writer.run_prepared(name);
    }
    writer.parse(names.guard, {});
    writer.sync(request_writer::no_item, false);
}

void write_unnamed_reset(request_writer& writer) {
    for (const step& each : steps)
        writer.run_once(each.sql, request_writer::no_item, false);
    writer.sync(request_writer::no_item, false);
}

} // namespace wharf::postgres
