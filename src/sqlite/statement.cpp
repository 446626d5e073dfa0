#include "sqlite/statement.hpp"

#include "row/plain_numbers.hpp"
#include "sqlite/bind.hpp"
#include "sqlite/errors.hpp"
#include "wharf/base/error.hpp"
#include "wharf/row/decimal.hpp"
#include "wharf/row/type_name.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <exception>
#include <utility>

namespace wharf::sqlite {
namespace {

[[noreturn]] void refuse(std::string_view sqlstate, const std::string& message, std::string_view sql) {
    std::rethrow_exception(make_error(sqlstate, message, sql));
}

/// The number in "$12" and "?12".
std::uint32_t number_of(const char* name, std::string_view sql) {
    const std::string_view text = name == nullptr ? "?" : name;
    std::uint32_t number = 0;
    if (text.size() > 1 && (text.front() == '$' || text.front() == '?')) {
        const auto* end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data() + 1, end, number);
        if (error == std::errc() && stop == end && number > 0) return number;
    }
    refuse("42601", "the placeholder " + std::string(text) + " is none that wharf knows; placeholders are $1, $2, ...",
           sql);
}

/// Whether a declared type means NUMERIC affinity; null: none was declared, or it is no column of a table.
/// Source: sqlite.org/datatype3.html, 3.1.
bool has_numeric_affinity(const char* declared) {
    if (declared == nullptr) return false;
    std::string type(declared);
    for (char& c : type)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    constexpr std::array<std::string_view, 8> others{"INT", "CHAR", "CLOB", "TEXT", "BLOB", "REAL", "FLOA", "DOUB"};
    return !type.empty() &&
           std::ranges::none_of(others, [&](std::string_view part) { return type.find(part) != std::string::npos; });
}

/// Whether it is a decimal that a number of SQLite's, which keeps 15 digits for certain, would cut.
bool has_many_digits(const cell_view& value) {
    constexpr std::size_t certain = 15;
    constexpr std::size_t short_form = 8 + 2 * 3; // a header and three groups of four digits
    if (value.type != type_oid::numeric || value.bytes.size() <= short_form) return false;
    decimal number;
    codec<decimal>::decode(value, number);
    auto digits = to_string(number);
    std::erase_if(digits, [](char c) { return c < '0' || c > '9'; });
    const auto first = digits.find_first_not_of('0');
    if (first == std::string::npos) return false;
    return digits.find_last_not_of('0') - first + 1 > certain;
}

} // namespace

void statement::finalize::operator()(sqlite3_stmt* prepared) const noexcept {
    sqlite3_finalize(prepared);
}

statement::statement(sqlite3_stmt* prepared, std::string_view sql, bool changes_session)
    : handle_(prepared), changes_session_(changes_session) {
    if (prepared == nullptr) return;
    writes_ = sqlite3_stmt_readonly(prepared) == 0;
    const int count = sqlite3_bind_parameter_count(prepared);
    for (int index = 1; index <= count; ++index) {
        numbers_.push_back(number_of(sqlite3_bind_parameter_name(prepared, index), sql));
    }
    if (!numbers_.empty()) highest_ = std::ranges::max(numbers_);
}

void statement::bind(const parameters* values, std::string_view sql) {
    const std::size_t given = values == nullptr ? 0 : values->size();
    if (highest_ != given) {
        refuse(given < highest_ ? "42P02" : "08P01",
               "the statement uses $" + std::to_string(highest_) + " as its last placeholder, but " +
                   std::to_string(given) + " values were given",
               sql);
    }
    for (std::uint32_t number = 1; numbers_.size() < highest_ && number <= highest_; ++number)
        if (std::ranges::find(numbers_, number) == numbers_.end())
            refuse("42P18", "the statement does not use $" + std::to_string(number), sql);
    for (std::size_t index = 0; index < numbers_.size(); ++index) {
        const auto value = (*values)[numbers_[index] - 1];
        if (!value.null) check(index, value);
        bind_value(handle(), static_cast<int>(index) + 1, numbers_[index], value);
    }
}

void statement::check(std::size_t index, const cell_view& value) {
    const bool number = wharf::detail::is_plain_number(value.type);
    if (!number && !has_many_digits(value)) return;
    if (uses_.empty()) uses_ = uses_of_parameters(handle());
    const auto use = uses_[index];
    const auto which = "parameter $" + std::to_string(numbers_[index]);
    if (number && use.compared_with_text)
        throw conversion_error(which + " is a number (" + name_of(value.type) +
                               "), and the statement compares it with text; pass text");
    if (!number && use.kept_as_number)
        throw conversion_error(which +
                               " is a decimal of more digits than its column keeps, whose type has the affinity "
                               "of numbers in SQLite; declare it TEXT COLLATE wharf_decimal");
}

int statement::step() noexcept {
    return sqlite3_step(handle());
}

const std::shared_ptr<const result_shape>& statement::shape() {
    const int prepared_count = sqlite3_stmt_status(handle(), SQLITE_STMTSTATUS_REPREPARE, 0);
    if (shape_ && prepared_count == prepared_count_) return shape_;
    prepared_count_ = prepared_count;
    auto made = std::make_shared<result_shape>();
    made->tagged = true;
    const int columns = sqlite3_column_count(handle());
    for (int column = 0; column < columns; ++column) {
        const char* name = sqlite3_column_name(handle(), column);
        if (name == nullptr) throw std::bad_alloc();
        auto& added = made->columns.emplace_back();
        added.name = name;
        if (has_numeric_affinity(sqlite3_column_decltype(handle(), column))) added.type = type_oid::numeric;
    }
    shape_ = std::move(made);
    return shape_;
}

void statement::clear() noexcept {
    sqlite3_reset(handle());
    if (!numbers_.empty()) sqlite3_clear_bindings(handle());
}

statement* statement_cache::find(std::string_view sql) noexcept {
    const auto found = by_text_.find(sql);
    if (found == by_text_.end()) return nullptr;
    by_use_.splice(by_use_.begin(), by_use_, found->second);
    return &found->second->prepared;
}

statement& statement_cache::insert(std::string_view sql, statement made) {
    if (by_use_.size() >= capacity_) {
        by_text_.erase(by_use_.back().sql);
        by_use_.pop_back();
    }
    by_use_.push_front({std::string(sql), std::move(made)});
    by_text_.emplace(by_use_.front().sql, by_use_.begin());
    return by_use_.front().prepared;
}

void statement_cache::clear() noexcept {
    by_text_.clear();
    by_use_.clear();
}

} // namespace wharf::sqlite
