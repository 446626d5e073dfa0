// SQL functions that wharf adds to every SQLite connection.
#pragma once

struct sqlite3;

namespace wharf::sqlite {

/// wharf_cosine_distance(a, b, b_squares): of two embeddings, blobs of as many little-endian float32 numbers each;
/// `b_squares` is the sum of the squares of b. From 0 to 2; NULL when the sizes differ or one is all zeros.
/// Throws std::bad_alloc.
void add_functions(sqlite3* database);

} // namespace wharf::sqlite
