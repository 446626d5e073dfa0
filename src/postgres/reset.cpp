#include "postgres/reset.hpp"

#include <array>

namespace wharf::postgres {
namespace {

// The role first: what follows must not be refused for lack of rights. The settings next: a statement time-out that was
// left behind must not hit the rest.
constexpr std::array<std::string_view, 8> steps{
    "SET SESSION AUTHORIZATION DEFAULT",
    "RESET ALL",
    "CLOSE ALL",
    "UNLISTEN *",
    "SELECT pg_catalog.pg_advisory_unlock_all()",
    "DISCARD TEMP",
    "DISCARD SEQUENCES",
    "SELECT 1/(pg_catalog.count(*) OPERATOR(pg_catalog.=) 0)::pg_catalog.int4 "
    "FROM pg_catalog.pg_prepared_statements WHERE from_sql",
};

} // namespace

void write_reset(request_writer& writer) {
    writer.close(reset_guard);
    for (const std::string_view step : steps)
        writer.run_once(step, request_writer::no_item, false);
    writer.parse(reset_guard, {});
    writer.sync(request_writer::no_item, false);
}

} // namespace wharf::postgres
