// Values as parameters of a statement.
#pragma once

#include "wharf/row/codec.hpp"
#include "wharf/row/operations.hpp"
#include "wharf/row/parameters.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace wharf {

/// Adds one value, NULL where it stands for that. Throws conversion_error when the database's type cannot hold it;
/// `out` is then good for nothing but clear().
template <class T>
void encode_parameter(parameters& out, const T& value) {
    static_assert(encodable<T>, "wharf: a value of this type cannot be a parameter; specialise wharf::codec<T>, or "
                                "derive it from wharf::wraps<&T::member>");
    if constexpr (encodable<T>) {
        if constexpr (nullable<T>) {
            if (codec<T>::is_null(value)) return out.add_null(codec<T>::type);
        }
        out.add(codec<T>::type, [&value](std::string& bytes) { codec<T>::encode(value, bytes); });
    }
}
inline void encode_parameter(parameters& out, const char* value) {
    if (value == nullptr) return out.add_null(type_oid::text);
    out.add_encoded(type_oid::text, value);
}
inline void encode_parameter(parameters& out, std::nullopt_t) {
    out.add_null(type_oid::unspecified);
}
inline void encode_parameter(parameters& out, std::nullptr_t) {
    out.add_null(type_oid::unspecified);
}
/// The same, for a value whose type is known only at run time.
void encode_parameter(parameters& out, const type_operations& operations, const void* value);

/// Adds all values in order.
template <class... T>
void encode_parameters(parameters& out, const T&... values) {
    (encode_parameter(out, values), ...);
}

} // namespace wharf
