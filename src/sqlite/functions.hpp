// What wharf adds to SQL on every SQLite connection.
#pragma once

struct sqlite3;

namespace wharf::sqlite {

/// Functions, all of them deterministic, and NULL where an argument is:
///   wharf_like(text, pattern)    whether the text matches, as PostgreSQL's LIKE has it; see pattern.hpp
///   wharf_ilike(text, pattern)   the same, ASCII letters in either case
///   wharf_real(bits)             the double with these bits
///   wharf_blob(hex)              the bytes that hexadecimal digits stand for
///   wharf_cosine_distance(a, b, b_squares)   of two embeddings, blobs of as many little-endian float32 numbers each;
///       `b_squares` is the sum of the squares of b. From 0 to 2; NULL when the sizes differ or one is all zeros.
/// and the collation wharf_decimal, which compares text that spells decimals by their value, as PostgreSQL compares
/// numeric: 9 before 10, 1.5 equal to 1.50. What is none comes last, by its bytes.
/// Throws std::bad_alloc.
void add_functions(sqlite3* database);

} // namespace wharf::sqlite
