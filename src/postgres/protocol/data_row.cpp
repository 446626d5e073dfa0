#include "postgres/protocol/data_row.hpp"

#include "postgres/protocol/body_reader.hpp"

#include <string>

namespace wharf::postgres::protocol {

void encode_data_row(outgoing_buffer& out, std::span<const std::optional<bytes_view>> cells) {
    std::uint64_t size = 2;
    for (const auto& cell : cells)
        size += 4 + (cell ? cell->size() : 0);
    body_writer body = out.begin(backend_message::data_row, size);
    body.integer(static_cast<std::uint16_t>(cells.size()));
    for (const auto& cell : cells) {
        if (cell)
            body.integer(static_cast<std::int32_t>(cell->size())).bytes(*cell);
        else
            body.integer(std::int32_t{-1});
    }
}

void throw_bad_row(std::size_t announced, std::size_t found) {
    throw_violation("DataRow",
                    "has " + std::to_string(found) + " cells where " + std::to_string(announced) + " were announced");
}

void throw_bad_cell() {
    throw_violation("DataRow", "has a cell that does not fit into it");
}

} // namespace wharf::postgres::protocol
