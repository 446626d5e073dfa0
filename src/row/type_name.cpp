#include "wharf/row/type_name.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace wharf {
namespace {

struct entry {
    type_oid type;
    type_oid array;
    std::string_view name;
};

constexpr auto none = type_oid::unspecified;

constexpr std::array<entry, 22> types{{
    {type_oid::boolean, type_oid::bool_array, "bool"},
    {type_oid::bytea, type_oid::bytea_array, "bytea"},
    {type_oid::character, none, "\"char\""},
    {type_oid::name, none, "name"},
    {type_oid::int8, type_oid::int8_array, "int8"},
    {type_oid::int2, type_oid::int2_array, "int2"},
    {type_oid::int4, type_oid::int4_array, "int4"},
    {type_oid::text, type_oid::text_array, "text"},
    {type_oid::oid, none, "oid"},
    {type_oid::json, type_oid::json_array, "json"},
    {type_oid::xml, none, "xml"},
    {type_oid::float4, type_oid::float4_array, "float4"},
    {type_oid::float8, type_oid::float8_array, "float8"},
    {type_oid::bpchar, none, "bpchar"},
    {type_oid::varchar, type_oid::varchar_array, "varchar"},
    {type_oid::date, type_oid::date_array, "date"},
    {type_oid::time, none, "time"},
    {type_oid::timestamp, type_oid::timestamp_array, "timestamp"},
    {type_oid::timestamptz, type_oid::timestamptz_array, "timestamptz"},
    {type_oid::interval, none, "interval"},
    {type_oid::uuid, type_oid::uuid_array, "uuid"},
    {type_oid::jsonb, type_oid::jsonb_array, "jsonb"},
}};

} // namespace

std::string name_of(type_oid type) {
    if (type == type_oid::unspecified) return "unspecified type";
    if (type == type_oid::numeric) return "numeric";
    if (type == type_oid::unknown) return "unknown";
    for (const auto& known : types) {
        if (known.type == type) return std::string(known.name);
        if (known.array == type) return std::string(known.name) + "[]";
    }
    return "type " + std::to_string(static_cast<std::uint32_t>(type));
}

type_oid array_of(type_oid element) noexcept {
    const auto* found = std::ranges::find(types, element, &entry::type);
    return found == types.end() ? none : found->array;
}

type_oid element_of(type_oid array) noexcept {
    if (array == none) return none;
    const auto* found = std::ranges::find(types, array, &entry::array);
    return found == types.end() ? none : found->type;
}

} // namespace wharf
