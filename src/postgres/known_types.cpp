#include "postgres/known_types.hpp"

namespace wharf::postgres {

bool arrives_in_binary(type_oid type) noexcept {
    switch (type) {
    case type_oid::boolean:
    case type_oid::bytea:
    case type_oid::character:
    case type_oid::name:
    case type_oid::int8:
    case type_oid::int2:
    case type_oid::int4:
    case type_oid::text:
    case type_oid::oid:
    case type_oid::json:
    case type_oid::float4:
    case type_oid::float8:
    case type_oid::unknown:
    case type_oid::bpchar:
    case type_oid::varchar:
    case type_oid::date:
    case type_oid::timestamp:
    case type_oid::timestamptz:
    case type_oid::numeric:
    case type_oid::uuid:
    case type_oid::jsonb:
    case type_oid::bool_array:
    case type_oid::bytea_array:
    case type_oid::int2_array:
    case type_oid::int4_array:
    case type_oid::text_array:
    case type_oid::varchar_array:
    case type_oid::int8_array:
    case type_oid::float4_array:
    case type_oid::float8_array:
    case type_oid::timestamp_array:
    case type_oid::date_array:
    case type_oid::timestamptz_array:
    case type_oid::json_array:
    case type_oid::uuid_array:
    case type_oid::jsonb_array:
        return true;
    case type_oid::unspecified:
    case type_oid::xml:
    case type_oid::time:
    case type_oid::interval:
        break;
    }
    return false;
}

bool is_foreign(type_oid type) noexcept {
    switch (type) {
    case type_oid::unspecified:
    case type_oid::xml:
    case type_oid::time:
    case type_oid::interval:
        return false;
    default:
        return !arrives_in_binary(type);
    }
}

} // namespace wharf::postgres
