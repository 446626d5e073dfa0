// The rows of the table, each measured by a function of its own.
#pragma once

#include "clients.hpp"
#include "harness.hpp"

namespace bench {

/// Makes the tables that the rows read.
void prepare_tables(const server_place& where, bool quick);

void one_lookup_at_a_time(const harness& with, const server_place& where);        // 1
void ten_connections(const harness& with, const server_place& where);             // 2
void pipelined_lookups(const harness& with, const server_place& where);           // 3
void pipelined_lookups_with_sync(const harness& with, const server_place& where); // 4
void small_results(const harness& with, const server_place& where);               // 5
void streamed_rows(const harness& with, const server_place& where);               // 6
void collected_rows(const harness& with, const server_place& where);              // 7
void copied_rows(const harness& with, const server_place& where);                 // 8
void inserted_rows(const harness& with, const server_place& where);               // 9

} // namespace bench
