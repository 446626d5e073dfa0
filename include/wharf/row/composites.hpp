// Codecs of composite types as plain structs.
//
//   struct address { std::string street{}; std::optional<std::string> city{}; std::int32_t number{}; };
//   template <> struct wharf::codec<address> : wharf::composite_codec<address> {};
//
// Members belong together by their order; their number and each one's type are checked. Structs nest, and stand in
// vectors. A parameter becomes the composite type that the statement wants: its text says which, as in $1::app.address.
// Only on PostgreSQL.
#pragma once

#include "wharf/row/decode.hpp"
#include "wharf/row/record_writer.hpp"

#include <span>
#include <string>
#include <string_view>
#include <tuple>

namespace wharf {

namespace detail {

/// Reads the members of a composite value, in order. What it throws names the member.
void decode_record(const cell_view& cell, std::span<const erased_field> fields,
                   std::span<const std::string_view> names);

} // namespace detail

template <class T>
struct composite_codec {
    static constexpr type_oid type = type_oid::record;

    static void encode(const T& value, std::string& out) {
        constexpr auto count = detail::member_count<T>;
        std::apply(
            [&out](const auto&... members) {
                record_writer writer(out, sizeof...(members));
                (writer.add_value(members), ...);
            },
            detail::tie_members<count>(value));
    }
    static void decode(const cell_view& cell, T& out) {
        detail::decode_record(cell, detail::struct_fields<T>::of(out), detail::member_names<T>);
    }
};

} // namespace wharf
