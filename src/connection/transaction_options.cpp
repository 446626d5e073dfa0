#include "wharf/connection/transaction_options.hpp"

namespace wharf {
namespace {

constexpr std::string_view clause(isolation level) noexcept {
    switch (level) {
    case isolation::server_default:
        return "";
    case isolation::read_committed:
        return " ISOLATION LEVEL READ COMMITTED";
    case isolation::repeatable_read:
        return " ISOLATION LEVEL REPEATABLE READ";
    case isolation::serializable:
        return " ISOLATION LEVEL SERIALIZABLE";
    }
    return "";
}

} // namespace

std::string begin_statement(backend kind, const transaction_options& options) {
    if (kind == backend::sqlite) return options.immediate ? "BEGIN IMMEDIATE" : "BEGIN";
    std::string sql("BEGIN");
    sql += clause(options.isolation);
    if (options.read_only) sql += " READ ONLY";
    if (options.deferrable) sql += " DEFERRABLE";
    return sql;
}

} // namespace wharf
