// What makes a writer wait for certain, however fast the database is.
#pragma once

#include "wharf/pool/pool.hpp"

#include <string>

namespace wharf::test {

/// As long as it lives, a transaction of another pool has changed the table and not ended: what writes to the table
/// waits.
class held_table {
public:
    held_table(const std::string& url, const std::string& table) : pool_(url, {.max_size = 1}) {
        holder_.execute(wharf::raw_sql("ALTER TABLE " + table + " ADD COLUMN held INTEGER"));
    }

private:
    wharf::pool pool_;
    wharf::connection holder_{pool_.acquire()};
    wharf::transaction changing_{holder_.begin()};
};

} // namespace wharf::test
