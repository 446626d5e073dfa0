#include "orm/refused_statement.hpp"

#include "wharf/base/database_error.hpp"
#include "wharf/orm/errors.hpp"

#include <string>

namespace wharf::orm {

std::exception_ptr explain_refusal(std::string_view table, const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const database_error& caught) {
        // feature_not_supported is said of other things too, in the language of the server
        if (caught.sqlstate() != "0A000" || caught.fields().routine != "RewriteQuery") return error;
        return std::make_exception_ptr(
            flush_failed("table " + std::string(table) +
                         " cannot be written by a session: it has a rule (CREATE RULE) that PostgreSQL does not run "
                         "for statements inside WITH, where a flush counts its rows; use a trigger instead. " +
                         std::string(caught.message())));
    } catch (...) {
        return error;
    }
}

} // namespace wharf::orm
