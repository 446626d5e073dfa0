#include "postgres/protocol/frame.hpp"

#include "postgres/protocol/body_reader.hpp"

#include <string>

namespace wharf::postgres::protocol {

void throw_bad_length(backend_message type, std::int32_t length, std::size_t limit) {
    const std::string why =
        length < 4 ? "has the impossible length " + std::to_string(length)
                   : "is " + std::to_string(length) + " bytes long, above the limit of " + std::to_string(limit);
    throw_violation(name_of(type), why);
}

} // namespace wharf::postgres::protocol
