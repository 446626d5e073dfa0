// Values on their way into a COPY in binary, where their type is not that of the column. Other statements may send text
// for the server to parse; here it is parsed on this side.
#include "postgres/adapt_array.hpp"
#include "postgres/adapt_scalar.hpp"
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

adaptation adapt_known_array(type_oid given, std::string_view bytes, type_oid wanted, std::string& out) {
    return adapt_array(nullptr, given, bytes, wanted, out);
}

std::string in_column(const column_info& column) {
    return "column \"" + column.name + "\"";
}

} // namespace

void connection::adapt_copy_value(const column_info& column, type_oid given, std::string_view bytes,
                                  std::string& out) const {
    const std::size_t start = out.size();
    for (const auto attempt : {adapt_scalar, adapt_known_array}) {
        const adaptation how = attempt(given, bytes, column.type, out);
        if (how == adaptation::binary) return;
        // The binary form of enums, and of types like citext, is their text.
        if (how == adaptation::text && is_text(given) && is_foreign(column.type)) return;
        const parser parse = how == adaptation::text ? parser_of(column.type) : nullptr;
        const std::string text = out.substr(start);
        out.resize(start);
        if (parse != nullptr) {
            try {
                return parse(text, out);
            } catch (const conversion_error&) {
                throw conversion_error(in_column(column) + ": this value of type " + name_of(given) + " is no " +
                                       name_of(column.type));
            }
        }
        if (how == adaptation::out_of_range)
            throw conversion_error(in_column(column) + ": this value of type " + name_of(given) + " does not fit " +
                                   name_of(column.type));
    }
    throw conversion_error(in_column(column) + " is " + name_of(column.type) + ", and a value of type " +
                           name_of(given) + " cannot be copied into it in binary");
}

} // namespace wharf::postgres
