// A cell of any type and content, read as any C++ type. What was accepted is written and read again: the same.
#include "input.hpp"

#include "wharf/base/error.hpp"
#include "wharf/row/codecs.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace {

using namespace wharf;

template <class T>
void decode(const cell_view& cell) {
    T value{};
    try {
        codec<T>::decode(cell, value);
    } catch (const conversion_error&) {
        return;
    }
    std::string written;
    try {
        codec<T>::encode(value, written);
    } catch (const error&) { // what cannot be written, as text with NUL
        return;
    }
    T again{};
    const fuzz::exact bytes(written);
    codec<T>::decode({codec<T>::type, wire_format::binary, false, bytes.text()}, again);
    std::string twice;
    codec<T>::encode(again, twice);
    fuzz::require(twice == written);
}

using decoded_types =
    std::tuple<bool, std::int16_t, std::int32_t, std::int64_t, std::uint64_t, float, double, std::string,
               std::vector<std::byte>, json, uuid, timestamptz, timestamp, date, unbounded<timestamptz>,
               unbounded<date>, std::vector<bool>, std::vector<std::int32_t>, std::vector<std::optional<std::int64_t>>,
               std::vector<float>, std::vector<double>, std::vector<std::string>, std::vector<uuid>,
               std::vector<std::vector<std::int32_t>>, array<std::optional<std::string>>, array<std::int16_t>, decimal,
               interval, time_of_day, timetz, inet, cidr, macaddr, macaddr8, bit_string, geometry::point,
               geometry::path, geometry::polygon, geometry::circle, range<std::int32_t>, range<decimal>,
               multirange<std::int64_t>, tid, pg_lsn, money>;

template <std::size_t... Each>
void decode_as(std::size_t which, const cell_view& cell, std::index_sequence<Each...> /*all*/) {
    static_cast<void>(((which == Each && (decode<std::tuple_element_t<Each, decoded_types>>(cell), true)) || ...));
}

constexpr std::array types{type_oid::boolean,    type_oid::bytea,        type_oid::int2,
                           type_oid::int4,       type_oid::int8,         type_oid::text,
                           type_oid::oid,        type_oid::json,         type_oid::jsonb,
                           type_oid::float4,     type_oid::float8,       type_oid::date,
                           type_oid::timestamp,  type_oid::timestamptz,  type_oid::numeric,
                           type_oid::uuid,       type_oid{1000},         type_oid::int2_array,
                           type_oid::int4_array, type_oid::int8_array,   type_oid::text_array,
                           type_oid::uuid_array, type_oid::float4_array, type_oid::float8_array,
                           type_oid{0},          type_oid{50'000},       type_oid::interval,
                           type_oid::time,       type_oid::timetz,       type_oid::inet,
                           type_oid::cidr,       type_oid::macaddr,      type_oid::macaddr8,
                           type_oid::bit,        type_oid::varbit,       type_oid::point,
                           type_oid::path,       type_oid::polygon,      type_oid::circle,
                           type_oid::int4range,  type_oid::numrange,     type_oid::int8multirange,
                           type_oid::tid,        type_oid::pg_lsn,       type_oid::money};

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::input in(data, size);
    constexpr auto count = std::tuple_size_v<decoded_types>;
    const std::size_t target = in.byte() % count;
    const std::uint8_t choice = in.byte();
    const auto format = choice >= 128 ? wire_format::text : wire_format::binary;
    const fuzz::exact content(in.rest());
    decode_as(target, {types[(choice & 127U) % types.size()], format, false, content.text()},
              std::make_index_sequence<count>());
    return 0;
}
