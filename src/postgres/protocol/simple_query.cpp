#include "postgres/protocol/simple_query.hpp"

#include "postgres/protocol/body_reader.hpp"

namespace wharf::postgres::protocol {

void encode_query(outgoing_buffer& out, std::string_view sql) {
    const std::uint64_t size = string_size(sql, "the statement");
    out.begin(frontend_message::query, size).string(sql);
}

std::string_view decode_query(bytes_view body) {
    body_reader reader("Query", body);
    const std::string_view sql = reader.string();
    reader.finish();
    return sql;
}

} // namespace wharf::postgres::protocol
