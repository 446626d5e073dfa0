#include "postgres/session_check.hpp"

#include "wharf/connection/batch.hpp"
#include "wharf/row/codecs.hpp"
#include "wharf/row/rows.hpp"

#include <span>

namespace wharf::postgres {
namespace {

io::op<bool> ask(connection& session, std::string_view question) {
    result answer;
    batch_item item;
    item.sql = question;
    item.rows = &answer;
    const std::span<batch_item> items(&item, 1);
    co_await session.run(items);
    throw_first_error(items);
    co_return rows<int>(answer).one() != 0;
}

io::op<bool> is_read_only(connection& session) {
    const std::string_view by_default = session.server().setting("default_transaction_read_only");
    const std::string_view in_recovery = session.server().setting("in_hot_standby");
    if (!by_default.empty() && !in_recovery.empty()) co_return by_default == "on" || in_recovery == "on";
    co_return co_await ask(session, "SELECT pg_catalog.current_setting('transaction_read_only')"
                                    "::pg_catalog.bool::pg_catalog.int4");
}

io::op<bool> is_standby(connection& session) {
    const std::string_view in_recovery = session.server().setting("in_hot_standby");
    if (!in_recovery.empty()) co_return in_recovery == "on";
    co_return co_await ask(session, "SELECT pg_catalog.pg_is_in_recovery()::pg_catalog.int4");
}

} // namespace

io::op<std::string_view> find_misfit(connection& session, session_target target) {
    std::string_view problem;
    if (target == session_target::read_write || target == session_target::read_only) {
        const bool read_only = co_await is_read_only(session);
        if (read_only && target == session_target::read_write) problem = "the session is read-only";
        if (!read_only && target == session_target::read_only) problem = "the session is not read-only";
    } else if (target != session_target::any) {
        const bool standby = co_await is_standby(session);
        if (standby && target == session_target::primary) problem = "the server is a standby";
        if (!standby && target != session_target::primary) problem = "the server is not a standby";
    }
    co_return problem;
}

} // namespace wharf::postgres
