#include "sqlite/bind.hpp"

#include "sqlite/stored_value.hpp"
#include "wharf/base/error.hpp"

#include <sqlite3.h>

#include <new>
#include <string>

namespace wharf::sqlite {
namespace {

int bind(sqlite3_stmt* to, int index, const cell_view& value) {
    const auto kept = stored(value);
    const auto bytes = kept.bytes();
    const char* const data = bytes.data() == nullptr ? "" : bytes.data(); // a null pointer would be NULL
    auto* const life = kept.owns ? SQLITE_TRANSIENT : SQLITE_STATIC;
    switch (kept.kind) {
    case storage::null:
        break;
    case storage::integer:
        return sqlite3_bind_int64(to, index, kept.integer);
    case storage::real:
        return sqlite3_bind_double(to, index, kept.real);
    case storage::text:
        return sqlite3_bind_text64(to, index, data, bytes.size(), life, SQLITE_UTF8);
    case storage::blob:
        return sqlite3_bind_blob64(to, index, data, bytes.size(), life);
    }
    return sqlite3_bind_null(to, index);
}

} // namespace

void bind_value(sqlite3_stmt* to, int index, std::uint32_t number, const cell_view& value) {
    int code = SQLITE_OK;
    try {
        code = bind(to, index, value);
    } catch (const conversion_error& error) {
        throw conversion_error("parameter $" + std::to_string(number) + ": " + error.what());
    }
    if (code == SQLITE_NOMEM) throw std::bad_alloc();
    if (code != SQLITE_OK) {
        throw conversion_error("parameter $" + std::to_string(number) + ": " + sqlite3_errstr(code));
    }
}

} // namespace wharf::sqlite
