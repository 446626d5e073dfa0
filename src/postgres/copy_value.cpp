// Values on their way into a COPY in binary, where their type is not that of the column. Other statements may send text
// for the server to parse; here it is parsed on this side.
#include "postgres/adapt_value.hpp"
#include "postgres/connection.hpp"
#include "postgres/known_types.hpp"
#include "wharf/base/error.hpp"
#include "wharf/row/codecs.hpp"
#include "wharf/row/type_name.hpp"

namespace wharf::postgres {
namespace {

template <class Value>
void parse_as(std::string_view text, std::string& out) {
    Value value{};
    codec<Value>::decode({codec<Value>::type, wire_format::text, false, text}, value);
    codec<Value>::encode(value, out);
}

using parser = void (*)(std::string_view text, std::string& out);

// Null: text is not parsed for this type.
parser parser_of(type_oid wanted) noexcept {
    switch (wanted) {
    case type_oid::numeric:
        return parse_as<decimal>;
    case type_oid::uuid:
        return parse_as<uuid>;
    case type_oid::date:
        return parse_as<unbounded<date>>;
    case type_oid::timestamp:
        return parse_as<unbounded<timestamp>>;
    case type_oid::timestamptz:
        return parse_as<unbounded<timestamptz>>;
    default:
        return nullptr;
    }
}

std::string in_column(const column_info& column) {
    return "column \"" + column.name + "\"";
}

// The binary form of enums, and of types like citext, is their text. Of a type that nobody has asked for the server
// will say so.
bool may_be_text(const user_types* types, type_oid wanted) noexcept {
    const auto* known = types == nullptr ? nullptr : types->find(wanted);
    return is_foreign(wanted) && (known == nullptr || known->form == type_form::unknown);
}

} // namespace

void connection::adapt_copy_value(const column_info& column, type_oid given, std::string_view bytes,
                                  std::string& out) const {
    const std::size_t start = out.size();
    const user_types* const types = copy_.described.types.get();
    auto how = adaptation::none;
    try {
        how = adapt_value(types, given, bytes, column.type, out);
    } catch (const composite_mismatch& refused) {
        types_.forget_all(); // somebody may have changed the type
        throw conversion_error(in_column(column) + ": " + refused.what());
    }
    if (how == adaptation::binary) return;
    if (how == adaptation::text && is_text(given) && may_be_text(types, column.type)) return;
    const parser parse = how == adaptation::text ? parser_of(column.type) : nullptr;
    const std::string text = out.substr(start);
    out.resize(start);
    if (parse != nullptr) {
        try {
            return parse(text, out);
        } catch (const conversion_error&) {
            throw conversion_error(in_column(column) + ": this value of type " + name_of(types, given) + " is no " +
                                   name_of(types, column.type));
        }
    }
    if (how == adaptation::out_of_range)
        throw conversion_error(in_column(column) + ": this value of type " + name_of(types, given) + " does not fit " +
                               name_of(types, column.type));
    throw conversion_error(in_column(column) + " is " + name_of(types, column.type) + ", and a value of type " +
                           name_of(types, given) + " cannot be copied into it in binary");
}

} // namespace wharf::postgres
