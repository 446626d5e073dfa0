// A query without its types: what basic_query<Mode, Row> puts together, and how its statements are made.
#pragma once

#include "wharf/orm/predicate.hpp"
#include "wharf/orm/session_core.hpp"
#include "wharf/sql/select_statement.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace wharf::orm {

/// A value: copies share the condition.
class query_state {
public:
    explicit query_state(const class_descriptor& type);

    void where(const predicate& condition);
    void order_by(sql::expression by, bool descending);
    /// Throws usage_error when negative.
    void limit(std::int64_t rows);
    void offset(std::int64_t rows);
    void lock(sql::row_lock kind);
    void skip_locked() noexcept { statement_.skip_locked = true; }
    void populate_existing() noexcept { options_.populate_existing = true; }

    /// Runs it. At most `most` rows.
    [[nodiscard]] io::op<std::vector<entity_base>> select(session_core& session,
                                                          std::optional<std::int64_t> most = {}) const;
    [[nodiscard]] io::op<result> count(session_core& session) const;
    [[nodiscard]] io::op<result> exists(session_core& session) const;

    /// The statement that select() runs, for messages and tests.
    [[nodiscard]] sql::rendered_statement render(backend kind) const;

private:
    const class_descriptor* type_;
    sql::select_statement statement_{};
    select_options options_{};
};

// What becomes of their rows.

/// Throws no_result or multiple_results.
[[nodiscard]] entity_base expect_one(std::vector<entity_base>&& rows);
/// Throws multiple_results; an empty handle when there is none.
[[nodiscard]] entity_base expect_at_most_one(std::vector<entity_base>&& rows);
[[nodiscard]] entity_base first_of(std::vector<entity_base>&& rows);
[[nodiscard]] std::int64_t read_count(result&& rows);
[[nodiscard]] bool read_exists(result&& rows);

} // namespace wharf::orm
