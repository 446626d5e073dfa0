#include "sqlite/row_writer.hpp"

#include "wharf/row/bytes.hpp"
#include "wharf/row/result.hpp"

#include <sqlite3.h>

#include <cstdint>
#include <cstring>

namespace wharf::sqlite {
namespace {

constexpr std::size_t tag_size = 1;

/// Of the value behind its length and tag. sqlite3_column_bytes() makes text UTF-8 first.
std::size_t content_size(sqlite3_stmt* from, int column) noexcept {
    switch (sqlite3_column_type(from, column)) {
    case SQLITE_INTEGER:
        return sizeof(std::int64_t);
    case SQLITE_FLOAT:
        return sizeof(double);
    case SQLITE_NULL:
        return 0;
    default:
        return static_cast<std::size_t>(sqlite3_column_bytes(from, column));
    }
}

char* write_cell(sqlite3_stmt* from, int column, char* at) noexcept {
    const int type = sqlite3_column_type(from, column);
    if (type == SQLITE_NULL) {
        store(at, std::int32_t{-1});
        return at + sizeof(std::int32_t);
    }
    const auto size = content_size(from, column);
    store(at, static_cast<std::int32_t>(size + tag_size));
    at += sizeof(std::int32_t);
    char& tag = *at;
    at += tag_size;
    switch (type) {
    case SQLITE_INTEGER:
        tag = static_cast<char>(cell_tag::integer);
        store(at, static_cast<std::int64_t>(sqlite3_column_int64(from, column)));
        break;
    case SQLITE_FLOAT:
        tag = static_cast<char>(cell_tag::real);
        store(at, sqlite3_column_double(from, column));
        break;
    case SQLITE_TEXT:
        tag = static_cast<char>(cell_tag::text);
        if (size > 0) std::memcpy(at, sqlite3_column_text(from, column), size);
        break;
    default:
        tag = static_cast<char>(cell_tag::blob);
        if (size > 0) std::memcpy(at, sqlite3_column_blob(from, column), size);
        break;
    }
    return at + size;
}

} // namespace

std::size_t write_row(sqlite3_stmt* from, result& to) {
    const int columns = sqlite3_column_count(from);
    std::size_t size = sizeof(std::int16_t);
    for (int column = 0; column < columns; ++column)
        size += sizeof(std::int32_t) + tag_size + content_size(from, column);
    char* const row = to.allocate(size);
    store(row, static_cast<std::int16_t>(columns));
    char* at = row + sizeof(std::int16_t);
    for (int column = 0; column < columns; ++column)
        at = write_cell(from, column, at);
    to.add_row(row);
    return size;
}

} // namespace wharf::sqlite
