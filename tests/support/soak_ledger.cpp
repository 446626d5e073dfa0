#include "support/soak_ledger.hpp"

#include "wharf/base/error.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

namespace wharf::test {

outcome outcome_of(const std::exception_ptr& error, bool by_itself) {
    try {
        std::rethrow_exception(error);
    } catch (const commit_outcome_unknown&) {
        return outcome::unknown;
    } catch (const connection_lost&) {
        return outcome::gone;
    } catch (const timed_out&) {
        return by_itself ? outcome::unknown : outcome::gone;
    } catch (const cancelled&) {
        return by_itself ? outcome::unknown : outcome::gone;
    }
}

soak_ledger::soak_ledger(const database& in) : database_(in) {
    database_.execute("CREATE TABLE account(id int8 PRIMARY KEY, amount int8 NOT NULL); "
                      "CREATE TABLE entry(nonce int8 NOT NULL, part int8 NOT NULL); "
                      "INSERT INTO account SELECT i, 0 FROM generate_series(1, " +
                      std::to_string(accounts) + ") i");
}

void soak_ledger::write_down(std::int64_t nonce, std::int64_t parts, outcome what) {
    const std::lock_guard locked(mutex_);
    EXPECT_TRUE(lines_.emplace(nonce, line{parts, what}).second) << "used twice";
}

void soak_ledger::expect_truth() const {
    const std::lock_guard locked(mutex_);
    EXPECT_EQ(database_.value("SELECT sum(amount) FROM account"), "0");
    std::map<std::int64_t, std::int64_t> found;
    std::istringstream text(database_.value("SELECT string_agg(nonce || ' ' || parts, ' ') FROM (SELECT nonce, "
                                            "count(*) AS parts FROM entry GROUP BY 1) e"));
    for (std::int64_t nonce = 0, parts = 0; text >> nonce >> parts;)
        found[nonce] = parts;
    for (const auto& [nonce, said] : lines_) {
        const auto at = found.find(nonce);
        const std::int64_t parts = at == found.end() ? 0 : at->second;
        if (said.what == outcome::kept) {
            EXPECT_EQ(parts, said.parts) << "reported as kept";
        } else if (said.what == outcome::gone) {
            EXPECT_EQ(parts, 0) << "reported as gone";
        } else {
            EXPECT_TRUE(parts == 0 || parts == said.parts) << "there in part";
        }
        found.erase(nonce);
    }
    EXPECT_TRUE(found.empty()) << "entries that nobody made";
}

int soak_ledger::count(outcome what) const {
    const std::lock_guard locked(mutex_);
    return static_cast<int>(
        std::ranges::count_if(lines_, [what](const auto& each) { return each.second.what == what; }));
}

void terminate_any_backend(const database& of, const database& by_way_of) {
    by_way_of.execute("SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity WHERE datname = '" +
                      of.name() + "' AND application_name = 'wharf' ORDER BY random() LIMIT 1) AS any_one");
}

} // namespace wharf::test
