// Parse, and the description of a statement's parameters. Source: PostgreSQL documentation, 55.2.3 and 55.7.
#pragma once

#include "postgres/protocol/bytes.hpp"
#include "postgres/protocol/outgoing_buffer.hpp"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace wharf::postgres::protocol {

/// The number of parameters that the protocol can count.
inline constexpr std::size_t max_parameters = 65'535;

/// Throws usage_error when `count` is above max_parameters.
void check_parameter_count(std::size_t count);

struct parse_message {
    std::string_view statement{}; ///< name to be; empty: the unnamed statement
    std::string_view sql{};
    std::span<const std::uint32_t> parameter_types{}; ///< oids; 0, or absent: the server decides
};

void encode(outgoing_buffer& out, const parse_message& message);

struct received_parse {
    std::string_view statement{};
    std::string_view sql{};
    std::vector<std::uint32_t> parameter_types{};
};
[[nodiscard]] received_parse decode_parse(bytes_view body);

/// ParameterDescription: the oid of each parameter's type.
void encode_parameter_description(outgoing_buffer& out, std::span<const std::uint32_t> types);
[[nodiscard]] std::vector<std::uint32_t> decode_parameter_description(bytes_view body);

} // namespace wharf::postgres::protocol
