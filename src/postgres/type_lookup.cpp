#include "postgres/type_lookup.hpp"

#include "postgres/known_types.hpp"
#include "wharf/row/codecs.hpp"
#include "wharf/row/decode.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <utility>

namespace wharf::postgres {
namespace {

struct catalogue_row {
    std::int64_t type{};
    std::string kind{};     // pg_type.typtype
    bool array{};           // a true one, not a type that has elements as point has
    std::int64_t element{}; // see user_type
    std::string name{};
    std::string sender{}; // the function that writes the binary form
    std::vector<std::string> member_names{};
    std::vector<std::int64_t> member_types{};
};

type_form form_of_base(std::string_view sender) noexcept {
    constexpr std::array<std::pair<std::string_view, type_form>, 10> forms{{
        {"textsend", type_form::text},
        {"varcharsend", type_form::text},
        {"bpcharsend", type_form::text},
        {"ltree_send", type_form::ltree},
        {"lquery_send", type_form::ltree},
        {"ltxtq_send", type_form::ltree},
        {"hstore_send", type_form::key_values},
        {"vector_send", type_form::vector},
        {"halfvec_send", type_form::halfvec},
        {"sparsevec_send", type_form::sparsevec},
    }};
    for (const auto& [name, form] : forms)
        if (name == sender) return form;
    return type_form::unknown;
}

type_form form_of(const catalogue_row& row) noexcept {
    if (row.array) return type_form::array;
    switch (row.kind.empty() ? '\0' : row.kind.front()) {
    case 'e':
        return type_form::enumeration;
    case 'd':
        return type_form::domain;
    case 'c':
        return type_form::composite;
    case 'r':
        return type_form::range;
    case 'm':
        return type_form::multirange;
    case 'b':
        return form_of_base(row.sender);
    default:
        return type_form::unknown;
    }
}

type_oid to_type(std::int64_t oid) noexcept {
    return static_cast<type_oid>(static_cast<std::uint32_t>(oid));
}

} // namespace

// to_jsonb: before PostgreSQL 14 there is no column rngmultitypid.
const std::string_view type_lookup_query = R"(
WITH RECURSIVE wanted(type) AS (
    SELECT pg_catalog.unnest($1::pg_catalog.oid[])
    UNION
    SELECT part.type
    FROM wanted JOIN pg_catalog.pg_type t ON t.oid = wanted.type
    CROSS JOIN LATERAL (
        SELECT t.typelem AS type WHERE t.typcategory = 'A'
        UNION ALL
        SELECT t.typbasetype WHERE t.typtype = 'd'
        UNION ALL
        SELECT r.rngsubtype FROM pg_catalog.pg_range r WHERE r.rngtypid = t.oid
        UNION ALL
        SELECT r.rngtypid FROM pg_catalog.pg_range r
        WHERE t.typtype = 'm'
          AND (pg_catalog.to_jsonb(r) OPERATOR(pg_catalog.->>) 'rngmultitypid')::pg_catalog.oid = t.oid
        UNION ALL
        SELECT a.atttypid FROM pg_catalog.pg_attribute a
        WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
    ) part
)
SELECT t.oid::pg_catalog.int8 AS type,
       t.typtype::pg_catalog.text AS kind,
       COALESCE(e.typarray = t.oid, false) AS array,
       pg_catalog.int8(CASE WHEN t.typtype = 'd' THEN t.typbasetype
            WHEN t.typtype = 'r' THEN (SELECT r.rngsubtype FROM pg_catalog.pg_range r WHERE r.rngtypid = t.oid)
            WHEN t.typtype = 'm' THEN (SELECT r.rngtypid FROM pg_catalog.pg_range r
                 WHERE (pg_catalog.to_jsonb(r) OPERATOR(pg_catalog.->>) 'rngmultitypid')::pg_catalog.oid = t.oid)
            ELSE t.typelem END) AS element,
       pg_catalog.format('%I.%I', n.nspname, t.typname) AS name,
       COALESCE(s.proname::pg_catalog.text, '') AS sender,
       COALESCE(m.names, '{}') AS member_names,
       COALESCE(m.types, '{}') AS member_types
FROM (SELECT DISTINCT wanted.type FROM wanted) asked
JOIN pg_catalog.pg_type t ON t.oid = asked.type
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem
LEFT JOIN pg_catalog.pg_proc s ON s.oid = t.typsend
LEFT JOIN LATERAL (
    SELECT pg_catalog.array_agg(a.attname::pg_catalog.text ORDER BY a.attnum) AS names,
           pg_catalog.array_agg(a.atttypid::pg_catalog.int8 ORDER BY a.attnum) AS types
    FROM pg_catalog.pg_attribute a
    WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
) m ON true)";

std::shared_ptr<const result_shape> type_lookup_shape() {
    static const auto shape = [] {
        auto made = std::make_shared<result_shape>();
        made->columns = {{"type", type_oid::int8},
                         {"kind", type_oid::text},
                         {"array", type_oid::boolean},
                         {"element", type_oid::int8},
                         {"name", type_oid::text},
                         {"sender", type_oid::text},
                         {"member_names", type_oid::text_array},
                         {"member_types", type_oid::int8_array}};
        return made;
    }();
    return shape;
}

std::vector<user_type> read_user_types(const result& rows) {
    std::vector<user_type> found;
    found.reserve(rows.size());
    const row_reader<by_position<catalogue_row>> reader(rows.shape());
    for (std::size_t index = 0; index < rows.size(); ++index) {
        catalogue_row row;
        reader.read(rows[index], row);
        if (!is_foreign(to_type(row.type))) continue;
        user_type type{to_type(row.type), form_of(row), to_type(row.element), std::move(row.name), {}};
        if (type.form == type_form::composite)
            for (std::size_t at = 0; at < row.member_types.size() && at < row.member_names.size(); ++at)
                type.members.push_back({std::move(row.member_names[at]), to_type(row.member_types[at])});
        found.push_back(std::move(type));
    }
    return found;
}

} // namespace wharf::postgres
