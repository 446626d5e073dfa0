#include "postgres/protocol/command_complete.hpp"

#include "postgres/protocol/body_reader.hpp"

#include <charconv>

namespace wharf::postgres::protocol {

void encode_command_complete(outgoing_buffer& out, std::string_view tag) {
    const std::uint64_t size = string_size(tag, "the command tag");
    out.begin(backend_message::command_complete, size).string(tag);
}

std::string_view decode_command_complete(bytes_view body) {
    body_reader reader("CommandComplete", body);
    const std::string_view tag = reader.string();
    reader.finish();
    return tag;
}

std::uint64_t affected_rows(std::string_view tag) noexcept {
    const std::size_t space = tag.rfind(' ');
    if (space == std::string_view::npos) return 0;
    std::uint64_t rows = 0;
    const char* end = tag.data() + tag.size();
    const auto [stopped, problem] = std::from_chars(tag.data() + space + 1, end, rows);
    return problem == std::errc{} && stopped == end ? rows : 0;
}

} // namespace wharf::postgres::protocol
