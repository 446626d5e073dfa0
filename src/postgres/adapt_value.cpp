#include "postgres/adapt_value.hpp"

#include "postgres/adapt_array.hpp"
#include "wharf/row/type_name.hpp"

namespace wharf::postgres {

std::string name_of(const user_types* types, type_oid type) {
    const auto* known = types == nullptr ? nullptr : types->find(type);
    return known == nullptr ? wharf::name_of(type) : known->name;
}

adaptation adapt_value(const user_types* types, type_oid given, std::string_view bytes, type_oid wanted,
                       std::string& out) {
    if (given == wanted) { // also a user type, as it was read
        out += bytes;
        return adaptation::binary;
    }
    if (types != nullptr) {
        wanted = types->written_as(wanted);
        const auto* known = types->find(wanted);
        const auto form = known == nullptr ? type_form::unknown : known->form;
        if (form == type_form::composite && given == type_oid::record) return adapt_record(*types, bytes, *known, out);
        if (form == type_form::enumeration && is_text(given)) {
            out += bytes; // the label is both forms
            return adaptation::binary;
        }
        // The server reads the text of anything, but what is no text was not meant for these.
        const bool closed = form == type_form::composite || form == type_form::enumeration;
        if (closed && !is_text(given)) return adaptation::none;
    }
    const std::size_t start = out.size();
    if (given == wanted) {
        out += bytes;
        return adaptation::binary;
    }
    if (const auto done = adapt_vector(given, bytes, wanted, out); done != adaptation::none) return done;
    out.resize(start);
    if (element_of(given) != type_oid::unspecified) {
        if (const auto done = adapt_array(types, given, bytes, wanted, out); done != adaptation::none) return done;
        out.resize(start);
    }
    return adapt_scalar(given, bytes, wanted, out);
}

} // namespace wharf::postgres
