// Writing composite values in PostgreSQL's binary form.
// Source: PostgreSQL, src/backend/utils/adt/rowtypes.c (record_recv).
#pragma once

#include "wharf/row/codec.hpp"

#include <cstddef>
#include <string>

namespace wharf {

/// Writes the members of a composite value in their order.
class record_writer {
public:
    /// Appends to `out`, which nobody else touches while members are added.
    record_writer(std::string& out, std::size_t members);
    void add_null(type_oid type);
    /// Adds a member: `write(std::string& out)` appends its bytes.
    template <class Write>
    void add(type_oid type, Write&& write) {
        const auto start = open(type);
        write(*out_);
        close(start);
    }
    template <encodable T>
    void add_value(const T& value) {
        if constexpr (nullable<T>) {
            if (codec<T>::is_null(value)) return add_null(codec<T>::type);
        }
        add(codec<T>::type, [&value](std::string& bytes) { codec<T>::encode(value, bytes); });
    }

private:
    [[nodiscard]] std::size_t open(type_oid type);
    void close(std::size_t start);

    std::string* out_;
};

} // namespace wharf
