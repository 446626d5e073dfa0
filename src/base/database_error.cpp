#include "wharf/base/database_error.hpp"

#include <algorithm>
#include <array>
#include <exception>

namespace wharf {
namespace {

// Without the detail: it quotes the values of rows and keys, and what() ends up in logs.
std::string summary(const diagnostic& fields) {
    std::string text =
        fields.message.empty() ? std::string("the server reported an error without a message") : fields.message;
    if (!fields.sqlstate.empty()) text += " [" + fields.sqlstate + "]";
    if (!fields.element.empty()) text += "; " + fields.element;
    if (!fields.hint.empty()) text += "; hint: " + fields.hint;
    return text;
}

template <class Error>
std::exception_ptr make(diagnostic&& fields) {
    return std::make_exception_ptr(Error(std::move(fields)));
}

using factory = std::exception_ptr (*)(diagnostic&&);

struct entry {
    std::string_view prefix;
    factory make_error;
};

// The first entry whose prefix fits is taken, so exact codes stand before their class.
constexpr std::array<entry, 15> by_sqlstate{{
    {"23505", make<unique_violation>},
    {"23503", make<foreign_key_violation>},
    {"23502", make<not_null_violation>},
    {"23514", make<check_violation>},
    {"23", make<integrity_violation>},
    {"40001", make<serialization_failure>},
    {"40P01", make<deadlock_detected>},
    {"55P03", make<lock_not_available>},
    {"57014", make<query_canceled>},
    {"42601", make<syntax_error>},
    {"42P01", make<undefined_table>},
    {"42703", make<undefined_column>},
    {"22", make<data_error>},
    {"25P02", make<transaction_aborted>},
    {"53300", make<too_many_connections>},
}};

} // namespace

database_error::database_error(diagnostic fields)
    : error(summary(fields)), fields_(std::make_shared<const diagnostic>(std::move(fields))) {}

bool database_error::ends_connection() const noexcept {
    return fields_->severity == "FATAL" || fields_->severity == "PANIC";
}

bool database_error::is_transient() const noexcept {
    constexpr std::array<std::string_view, 10> transient{"40001", "40P01", "55P03", "53300", "57P01",
                                                         "57P02", "57P03", "57P04", "57P05", "25006"};
    const std::string_view code = fields_->sqlstate;
    return code.starts_with("08") || std::ranges::find(transient, code) != transient.end();
}

std::exception_ptr make_database_error(diagnostic fields) {
    const std::string_view code = fields.sqlstate;
    const auto found = std::ranges::find_if(
        by_sqlstate, [code](const entry& candidate) { return code.starts_with(candidate.prefix); });
    return found == by_sqlstate.end() ? make<database_error>(std::move(fields)) : found->make_error(std::move(fields));
}

void throw_database_error(diagnostic fields) {
    std::rethrow_exception(make_database_error(std::move(fields)));
}

} // namespace wharf
