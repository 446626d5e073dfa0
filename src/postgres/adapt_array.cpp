#include "postgres/adapt_array.hpp"

#include "postgres/adapt_value.hpp"
#include "postgres/known_types.hpp"
#include "wharf/row/array_reader.hpp"
#include "wharf/row/array_writer.hpp"
#include "wharf/row/type_name.hpp"

namespace wharf::postgres {
namespace {

cell_view as_cell(type_oid given, std::string_view bytes) noexcept {
    return {given, wire_format::binary, false, bytes, nullptr};
}

adaptation adapt_elements(const user_types* types, const cell_view& array, type_oid given, type_oid wanted,
                          std::string& out) {
    array_reader from(array);
    array_writer to(out, wanted, from.dimensions());
    for (std::size_t index = 0; index < from.size(); ++index) {
        const auto element = from.next();
        if (element.null) {
            to.add_null();
            continue;
        }
        auto done = adaptation::none;
        to.add([&](std::string& bytes) { done = adapt_value(types, given, element.bytes, wanted, bytes); });
        if (done != adaptation::binary) return done == adaptation::text ? adaptation::none : done;
    }
    to.finish();
    return adaptation::binary;
}

// int2vector and oidvector are arrays whose indexes start at 0; their text says the same with less.
adaptation write_vector(const cell_view& array, type_oid given, std::string& out) {
    array_reader from(array);
    if (from.dimensions().size() > 1) return adaptation::none;
    for (std::size_t index = 0; index < from.size(); ++index) {
        if (index > 0) out += ' ';
        const auto element = from.next();
        if (element.null || !append_literal(given, element.bytes, out)) return adaptation::none;
    }
    return adaptation::text;
}

type_oid element_of(const user_types* types, type_oid array) noexcept {
    const auto* known = types == nullptr ? nullptr : types->find(array);
    if (known != nullptr) return known->form == type_form::array ? known->element : type_oid::unspecified;
    return wharf::element_of(array);
}

} // namespace

adaptation adapt_array(const user_types* types, type_oid given, std::string_view bytes, type_oid wanted,
                       std::string& out) {
    const type_oid from = element_of(given);
    if (from == type_oid::unspecified) return adaptation::none;
    const auto array = as_cell(given, bytes);
    if (wanted == type_oid::int2vector || wanted == type_oid::oidvector) return write_vector(array, from, out);

    const std::size_t start = out.size();
    const type_oid to = element_of(types, wanted);
    if (to != type_oid::unspecified) {
        const auto done = adapt_elements(types, array, from, to, out);
        if (done != adaptation::none) return done;
        out.resize(start);
    }
    const bool literal = is_foreign(wanted) || (to != type_oid::unspecified && takes_literal(from, to));
    return literal && append_literal(given, bytes, out) ? adaptation::text : adaptation::none;
}

} // namespace wharf::postgres
