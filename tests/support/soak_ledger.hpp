// What workers of a soak test were told of their work, to be compared with what the database has.
#pragma once

#include "support/postgres_server.hpp"

#include <cstdint>
#include <exception>
#include <map>
#include <mutex>
#include <string>

namespace wharf::test {

enum class outcome { kept, gone, unknown };

/// What the exception that ended some work says of it. `by_itself`: the work was a statement that commits by itself,
/// which may have been done when its deadline passed. Rethrows what no work may end with.
[[nodiscard]] outcome outcome_of(const std::exception_ptr& error, bool by_itself);

/// Any thread.
class soak_ledger {
public:
    static constexpr int accounts = 8;

    /// Makes the tables: account(id, amount), whose sum is never to change, and entry(nonce, part).
    explicit soak_ledger(const database& in);

    /// Work `nonce` was to write `parts` entries.
    void write_down(std::int64_t nonce, std::int64_t parts, outcome what);
    /// Nothing reported as kept is missing, nothing reported as gone is there, all is whole.
    void expect_truth() const;
    [[nodiscard]] int count(outcome what) const;

private:
    struct line {
        std::int64_t parts;
        outcome what;
    };

    const database& database_;
    mutable std::mutex mutex_{};
    std::map<std::int64_t, line> lines_{}; // guarded by mutex_
};

/// Ends one of a database's backends that serve wharf, by chance.
void terminate_any_backend(const database& of, const database& by_way_of);

} // namespace wharf::test
