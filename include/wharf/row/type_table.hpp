// What PostgreSQL's own types are called, which arrays belong to them, and how their values are to arrive.
// Source: PostgreSQL's pg_type.dat.
#pragma once

#include "wharf/row/type_oid.hpp"

#include <string_view>

namespace wharf::detail {

struct type_entry {
    type_oid type;
    type_oid array; ///< whose elements are of `type`
    bool binary;    ///< wharf reads the binary form; otherwise values of the type and its arrays come as text
    std::string_view array_name; ///< "int4[]": the name as SQL wants it, and what makes it an array
};

// In the order of their identifiers.
inline constexpr type_entry type_table[] = {
    {type_oid::hstore, type_oid::hstore_array, true, "hstore[]"},
    {type_oid::vector, type_oid::vector_array, true, "vector[]"},
    {type_oid::halfvec, type_oid::halfvec_array, true, "halfvec[]"},
    {type_oid::sparsevec, type_oid::sparsevec_array, true, "sparsevec[]"},
    {type_oid::boolean, type_oid::bool_array, true, "bool[]"},
    {type_oid::bytea, type_oid::bytea_array, true, "bytea[]"},
    {type_oid::character, type_oid::character_array, true, "\"char\"[]"},
    {type_oid::name, type_oid::name_array, true, "name[]"},
    {type_oid::int8, type_oid::int8_array, true, "int8[]"},
    {type_oid::int2, type_oid::int2_array, true, "int2[]"},
    {type_oid::int2vector, type_oid::int2vector_array, true, "int2vector[]"},
    {type_oid::int4, type_oid::int4_array, true, "int4[]"},
    {type_oid::regproc, type_oid::regproc_array, false, "regproc[]"},
    {type_oid::text, type_oid::text_array, true, "text[]"},
    {type_oid::oid, type_oid::oid_array, true, "oid[]"},
    {type_oid::tid, type_oid::tid_array, true, "tid[]"},
    {type_oid::xid, type_oid::xid_array, true, "xid[]"},
    {type_oid::cid, type_oid::cid_array, true, "cid[]"},
    {type_oid::oidvector, type_oid::oidvector_array, true, "oidvector[]"},
    {type_oid::json, type_oid::json_array, true, "json[]"},
    {type_oid::xml, type_oid::xml_array, false, "xml[]"},
    {type_oid::point, type_oid::point_array, true, "point[]"},
    {type_oid::lseg, type_oid::lseg_array, true, "lseg[]"},
    {type_oid::path, type_oid::path_array, true, "path[]"},
    {type_oid::box, type_oid::box_array, true, "box[]"},
    {type_oid::polygon, type_oid::polygon_array, true, "polygon[]"},
    {type_oid::line, type_oid::line_array, true, "line[]"},
    {type_oid::cidr, type_oid::cidr_array, true, "cidr[]"},
    {type_oid::float4, type_oid::float4_array, true, "float4[]"},
    {type_oid::float8, type_oid::float8_array, true, "float8[]"},
    {type_oid::circle, type_oid::circle_array, true, "circle[]"},
    {type_oid::macaddr8, type_oid::macaddr8_array, true, "macaddr8[]"},
    {type_oid::money, type_oid::money_array, true, "money[]"},
    {type_oid::macaddr, type_oid::macaddr_array, true, "macaddr[]"},
    {type_oid::inet, type_oid::inet_array, true, "inet[]"},
    {type_oid::aclitem, type_oid::aclitem_array, false, "aclitem[]"},
    {type_oid::bpchar, type_oid::bpchar_array, true, "bpchar[]"},
    {type_oid::varchar, type_oid::varchar_array, true, "varchar[]"},
    {type_oid::date, type_oid::date_array, true, "date[]"},
    {type_oid::time, type_oid::time_array, true, "time[]"},
    {type_oid::timestamp, type_oid::timestamp_array, true, "timestamp[]"},
    {type_oid::timestamptz, type_oid::timestamptz_array, true, "timestamptz[]"},
    {type_oid::interval, type_oid::interval_array, true, "interval[]"},
    {type_oid::timetz, type_oid::timetz_array, true, "timetz[]"},
    {type_oid::bit, type_oid::bit_array, true, "\"bit\"[]"},
    {type_oid::varbit, type_oid::varbit_array, true, "varbit[]"},
    {type_oid::numeric, type_oid::numeric_array, true, "numeric[]"},
    {type_oid::refcursor, type_oid::refcursor_array, false, "refcursor[]"},
    {type_oid::regprocedure, type_oid::regprocedure_array, false, "regprocedure[]"},
    {type_oid::regoper, type_oid::regoper_array, false, "regoper[]"},
    {type_oid::regoperator, type_oid::regoperator_array, false, "regoperator[]"},
    {type_oid::regclass, type_oid::regclass_array, false, "regclass[]"},
    {type_oid::regtype, type_oid::regtype_array, false, "regtype[]"},
    {type_oid::record, type_oid::record_array, true, "record[]"},
    {type_oid::uuid, type_oid::uuid_array, true, "uuid[]"},
    {type_oid::txid_snapshot, type_oid::txid_snapshot_array, false, "txid_snapshot[]"},
    {type_oid::pg_lsn, type_oid::pg_lsn_array, true, "pg_lsn[]"},
    {type_oid::tsvector, type_oid::tsvector_array, false, "tsvector[]"},
    {type_oid::tsquery, type_oid::tsquery_array, false, "tsquery[]"},
    {type_oid::gtsvector, type_oid::gtsvector_array, false, "gtsvector[]"},
    {type_oid::regconfig, type_oid::regconfig_array, false, "regconfig[]"},
    {type_oid::regdictionary, type_oid::regdictionary_array, false, "regdictionary[]"},
    {type_oid::jsonb, type_oid::jsonb_array, true, "jsonb[]"},
    {type_oid::int4range, type_oid::int4range_array, true, "int4range[]"},
    {type_oid::numrange, type_oid::numrange_array, true, "numrange[]"},
    {type_oid::tsrange, type_oid::tsrange_array, true, "tsrange[]"},
    {type_oid::tstzrange, type_oid::tstzrange_array, true, "tstzrange[]"},
    {type_oid::daterange, type_oid::daterange_array, true, "daterange[]"},
    {type_oid::int8range, type_oid::int8range_array, true, "int8range[]"},
    {type_oid::jsonpath, type_oid::jsonpath_array, false, "jsonpath[]"},
    {type_oid::regnamespace, type_oid::regnamespace_array, false, "regnamespace[]"},
    {type_oid::regrole, type_oid::regrole_array, false, "regrole[]"},
    {type_oid::regcollation, type_oid::regcollation_array, false, "regcollation[]"},
    {type_oid::int4multirange, type_oid::int4multirange_array, true, "int4multirange[]"},
    {type_oid::nummultirange, type_oid::nummultirange_array, true, "nummultirange[]"},
    {type_oid::tsmultirange, type_oid::tsmultirange_array, true, "tsmultirange[]"},
    {type_oid::tstzmultirange, type_oid::tstzmultirange_array, true, "tstzmultirange[]"},
    {type_oid::datemultirange, type_oid::datemultirange_array, true, "datemultirange[]"},
    {type_oid::int8multirange, type_oid::int8multirange_array, true, "int8multirange[]"},
    {type_oid::pg_snapshot, type_oid::pg_snapshot_array, false, "pg_snapshot[]"},
    {type_oid::xid8, type_oid::xid8_array, true, "xid8[]"},
};

} // namespace wharf::detail
