// What a database says about types that are not PostgreSQL's own: enums, domains, composites, their arrays and ranges,
// and the types of extensions. Their identifiers differ from one database to the next.
#pragma once

#include "wharf/row/type_oid.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace wharf {

/// What the values of a type are on the wire.
enum class type_form : std::uint8_t {
    unknown,     ///< wharf does not read its binary form: values come as text
    text,        ///< the binary form is the text itself: citext
    enumeration, ///< the label
    domain,      ///< as its base type
    array,
    composite,
    range,
    multirange,
    ltree,      ///< and its queries: a version in front of the text
    key_values, ///< hstore
    vector,     ///< this and the next two: of pgvector
    halfvec,
    sparsevec,
};

struct composite_member {
    std::string name{};
    type_oid type{type_oid::unspecified};
};

struct user_type {
    type_oid type{type_oid::unspecified};
    type_form form{type_form::unknown};
    /// Of the elements of an array, the base of a domain, the bounds of a range, the ranges of a multirange.
    type_oid element{type_oid::unspecified};
    std::string name{};                      ///< as SQL wants it, with its schema
    std::vector<composite_member> members{}; ///< of a composite
};

/// The types of one database that are known so far.
class user_types {
public:
    /// Adds types, or replaces what was known of them.
    void add(std::vector<user_type> more);
    /// Null: not known.
    [[nodiscard]] const user_type* find(type_oid type) const noexcept;

    /// The type as which its values are read: the base of a domain, text for citext, type_oid::hstore for the type of
    /// the extension, the array of such a type. The type itself where there is nothing simpler.
    [[nodiscard]] type_oid read_as(type_oid type) const noexcept;
    /// The type as which its values are written: the same, but arrays say of what they are and so stay what they are.
    [[nodiscard]] type_oid written_as(type_oid type) const noexcept;

private:
    [[nodiscard]] type_oid simplified(type_oid type, bool arrays, int depth) const noexcept;

    std::vector<user_type> types_{}; // in the order of their identifiers
};

} // namespace wharf
