// The second half of the main job: what the layers do, shown on the data that the first half wrote.
#pragma once

#include <wharf/wharf.hpp>

#include <string>

namespace demo {

/// Three searches with their hits.
void show_searches(wharf::engine& engine);
/// One object a row, an UPDATE of one column, lazy loading, a transaction that is rolled back.
void show_session(wharf::engine& engine);
void show_pool(const std::string& what, const wharf::pool_stats& stats);

} // namespace demo
