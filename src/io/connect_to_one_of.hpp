#pragma once

#include "io/address.hpp"
#include "wharf/io/connect.hpp"

#include <memory>
#include <string>
#include <vector>

namespace wharf::io {

/// Tries the addresses in turn, each with its share of the time that is left. `name` and `host` are for messages: the
/// server, and what its addresses were found from. Throws connect_failed with the reason for each address; timed_out;
/// cancelled.
[[nodiscard]] op<std::unique_ptr<stream>> connect_to_one_of(std::vector<address> addresses, std::string host,
                                                            std::string name, tcp_options options);

} // namespace wharf::io
