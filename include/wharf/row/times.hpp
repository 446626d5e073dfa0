// Codecs of dates and timestamps, in microseconds as PostgreSQL keeps them.
//
//   timestamptz   std::chrono::sys_time<microseconds>      on SQLite text: 2024-02-29 12:00:00.000000, UTC
//   timestamp     std::chrono::local_time<microseconds>    on SQLite the same, of no time zone
//   date          std::chrono::sys_days                    on SQLite text: 2024-02-29
//
// From text both "T" and a space are read, seconds and their fraction may be missing, and a time zone (Z, +02:00) may
// follow where the type has one. An infinity is an error unless read into wharf::unbounded<T>, and so is what T or the
// database cannot hold.
#pragma once

#include "wharf/row/codec.hpp"
#include "wharf/row/unbounded.hpp"

#include <chrono>

namespace wharf {

using timestamptz = std::chrono::sys_time<std::chrono::microseconds>;
using timestamp = std::chrono::local_time<std::chrono::microseconds>;
using date = std::chrono::sys_days;

namespace detail {

template <class Time, type_oid Type>
struct time_codec {
    static constexpr type_oid type = Type;
    static constexpr bool exact = true;
    static void encode(const Time& value, std::string& out);
    static void decode(const cell_view& cell, Time& out);
};

extern template struct time_codec<timestamptz, type_oid::timestamptz>;
extern template struct time_codec<timestamp, type_oid::timestamp>;
extern template struct time_codec<date, type_oid::date>;
extern template struct time_codec<unbounded<timestamptz>, type_oid::timestamptz>;
extern template struct time_codec<unbounded<timestamp>, type_oid::timestamp>;
extern template struct time_codec<unbounded<date>, type_oid::date>;

} // namespace detail

// clang-format off
template <> struct codec<timestamptz> : detail::time_codec<timestamptz, type_oid::timestamptz> {};
template <> struct codec<timestamp> : detail::time_codec<timestamp, type_oid::timestamp> {};
template <> struct codec<date> : detail::time_codec<date, type_oid::date> {};
template <> struct codec<unbounded<timestamptz>> : detail::time_codec<unbounded<timestamptz>, type_oid::timestamptz> {};
template <> struct codec<unbounded<timestamp>> : detail::time_codec<unbounded<timestamp>, type_oid::timestamp> {};
template <> struct codec<unbounded<date>> : detail::time_codec<unbounded<date>, type_oid::date> {};
// clang-format on

} // namespace wharf
