// What PostgreSQL means when it does not take a statement of a flush.
#pragma once

#include <exception>
#include <string_view>

namespace wharf::orm {

/// Statements of a flush are inside WITH, where their rows are counted, and PostgreSQL does not run some kinds of rules
/// there: says so, and what to do. Every other error stays what it is.
[[nodiscard]] std::exception_ptr explain_refusal(std::string_view table, const std::exception_ptr& error);

} // namespace wharf::orm
