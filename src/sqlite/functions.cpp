#include "sqlite/functions.hpp"

#include "sqlite/cosine_distance.hpp"
#include "sqlite/pattern.hpp"
#include "wharf/row/decimal.hpp"

#include <sqlite3.h>

#include <bit>
#include <cstdint>
#include <new>
#include <optional>
#include <string>
#include <string_view>

namespace wharf::sqlite {
namespace {

std::string_view text_of(sqlite3_value* value) noexcept {
    const auto* const text = reinterpret_cast<const char*>(sqlite3_value_text(value));
    return {text == nullptr ? "" : text, static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

bool is_null(sqlite3_value* value) noexcept {
    return sqlite3_value_type(value) == SQLITE_NULL;
}

template <bool AnyCase>
void like(sqlite3_context* context, int /*count*/, sqlite3_value** arguments) {
    if (is_null(arguments[0]) || is_null(arguments[1])) return sqlite3_result_null(context);
    sqlite3_result_int(context, matches(text_of(arguments[0]), text_of(arguments[1]), AnyCase) ? 1 : 0);
}

void real_of_bits(sqlite3_context* context, int /*count*/, sqlite3_value** arguments) {
    if (is_null(arguments[0])) return sqlite3_result_null(context);
    sqlite3_result_double(context, std::bit_cast<double>(std::int64_t{sqlite3_value_int64(arguments[0])}));
}

/// 16 for what is no digit.
unsigned digit(char c) noexcept {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
    return 16;
}

void blob_of_hex(sqlite3_context* context, int /*count*/, sqlite3_value** arguments) {
    if (is_null(arguments[0])) return sqlite3_result_null(context);
    const auto hex = text_of(arguments[0]);
    std::string bytes;
    try {
        bytes.reserve(hex.size() / 2);
        for (std::size_t at = 0; at + 1 < hex.size(); at += 2) {
            const auto value = digit(hex[at]) << 4U | digit(hex[at + 1]);
            if (value > 0xFF) return sqlite3_result_error(context, "wharf_blob() takes hexadecimal digits", -1);
            bytes.push_back(static_cast<char>(value));
        }
    } catch (const std::bad_alloc&) {
        return sqlite3_result_error_nomem(context);
    }
    sqlite3_result_blob64(context, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
}

int compare_decimals(void* /*unused*/, int left_size, const void* left_text, int right_size,
                     const void* right_text) noexcept {
    const std::string_view left(static_cast<const char*>(left_text), static_cast<std::size_t>(left_size));
    const std::string_view right(static_cast<const char*>(right_text), static_cast<std::size_t>(right_size));
    if (left == right) return 0;
    std::optional<decimal> a;
    std::optional<decimal> b;
    try {
        a = decimal::parse(left);
        b = decimal::parse(right);
    } catch (...) { // out of memory; a collation has no way to fail
        return left.compare(right);
    }
    if (a && b) {
        const auto order = *a <=> *b;
        return order < 0 ? -1 : order > 0 ? 1 : 0;
    }
    if (a || b) return a ? -1 : 1;
    return left.compare(right);
}

using function = void (*)(sqlite3_context*, int, sqlite3_value**);

void add(sqlite3* database, const char* name, int arguments, function called) {
    constexpr int kind = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
    const int result =
        sqlite3_create_function_v2(database, name, arguments, kind, nullptr, called, nullptr, nullptr, nullptr);
    if (result != SQLITE_OK) throw std::bad_alloc(); // the arguments are right, so nothing else can go wrong
}

} // namespace

void add_functions(sqlite3* database) {
    add(database, "wharf_like", 2, like<false>);
    add(database, "wharf_ilike", 2, like<true>);
    add(database, "wharf_real", 1, real_of_bits);
    add(database, "wharf_blob", 1, blob_of_hex);
    add(database, "wharf_cosine_distance", 3, cosine_distance);
    const int result =
        sqlite3_create_collation_v2(database, "wharf_decimal", SQLITE_UTF8, nullptr, compare_decimals, nullptr);
    if (result != SQLITE_OK) throw std::bad_alloc();
}

} // namespace wharf::sqlite
