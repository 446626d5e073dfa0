// How far two embeddings are from each other, as an SQL function.
#pragma once

struct sqlite3_context;
struct sqlite3_value;

namespace wharf::sqlite {

/// wharf_cosine_distance(a, b, b_squares): see add_functions().
void cosine_distance(sqlite3_context* context, int count, sqlite3_value** arguments);

} // namespace wharf::sqlite
