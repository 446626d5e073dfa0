// COPY on a connection without a pool.
#pragma once

#include "wharf/connection/connection_core.hpp"
#include "wharf/connection/copy_buffer.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace wharf::postgres {

using copied_row = std::pair<std::int64_t, std::string>;

inline constexpr std::array<std::string_view, 2> columns_of_t{"id", "name"};

/// Copies `count` rows into t(id, name), a frame for every `per_frame` of them.
inline io::op<std::uint64_t> copy_into_t(connection_core& core, std::int64_t count, std::int64_t per_frame,
                                         std::span<const std::string_view> columns = columns_of_t) {
    auto what = copy_request::rows_into("t", columns);
    const auto number = co_await core.begin_copy(std::move(what));
    copy_buffer buffer;
    buffer.aim_at(*core.underlying().copying(), row_cells<copied_row>::types);
    for (std::int64_t id = 1; id <= count; ++id) {
        buffer.add(copied_row(id, "name of " + std::to_string(id)));
        if (id % per_frame != 0) continue;
        co_await core.send_copy(number, buffer.frame());
        buffer.clear();
    }
    if (!buffer.empty()) co_await core.send_copy(number, buffer.frame());
    const auto rows = co_await core.finish_copy(number);
    co_return rows;
}

/// Copies the rows of a query out; returns how many there are.
inline io::op<std::uint64_t> copy_from(connection_core& core, std::string query) {
    auto what = copy_request::rows_from(query, {});
    const auto number = co_await core.begin_copy(std::move(what));
    std::uint64_t rows = 0;
    for (bool more = true; more;) {
        const auto pieces = co_await core.receive_copy(number);
        rows += pieces.size();
        more = !pieces.empty();
    }
    co_return rows;
}

} // namespace wharf::postgres
