// The lookup that rows 1 to 4 measure, as each client does it.
#pragma once

#include "clients.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>

namespace bench {

inline constexpr const char* lookup_sql = "SELECT id, name FROM people WHERE id = $1";
inline constexpr std::int32_t people = 100'000;

/// Which row the lookup of this number is for.
inline std::int32_t lookup_id(std::uint64_t number) {
    return static_cast<std::int32_t>(number * 7919 % people) + 1;
}

/// Adds Bind and Execute of the statement "lookup", with the key left open; returns where the key is.
inline std::size_t add_lookup(message_bytes& out) {
    message_bytes parameter;
    limit_append_int32(parameter.get(), 4);
    limit_append_int32(parameter.get(), 0);
    limit_bind(out.get(), "lookup", 1, parameter.data(), parameter.size());
    const std::size_t key_at = out.size() - 4 - 4; // in front of the result formats
    limit_execute(out.get());
    return key_at;
}

inline void set_key(message_bytes& in, std::size_t key_at, std::int32_t id) {
    const std::uint32_t wire = __builtin_bswap32(static_cast<std::uint32_t>(id));
    std::memcpy(in.data() + key_at, &wire, sizeof wire);
}

/// What libpq is given for one lookup.
class libpq_key {
public:
    explicit libpq_key(std::int32_t id) : wire_(__builtin_bswap32(static_cast<std::uint32_t>(id))) {}
    libpq_key(const libpq_key&) = delete;
    libpq_key& operator=(const libpq_key&) = delete;
    [[nodiscard]] const char* const* values() const noexcept { return &value_; }
    [[nodiscard]] const int* lengths() const noexcept { return &length_; }
    [[nodiscard]] const int* formats() const noexcept { return &format_; }

private:
    std::uint32_t wire_;
    const char* value_{reinterpret_cast<const char*>(&wire_)};
    int length_{sizeof wire_};
    int format_{1};
};

inline void read_lookup(const PGresult* found, std::int32_t id, std::string& name) {
    if (PQntuples(found) != 1 || load_big_endian<std::int32_t>(PQgetvalue(found, 0, 0)) != id)
        throw std::runtime_error("libpq: the row is missing");
    name.assign(PQgetvalue(found, 0, 1), static_cast<std::size_t>(PQgetlength(found, 0, 1)));
}

template <class Rows>
void check_lookup(const Rows& found, std::int32_t id) {
    if (found.size() != 1 || std::get<0>(found[0]) != id) throw std::runtime_error("wharf: the row is missing");
}

} // namespace bench
