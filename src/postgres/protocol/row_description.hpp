// RowDescription: the columns of a result. Source: PostgreSQL documentation, 55.7.
#pragma once

#include "postgres/protocol/bytes.hpp"
#include "postgres/protocol/message_types.hpp"
#include "postgres/protocol/outgoing_buffer.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace wharf::postgres::protocol {

struct column_description {
    std::string name{};
    std::uint32_t table{0};        ///< oid of the table that the column comes from; 0: none
    std::int16_t table_column{0};  ///< its number there
    std::uint32_t type{0};         ///< oid
    std::int16_t type_size{0};     ///< negative: of variable length
    std::int32_t type_modifier{0}; ///< as in pg_attribute.atttypmod
    format_code format{format_code::text};
    friend bool operator==(const column_description&, const column_description&) = default;
};

void encode_row_description(outgoing_buffer& out, std::span<const column_description> columns);
[[nodiscard]] std::vector<column_description> decode_row_description(bytes_view body);

} // namespace wharf::postgres::protocol
