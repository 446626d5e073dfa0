// The types of values on the wire, by PostgreSQL's object identifiers. SQLite's storage classes are mapped to them too
// (integer: int8, real: float8, text: text, blob: bytea), so that one codec reads both backends.
// Source: PostgreSQL's pg_type.dat; these identifiers are fixed.
#pragma once

#include <cstdint>

namespace wharf {

enum class type_oid : std::uint32_t {
    unspecified = 0, ///< the server decides; on SQLite: NULL
    boolean = 16,
    bytea = 17,
    character = 18,
    name = 19,
    int8 = 20,
    int2 = 21,
    int4 = 23,
    text = 25,
    oid = 26,
    json = 114,
    xml = 142,
    float4 = 700,
    float8 = 701,
    unknown = 705,
    bpchar = 1042,
    varchar = 1043,
    date = 1082,
    time = 1083,
    timestamp = 1114,
    timestamptz = 1184,
    interval = 1186,
    numeric = 1700,
    uuid = 2950,
    jsonb = 3802,
    bool_array = 1000,
    bytea_array = 1001,
    int2_array = 1005,
    int4_array = 1007,
    text_array = 1009,
    varchar_array = 1015,
    int8_array = 1016,
    float4_array = 1021,
    float8_array = 1022,
    timestamp_array = 1115,
    date_array = 1182,
    timestamptz_array = 1185,
    json_array = 199,
    uuid_array = 2951,
    jsonb_array = 3807,
};

} // namespace wharf
